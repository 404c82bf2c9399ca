"""Claims of GPUs on a real control plane: services get theirs, quotas bite, and a driver speaks for its own node."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from bedplate.cli.pipeline import derived
from bedplate.environment.load import load
from bedplate.graph.graph import Graph
from bedplate.graph.kubernetes import KubernetesObject, kubernetes_objects, portable_manifest
from bedplate.graph.values import Json
from tests.cluster.conftest import NodeGroups
from tests.cluster.gpu_world import DEADLINE, gpu_world
from tests.support.controlplane.client import KubeClient, KubeError
from tests.support.controlplane.controlplane import ControlPlane
from tests.support.controlplane.manifests import Manifest, has_condition
from tests.support.environments import read, replaced, repository, write
from tests.support.polling import poll

pytestmark = pytest.mark.cluster

API = "resource.k8s.io/v1"
GUARD = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ClusterRole", "ClusterRoleBinding")
SERVED = ("ServiceAccount", "ResourceQuota", "LimitRange", "ResourceClaimTemplate", "InferenceService")
EDITS: dict[str, Json] = {
    "nodePools[l4].instanceTypes": ["g6.12xlarge"],
    "nodePools[l4].size": {"min": 2, "desired": 2, "max": 2},
    "nodePools[l4].sharing": None,
    "nodePools[l4].devicePath": "dra",
    "teams[research].quota": {"gpus": 0, "devices": {"gpu.nvidia.com": 3}, "cpu": "40", "memory": "100Gi"},
    "release.resources.gpus": 2,
}


@dataclass(frozen=True)
class Place:
    """A cluster in which pods claim their GPUs, the plan of it, and the namespaces of the team and of the agents."""

    client: KubeClient
    plane: ControlPlane
    graph: Graph
    team: str
    agents: str

    def apply(self, *kinds: str) -> None:
        """Apply every object of these kinds, in their order."""
        for kind in kinds:
            for item in _of_kind(self.graph, kind):
                self.client.apply(portable_manifest(item))


@pytest.fixture
def place(control_plane: ControlPlane, node_groups: NodeGroups, namespace: str, tmp_path: Path) -> Iterator[Place]:
    root, agents, team = repository(tmp_path / "repository"), f"gpu-{uuid4().hex[:8]}", f"team-{uuid4().hex[:8]}"
    edits = {**EDITS, "gpuBaseline.namespace": agents, "teams[research].namespace": team}
    for path, value in edits.items():
        in_release = path.startswith("release.")
        file = "environments/models/qwen3-0.6b/1.0.0.yaml" if in_release else "environments/dev.yaml"
        write(root, file, replaced(read(root, file), path.removeprefix("release."), value))
    resolved = load(root, "dev")
    graph = derived(resolved)
    client = control_plane.client
    with gpu_world(client, node_groups, namespace, resolved, graph):
        made = Place(client, control_plane, graph, team, agents)
        client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": team}})
        yield made
        for kind in ("InferenceService", *GUARD):
            for item in _of_kind(graph, kind):
                client.delete(item.manifest["apiVersion"], kind, item.name, item.namespace or None)
        client.delete("v1", "Namespace", team)
        poll("the team's pods gone", lambda: not client.objects("v1", "Pod", team), DEADLINE)


def _of_kind(graph: Graph, kind: str) -> list[KubernetesObject]:
    own = [item for item in kubernetes_objects(graph) if item.resource.derived_from is None]
    return [item for item in own if item.kind == kind]


def claims(place: Place) -> list[Manifest]:
    return place.client.objects(API, "ResourceClaim", place.team)


def test_services_become_ready_with_the_gpus_that_they_claim_and_the_quota_counts_them(place: Place) -> None:
    place.apply("ClusterServingRuntime", *SERVED)
    for name in ("chat", "embeddings"):
        place.client.wait_for(
            "serving.kserve.io/v1beta1",
            "InferenceService",
            name,
            lambda service: has_condition(service, "Ready"),
            namespace=place.team,
            deadline=DEADLINE,
            what="Ready",
        )
    held = {claim["metadata"]["ownerReferences"][0]["name"].partition("-")[0]: claim for claim in claims(place)}
    counts = {name: len(claim["status"]["allocation"]["devices"]["results"]) for name, claim in held.items()}
    assert counts == {"chat": 2, "embeddings": 1}
    request = {"name": "more", "exactly": {"deviceClassName": "gpu.nvidia.com"}}
    spec: Json = {"devices": {"requests": [request]}}
    fourth = {"apiVersion": API, "kind": "ResourceClaim", "metadata": {"name": "fourth", "namespace": place.team}}
    with pytest.raises(KubeError, match="exceeded quota: team-quota") as refusal:
        place.client.apply({**fourth, "spec": spec})
    assert refusal.value.status == 403


def test_derived_pods_are_those_that_kserve_makes_with_their_claims(place: Place) -> None:
    place.apply("ClusterServingRuntime", *SERVED)
    selector = "serving.kserve.io/inferenceservice=chat"
    found = poll("a pod", lambda: place.client.objects("v1", "Pod", place.team, label_selector=selector), DEADLINE)
    (planned,) = [
        item
        for item in kubernetes_objects(place.graph)
        if item.kind == "Pod" and item.name.startswith("chat-predictor")
    ]
    spec = found[0]["spec"]
    wanted = portable_manifest(planned)["spec"]
    assert spec["resourceClaims"] == wanted["resourceClaims"]
    (container,) = [each for each in spec["containers"] if each["name"] == "kserve-container"]
    (derived_one,) = [each for each in wanted["containers"] if each["name"] == "kserve-container"]
    assert container["resources"]["claims"] == derived_one["resources"]["claims"] == [{"name": "gpus"}]


def test_a_driver_may_speak_for_its_own_node_and_for_no_other(place: Place) -> None:
    place.apply("ClusterRole", "ClusterRoleBinding", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
    pods = place.client.objects("v1", "Pod", place.agents, label_selector="app.kubernetes.io/name=dra-driver")
    first, second = sorted(pods, key=lambda pod: str(pod["spec"]["nodeName"]))
    driver = KubeClient(place.plane.endpoint, token_of(place, first), place.plane.ca_file)
    own = slice_for(first["spec"]["nodeName"])
    # The API server learns of a policy some moments after it took it.
    poll("the policy's refusal", lambda: "own node only" in refusal_of(driver, slice_for(second)), DEADLINE)
    assert refusal_of(driver, own) == ""


def slice_for(where: Manifest | str) -> Manifest:
    """A slice without devices for a node, or for the node of a pod."""
    node = where if isinstance(where, str) else where["spec"]["nodeName"]
    spec: Json = {
        "driver": "gpu.nvidia.com",
        "nodeName": node,
        "pool": {"name": f"{node}-more", "generation": 1, "resourceSliceCount": 1},
        "devices": [],
    }
    return {"apiVersion": API, "kind": "ResourceSlice", "metadata": {"name": f"{node}-more"}, "spec": spec}


def token_of(place: Place, pod: Manifest) -> str:
    """The token that the kubelet would give to `pod`."""
    bound = {"apiVersion": "v1", "kind": "Pod", "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"]}
    request = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"boundObjectRef": bound, "expirationSeconds": 3600},
    }
    path = f"/api/v1/namespaces/{place.agents}/serviceaccounts/dra-driver/token"
    token: str = place.client.request("POST", path, request)["status"]["token"]
    return token


def refusal_of(client: KubeClient, manifest: Manifest) -> str:
    """Why the API server refuses to create an object; nothing where it would."""
    path = "/apis/resource.k8s.io/v1/resourceslices"
    try:
        client.request("POST", path, manifest, query={"dryRun": "All"})
    except KubeError as error:
        return error.message
    return ""
