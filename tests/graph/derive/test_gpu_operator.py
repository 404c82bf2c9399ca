"""What the GPU Operator starts on which nodes, from the objects that it reads."""

from __future__ import annotations

import pytest

from bedplate.graph.derive.gpu_operator import GIVEN, NAMESPACE, derive_operands
from bedplate.graph.derive.results import DerivedPod, Underivable
from bedplate.graph.derive.scheduling import NodeShape
from bedplate.graph.values import Json

FEATURE = "feature.node.kubernetes.io/"


def node(name: str, os: str, version: str, kernel: str = "6.8.0-86-generic", **labels: str) -> NodeShape:
    return NodeShape(
        name,
        {
            "bedplate.dev/pool": name,
            "nvidia.com/gpu.present": "true",
            f"{FEATURE}kernel-version.full": kernel,
            f"{FEATURE}system-os_release.ID": os,
            f"{FEATURE}system-os_release.VERSION_ID": version,
            **GIVEN,
            **labels,
        },
        ({"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"},),
    )


def driver(**spec: Json) -> Json:
    return {
        "apiVersion": "nvidia.com/v1alpha1",
        "kind": "NVIDIADriver",
        "metadata": {"name": "d", "annotations": {NAMESPACE: "gpu-system"}},
        "spec": {"image": "nvcr.io/nvidia/driver:580.178.04", "manager": {"image": "m:1"}, **spec},
    }


def started(manifest: Json, *nodes: NodeShape) -> dict[str, tuple[str, ...]]:
    """Images of the pods that are derived, by pool."""
    pods = [item for item in derive_operands(manifest, nodes) if isinstance(item, DerivedPod)]
    return {pod.node: tuple(each["image"] for each in pod.manifest["spec"]["containers"]) for pod in pods}


@pytest.mark.parametrize(
    ("shape", "precompiled", "tag"),
    [
        (node("a", "ubuntu", "24.04"), False, "580.178.04-ubuntu24.04"),
        (node("a", "ubuntu", "24.04"), True, "580.178.04-6.8.0-86-generic-ubuntu24.04"),
        (node("a", "rhel", "9.6"), False, "580.178.04-rhel9"),
    ],
)
def test_the_nodes_system_ends_the_tag_of_the_drivers_image(shape: NodeShape, precompiled: bool, tag: str) -> None:
    assert started(driver(usePrecompiled=precompiled), shape) == {"a": (f"nvcr.io/nvidia/driver:{tag}",)}


def test_an_image_with_a_digest_is_taken_as_it_is() -> None:
    image = "nvcr.io/nvidia/driver:580.178.04-ubuntu24.04@sha256:" + "1" * 64
    assert started(driver(image=image), node("a", "ubuntu", "24.04")) == {"a": (image,)}


@pytest.mark.parametrize(
    ("version", "image"), [("580.1", "r/n:580.1-ubuntu24.04"), ("sha256:" + "1" * 64, "r/n@sha256:" + "1" * 64)]
)
def test_an_image_in_three_parts_is_put_together(version: str, image: str) -> None:
    spec = driver(repository="r", image="n", version=version)
    assert started(spec, node("a", "ubuntu", "24.04")) == {"a": (image,)}


def test_a_driver_goes_onto_the_nodes_that_it_selects_and_the_operator_does_not_leave_alone() -> None:
    chosen = node("a", "ubuntu", "24.04")
    other = node("b", "ubuntu", "24.04")
    alone = NodeShape("c", {key: value for key, value in chosen.labels.items() if key not in GIVEN}, chosen.taints)
    assert list(started(driver(nodeSelector={"bedplate.dev/pool": "a"}), chosen, other, alone)) == ["a"]


def test_toolkit_and_validator_run_where_the_operator_says_so() -> None:
    policy: dict[str, Json] = {
        "apiVersion": "nvidia.com/v1",
        "kind": "ClusterPolicy",
        "metadata": {"name": "p", "annotations": {NAMESPACE: "gpu-system"}},
        "spec": {"daemonsets": {}, "toolkit": {"image": "t:1"}, "validator": {"image": "v:1"}},
    }
    pods = list(derive_operands(policy, [node("a", "ubuntu", "24.04")]))
    assert [pod.manifest["metadata"]["name"] for pod in pods if isinstance(pod, DerivedPod)] == [
        "nvidia-container-toolkit-*",
        "nvidia-operator-validator-*",
    ]
    policy["spec"] = {**policy["spec"], "toolkit": {"enabled": False, "image": "t:1"}}
    assert len(list(derive_operands(policy, [node("a", "ubuntu", "24.04")]))) == 1


def test_settings_of_an_operator_in_an_unknown_namespace_cannot_be_derived() -> None:
    manifest = driver()
    del manifest["metadata"]["annotations"]
    (found,) = derive_operands(manifest, [])
    assert isinstance(found, Underivable)
    assert found.subject == "NVIDIADriver d"
