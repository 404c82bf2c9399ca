"""A real API server takes every object that the components write, and the admission policy does what it says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bedplate.graph.kubernetes import as_object, portable_manifest
from components.guardrails.admission import image_variables
from components.guardrails.component import REGISTRY_POLICY
from tests.components.platform_program import record_platform
from tests.support.controlplane.client import KubeClient, KubeError
from tests.support.controlplane.controlplane import ControlPlane
from tests.support.polling import poll

pytestmark = pytest.mark.cluster

DEADLINE = 60.0
ADMISSION = "admissionregistration.k8s.io/v1"
ALLOWED_IMAGE = "docker.io/vllm/vllm-openai:v1"
OTHER_IMAGE = "docker.io/somebody/vllm-openai:v1"
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "runAsUser": 2000,
    "seccompProfile": {"type": "RuntimeDefault"},
}


@pytest.fixture(scope="module")
def client() -> Iterator[KubeClient]:
    """Client of a control plane that holds all objects of the program, applied in the order of creation."""
    with ControlPlane() as plane:
        plane.start()
        for resource in record_platform().creation_order:
            if resource.is_kubernetes:
                plane.client.apply(portable_manifest(as_object(resource)))
        poll("the policy denies", lambda: refusal(plane.client, pod("probe", OTHER_IMAGE)), DEADLINE)
        yield plane.client


def pod(name: str, image: str, **changes: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "research", **changes.pop("metadata", {})},
        "spec": {"containers": [container("main", image)], "automountServiceAccountToken": False, **changes},
    }


def container(name: str, image: str) -> dict[str, Any]:
    return {"name": name, "image": image, "securityContext": RESTRICTED}


def refusal(client: KubeClient, manifest: dict[str, Any]) -> str | None:
    """Why the API server would not take `manifest`; None where it would."""
    try:
        client.apply(manifest, dry_run=True)
    except KubeError as error:
        return str(error)
    return None


def test_kserve_makes_a_deployment_of_every_model_service(client: KubeClient) -> None:
    def deployments() -> list[str] | None:
        found = sorted(item["metadata"]["name"] for item in client.objects("apps/v1", "Deployment", "research"))
        return found if len(found) == 2 else None

    assert poll("both deployments", deployments, DEADLINE) == ["chat-predictor", "embeddings-predictor"]


def test_pods_of_the_models_are_admitted_at_the_restricted_level(client: KubeClient) -> None:
    def initialised() -> list[Any] | None:
        found = client.objects("v1", "Pod", "research", label_selector="serving.kserve.io/inferenceservice")
        return found if len(found) == 2 else None

    for found in poll("a pod of each model", initialised, DEADLINE):
        assert [item["name"] for item in found["spec"]["initContainers"]] == ["storage-initializer"]


def test_the_expressions_of_the_policy_fit_the_types_of_a_pod(client: KubeClient) -> None:
    def checked() -> dict[str, Any] | None:
        status: dict[str, Any] = client.get(ADMISSION, "ValidatingAdmissionPolicy", REGISTRY_POLICY).get("status", {})
        return status if "typeChecking" in status else None

    assert poll("types are checked", checked, DEADLINE)["typeChecking"] == {}


def test_an_image_of_an_allowed_registry_is_admitted(client: KubeClient) -> None:
    assert refusal(client, pod("allowed", ALLOWED_IMAGE)) is None


def test_another_image_is_refused_by_name_with_what_is_allowed(client: KubeClient) -> None:
    message = refusal(client, pod("other", OTHER_IMAGE))
    assert message is not None
    assert f"no allowed registry holds {OTHER_IMAGE}; this namespace may use images below docker.io/vllm/, " in message


def test_init_containers_are_held_to_the_same_list(client: KubeClient) -> None:
    message = refusal(client, pod("init", ALLOWED_IMAGE, initContainers=[container("first", OTHER_IMAGE)]))
    assert message is not None
    assert f"no allowed registry holds {OTHER_IMAGE};" in message


def test_a_debug_container_cannot_bring_in_another_image(client: KubeClient) -> None:
    client.apply(pod("debugged", ALLOWED_IMAGE))

    def attach(image: str) -> None:
        change = {"spec": {"ephemeralContainers": [container("debug", image)]}}
        client.patch("v1", "Pod", "debugged", change, namespace="research", subresource="ephemeralcontainers")

    with pytest.raises(KubeError, match=f"no allowed registry holds {OTHER_IMAGE}"):
        attach(OTHER_IMAGE)
    attach(ALLOWED_IMAGE)


def test_a_running_pod_cannot_change_to_another_image(client: KubeClient) -> None:
    client.apply(pod("changing", ALLOWED_IMAGE))
    message = refusal(client, pod("changing", OTHER_IMAGE))
    assert message is not None
    assert "no allowed registry holds" in message


def test_other_namespaces_are_none_of_the_policys_business(client: KubeClient) -> None:
    elsewhere = pod("elsewhere", OTHER_IMAGE, metadata={"namespace": "default"})
    assert refusal(client, elsewhere) is None


def test_a_shorter_list_does_not_lock_pods_that_already_run(client: KubeClient) -> None:
    client.apply(pod("older", ALLOWED_IMAGE))
    policy = client.get(ADMISSION, "ValidatingAdmissionPolicy", REGISTRY_POLICY)
    allowed = policy["spec"]["variables"]
    shorter = [
        {"name": name, "expression": expression} for name, expression in image_variables(["registry.example/"]).items()
    ]
    client.patch(ADMISSION, "ValidatingAdmissionPolicy", REGISTRY_POLICY, {"spec": {"variables": shorter}})
    try:
        poll("the shorter list holds", lambda: refusal(client, pod("newer", ALLOWED_IMAGE)), DEADLINE)
        assert refusal(client, pod("older", ALLOWED_IMAGE, metadata={"labels": {"seen": "yes"}})) is None
    finally:
        client.patch(ADMISSION, "ValidatingAdmissionPolicy", REGISTRY_POLICY, {"spec": {"variables": allowed}})
        poll("the list is back", lambda: refusal(client, pod("newer", ALLOWED_IMAGE)) is None or None, DEADLINE)
