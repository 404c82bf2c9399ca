"""The control plane of the tests is a real one, its nodes behave like EKS nodes, and it leaves nothing behind."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.cluster import objects
from tests.cluster.conftest import NodeGroups
from tests.support.controlplane.client import KubeClient, KubeError
from tests.support.controlplane.controlplane import ControlPlane
from tests.support.controlplane.manifests import Manifest, has_condition
from tests.support.controlplane.node_simulator import NodeSimulator, SimulationError
from tests.support.controlplane.nodes import GROUP_LABEL
from tests.support.controlplane.processes import alive
from tests.support.polling import poll

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 60.0
FOUR_SLICES = """
version: v1
sharing:
  timeSlicing:
    failRequestsGreaterThanOne: true
    resources:
      - name: nvidia.com/gpu
        replicas: 4
"""
# Starts a control plane, says what it consists of, and lives until it is killed or its standard input closes.
OWNER = """
import json, sys
from tests.support.controlplane.controlplane import ControlPlane
with ControlPlane() as plane:
    plane.start(with_kserve=False)
    print(json.dumps({"pids": plane.pids, "endpoint": plane.endpoint, "directory": str(plane.directory)}), flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def client(control_plane: ControlPlane) -> KubeClient:
    """The administrator's client."""
    return control_plane.client


@pytest.fixture
def runtime(client: KubeClient) -> Iterator[str]:
    """A serving runtime of the test's own."""
    name = "tiny-runtime"
    client.apply(objects.serving_runtime(name, "tiny"))
    yield name
    client.delete("serving.kserve.io/v1alpha1", "ClusterServingRuntime", name)


def test_the_kubeconfig_works_for_other_programs_and_names_an_administrator(control_plane: ControlPlane) -> None:
    config = json.loads(control_plane.kubeconfig.read_text(encoding="utf-8"))
    user, cluster = config["users"][0]["user"], config["clusters"][0]["cluster"]
    assert cluster == {"server": control_plane.endpoint, "certificate-authority-data": control_plane.ca_base64}
    holder = KubeClient(cluster["server"], user["token"], control_plane.ca_file)
    review = {"spec": {"resourceAttributes": {"verb": "*", "group": "*", "resource": "*"}}}
    answer = holder.request("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)
    assert answer["status"]["allowed"] is True


def test_a_token_that_nobody_issued_is_refused(control_plane: ControlPlane) -> None:
    stranger = KubeClient(control_plane.endpoint, "made-up", control_plane.ca_file)
    with pytest.raises(KubeError) as refusal:
        stranger.get("v1", "Namespace", "default")
    assert refusal.value.status == 401


def test_a_model_service_becomes_ready_on_a_simulated_gpu_node(
    client: KubeClient, node_groups: NodeGroups, namespace: str, runtime: str
) -> None:
    node_groups.put("gpu", taints=[objects.TAINT])
    node_groups.put("system", amiType="AL2023_x86_64_STANDARD", instanceTypes=["m7i.xlarge"])
    for manifest in objects.device_plugin(namespace, "version: v1"):
        client.apply(manifest)
    client.apply(objects.inference_service("tiny", namespace, runtime, "tiny"))
    client.wait_for(
        "serving.kserve.io/v1beta1",
        "InferenceService",
        "tiny",
        lambda service: has_condition(service, "Ready"),
        namespace=namespace,
        what="Ready",
    )
    (pod,) = client.objects("v1", "Pod", namespace, label_selector="serving.kserve.io/inferenceservice=tiny")
    node = client.get("v1", "Node", pod["spec"]["nodeName"])
    assert node["metadata"]["labels"][GROUP_LABEL] == "gpu"
    (initialiser,) = pod["spec"]["initContainers"]
    assert initialiser["name"] == "storage-initializer"
    assert initialiser["args"] == ["s3://models/tiny", "/mnt/models"]
    assert client.objects("networking.k8s.io/v1", "Ingress", namespace) == []


def test_deleting_a_model_service_takes_its_deployment_and_pods_along(
    client: KubeClient, namespace: str, runtime: str
) -> None:
    client.apply(objects.inference_service("tiny", namespace, runtime, "tiny"))
    selector = "serving.kserve.io/inferenceservice=tiny"
    poll("its pod", lambda: client.objects("v1", "Pod", namespace, label_selector=selector), DEADLINE)
    client.delete("serving.kserve.io/v1beta1", "InferenceService", "tiny", namespace)
    client.wait_gone("apps/v1", "Deployment", "tiny-predictor", namespace)
    poll("no pod", lambda: not client.objects("v1", "Pod", namespace, label_selector=selector), DEADLINE)


def test_time_slicing_turns_one_gpu_into_four_and_no_more(
    client: KubeClient, node_groups: NodeGroups, namespace: str
) -> None:
    node_groups.put("gpu", taints=[objects.TAINT])
    name = wait_for_node(client, "gpu", lambda node: True)["metadata"]["name"]
    assert "nvidia.com/gpu" not in client.get("v1", "Node", name)["status"]["allocatable"]
    for manifest in objects.device_plugin(namespace, FOUR_SLICES):
        client.apply(manifest)
    wait_for_node(client, "gpu", lambda node: node["status"]["allocatable"].get("nvidia.com/gpu") == "4")
    for number in range(5):
        client.apply(objects.gpu_pod(f"user-{number}", namespace))
    poll("five pods, of which four run", lambda: phases(client, namespace) == ["Pending", *["Running"] * 4], DEADLINE)


def test_gpus_go_when_the_device_plugin_goes(client: KubeClient, node_groups: NodeGroups, namespace: str) -> None:
    node_groups.put("gpu", instanceTypes=["g6.12xlarge"])
    for manifest in objects.device_plugin(namespace, "version: v1"):
        client.apply(manifest)
    wait_for_node(client, "gpu", lambda node: node["status"]["capacity"].get("nvidia.com/gpu") == "4")
    client.delete("apps/v1", "DaemonSet", "device-plugin", namespace)
    wait_for_node(client, "gpu", lambda node: node["status"]["capacity"]["nvidia.com/gpu"] == "0")


def test_nodes_carry_the_labels_and_taints_of_their_group_and_follow_its_changes(
    client: KubeClient, node_groups: NodeGroups
) -> None:
    node_groups.put("l4", labels={"example.org/rack": "a", "example.org/old": "x"}, taints=[objects.TAINT])
    node = wait_for_node(client, "l4", lambda node: has_condition(node, "Ready"))
    labels = node["metadata"]["labels"]
    assert labels["node.kubernetes.io/instance-type"] == "g6.xlarge"
    assert labels["nvidia.com/gpu.present"] == "true"
    assert labels["example.org/rack"] == "a"
    assert {"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"} in node["spec"]["taints"]

    node_groups.put("l4", labels={"example.org/rack": "b"})
    changed = wait_for_node(client, "l4", lambda node: node["metadata"]["labels"].get("example.org/rack") == "b")
    assert changed["metadata"]["uid"] == node["metadata"]["uid"]
    assert "example.org/old" not in changed["metadata"]["labels"]
    assert [taint for taint in changed["spec"].get("taints", []) if taint["key"] == "nvidia.com/gpu"] == []


def test_a_group_that_shrinks_takes_the_pods_of_the_lost_node_along(
    client: KubeClient, node_groups: NodeGroups, namespace: str
) -> None:
    node_groups.put("general", amiType="AL2023_x86_64_STANDARD", instanceTypes=["m7i.large"])
    wait_for_node(client, "general", lambda node: has_condition(node, "Ready"))
    client.apply(objects.pod("tenant", namespace))
    client.wait_for("v1", "Pod", "tenant", lambda pod: pod["status"]["phase"] == "Running", namespace=namespace)
    node_groups.put("general", scalingConfig={"desiredSize": 0})
    client.wait_gone("v1", "Pod", "tenant", namespace)
    poll("no node", lambda: not client.objects("v1", "Node", label_selector=f"{GROUP_LABEL}=general"), DEADLINE)


def test_what_real_nodes_would_fail_on_is_raised_when_the_simulator_stops(client: KubeClient, tmp_path: Path) -> None:
    groups = NodeGroups(tmp_path)
    groups.put("strange", instanceTypes=["g9.huge"])
    simulator = NodeSimulator(client, groups.folder)
    simulator.start()
    poll("an error", lambda: simulator.errors, DEADLINE)
    with pytest.raises(
        SimulationError, match=r"^NodeGroupError: strange\.json: instanceTypes: g9\.huge is not simulated"
    ):
        simulator.stop()


def test_deleting_a_namespace_finishes_and_removes_what_is_in_it(client: KubeClient) -> None:
    client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "short-lived"}})
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "inside", "namespace": "short-lived"}}
    client.apply(config)
    client.delete("v1", "Namespace", "short-lived")
    client.wait_gone("v1", "Namespace", "short-lived", deadline=DEADLINE)
    assert client.find("v1", "ConfigMap", "inside", "short-lived") is None


def test_a_strict_dry_run_refuses_an_unknown_field_and_stores_nothing(client: KubeClient, namespace: str) -> None:
    with pytest.raises(KubeError, match=r"\.spec\.nodeSelektor: field not declared in schema"):
        client.apply(objects.pod("typo", namespace, nodeSelektor={}), dry_run=True)
    client.apply(objects.pod("right", namespace), dry_run=True)
    assert client.objects("v1", "Pod", namespace) == []


def test_a_strict_dry_run_refuses_an_unknown_field_of_a_custom_resource(
    client: KubeClient, namespace: str, runtime: str
) -> None:
    service = objects.inference_service("typo", namespace, runtime, "tiny")
    service["spec"]["predictor"]["model"]["storageUrl"] = "s3://models/tiny"
    with pytest.raises(KubeError, match="storageUrl"):
        client.apply(service, dry_run=True)


def test_kserve_refuses_a_service_that_only_its_webhook_can_judge(
    client: KubeClient, namespace: str, runtime: str
) -> None:
    service = objects.inference_service("0-starts-with-a-digit", namespace, runtime, "tiny")
    with pytest.raises(KubeError, match=r"inferenceservice\.kserve-webhook-server\.validator"):
        client.apply(service)


def test_pod_security_refuses_a_privileged_pod_in_a_restricted_namespace(client: KubeClient, namespace: str) -> None:
    level = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    client.patch("v1", "Namespace", namespace, level)
    with pytest.raises(KubeError, match='violates PodSecurity "restricted:latest"') as refusal:
        client.apply(objects.pod("open", namespace, hostNetwork=True), dry_run=True)
    assert refusal.value.status == 403


def test_a_resource_quota_refuses_the_gpu_above_it(client: KubeClient, namespace: str) -> None:
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "gpus", "namespace": namespace},
        "spec": {"hard": {"requests.nvidia.com/gpu": "1"}},
    }
    client.apply(quota)
    client.wait_for("v1", "ResourceQuota", "gpus", lambda quota: "used" in quota["status"], namespace=namespace)
    client.apply(objects.gpu_pod("first", namespace))
    with pytest.raises(KubeError, match="exceeded quota: gpus") as refusal:
        client.apply(objects.gpu_pod("second", namespace))
    assert refusal.value.status == 403


def test_a_validating_admission_policy_bites(client: KubeClient, namespace: str) -> None:
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
    policy = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "no-empty-config"},
        "spec": {
            "matchConstraints": {"resourceRules": [rule]},
            "validations": [{"expression": "has(object.data)", "message": "a ConfigMap needs data"}],
        },
    }
    selector = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    binding = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "no-empty-config"},
        "spec": {
            "policyName": "no-empty-config",
            "validationActions": ["Deny"],
            "matchResources": {"namespaceSelector": selector},
        },
    }
    empty = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "empty", "namespace": namespace}}
    client.apply(policy)
    client.apply(binding)
    try:
        # The API server learns of a policy some moments after it took it.
        poll("the policy's refusal", lambda: "needs data" in refusal_of(client, empty), DEADLINE)
    finally:
        for kind in ("ValidatingAdmissionPolicyBinding", "ValidatingAdmissionPolicy"):
            client.delete("admissionregistration.k8s.io/v1", kind, "no-empty-config")


@pytest.mark.parametrize("end", ["leaves", "is killed"])
def test_no_process_port_or_file_is_left_when_the_owner(end: str) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdin is not None
    assert owner.stdout is not None
    plane: dict[str, Any] = json.loads(owner.stdout.readline())
    assert all(alive(pid) for pid in plane["pids"].values())
    if end == "is killed":
        owner.send_signal(signal.SIGKILL)
    owner.stdin.close()
    owner.wait()
    owner.stdout.close()
    poll("end of all processes", lambda: not any(alive(pid) for pid in plane["pids"].values()), DEADLINE)
    assert not Path(plane["directory"]).exists()
    address = urlsplit(plane["endpoint"])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.hostname, address.port), timeout=5).close()


def wait_for_node(client: KubeClient, group: str, predicate: Any) -> Manifest:
    """The only node of a group, once it satisfies `predicate`."""

    def probe() -> Manifest | None:
        nodes = client.objects("v1", "Node", label_selector=f"{GROUP_LABEL}={group}")
        return nodes[0] if len(nodes) == 1 and predicate(nodes[0]) else None

    return poll(f"node of group {group}", probe, DEADLINE)


def phases(client: KubeClient, namespace: str) -> list[str]:
    """Phases of the pods named user-…, sorted."""
    pods = client.objects("v1", "Pod", namespace)
    return sorted(pod["status"]["phase"] for pod in pods if pod["metadata"]["name"].startswith("user-"))


def refusal_of(client: KubeClient, manifest: Manifest) -> str:
    """Why the API server refuses an object; nothing where it does not."""
    try:
        client.apply(manifest, dry_run=True)
    except KubeError as error:
        return error.message
    return ""
