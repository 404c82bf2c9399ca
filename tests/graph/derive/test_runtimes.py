"""Which runtime a name means, and which image its container takes."""

from __future__ import annotations

import pytest

from bedplate.graph.derive.kserve_runtimes import image_of, runtimes_for
from bedplate.graph.values import Json
from tests.graph.derive.services import runtime

DIGEST = "@sha256:0000000000000000000000000000000000000000000000000000000000000001"
GPU = {"limits": {"nvidia.com/gpu": "1"}}
MIG = {"limits": {"nvidia.com/mig-1g.10gb": "1"}}


def test_a_runtime_of_the_namespace_hides_one_of_the_cluster_with_its_name() -> None:
    local, other = runtime(kind="ServingRuntime"), runtime("beyond", kind="ServingRuntime")
    local["metadata"]["namespace"], other["metadata"]["namespace"] = "team-a", "team-b"
    found = runtimes_for("team-a", [local, other, runtime(), runtime("shared")])
    assert {name: manifest["kind"] for name, manifest in found.items()} == {
        "vllm": "ServingRuntime",
        "shared": "ClusterServingRuntime",
    }


@pytest.mark.parametrize(
    ("image", "version", "server", "resources", "expected"),
    [
        (f"vllm{DIGEST}", "2", "vllmserver", {}, f"vllm{DIGEST}"),
        ("vllm:1", "2", "", {}, "vllm:2"),
        ("registry:5000/vllm", "2", "", {}, "registry:5000/vllm:2"),
        ("vllm:1", None, "", {}, "vllm:1"),
        ("vllm:1", None, "vllmserver", {}, "vllm-cpu:1"),
        ("vllm-cpu:1", None, "vllmserver", {}, "vllm-cpu:1"),
        ("vllm:1", None, "vllmserver", GPU, "vllm:1"),
        ("vllm", None, "vllmserver", {}, "vllm"),
        ("server:1", None, "huggingfaceserver", GPU, "server:1-gpu"),
        ("server:1", None, "huggingfaceserver", MIG, "server:1-gpu"),
        ("server:1-gpu", None, "huggingfaceserver", GPU, "server:1-gpu"),
        ("server:1", None, "huggingfaceserver", {}, "server:1"),
    ],
)
def test_the_image_follows_version_gpu_and_server_type_unless_pinned_by_digest(
    image: str, version: str | None, server: str, resources: Json, expected: str
) -> None:
    stated = runtime()
    stated["metadata"]["annotations"] = {"serving.kserve.io/server-type": server}
    container = {"image": image, "resources": resources}
    assert image_of(container, {"runtimeVersion": version}, stated) == expected


def test_kserves_own_runtimes_are_known_by_their_names() -> None:
    assert image_of({"image": "vllm:1"}, {}, runtime("kserve-vllmserver")) == "vllm-cpu:1"
