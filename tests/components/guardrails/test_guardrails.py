"""Guardrails close team namespaces and open the named ways out."""

from __future__ import annotations

from typing import Any

import pytest

from bedplate.graph.graph import Graph
from components.base import NamespaceHandle
from components.guardrails.component import REGISTRY_POLICY, Guardrails
from components.guardrails.spec import GuardrailsSpec
from components.tenancy.component import TeamNamespace
from components.tenancy.spec import TeamSpec
from tests.components.recording import Stage, manifest, names, namespaces_before_objects, one, record_on_stage

HUB: dict[str, Any] = {"name": "model-hub", "cidr": "0.0.0.0/0", "exceptCidrs": ["10.0.0.0/8"], "ports": [443]}
SPEC: dict[str, Any] = {"registries": ["docker.io/vllm/", "kserve/"], "egress": [HUB]}

POLICY_TYPE = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy"


def record_guardrails(
    changes: dict[str, Any] | None = None, *, metrics_namespace: str | None = None, pod_identity: bool = True
) -> Graph:
    spec = GuardrailsSpec.model_validate(SPEC | (changes or {}))
    quota = {"gpus": 1, "cpu": "1", "memory": "1Gi"}
    research = TeamSpec.model_validate({"name": "research", "namespace": "research", "costCentre": "c", "quota": quota})

    def program(stage: Stage) -> None:
        team = TeamNamespace(
            "research", research, pod_security="restricted", kubernetes_version="1.35", opts=stage.opts
        ).handle
        physics = NamespaceHandle(name="physics")
        Guardrails(
            "guardrails",
            spec,
            teams=(team, physics),
            pod_identity=pod_identity,
            metrics_namespace=metrics_namespace,
            opts=stage.opts,
        )

    return record_on_stage(program)


def network_policy(graph: Graph, name: str) -> dict[str, Any]:
    spec: dict[str, Any] = manifest(graph, "NetworkPolicy", name, "research")["spec"]
    return spec


def egress_of(flow: dict[str, Any]) -> dict[str, Any]:
    (rule,) = network_policy(record_guardrails({"egress": [flow]}), f"egress-to-{flow['name']}")["egress"]
    assert isinstance(rule, dict)
    return rule


def test_a_team_namespace_is_closed_in_both_directions() -> None:
    denied = network_policy(record_guardrails(), "default-deny")
    assert denied == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_all_teams_get_the_same_policies() -> None:
    graph = record_guardrails()
    for team in ("research", "physics"):
        for policy in ("default-deny", "egress-dns", "egress-pod-identity", "egress-to-model-hub"):
            manifest(graph, "NetworkPolicy", policy, team)
    assert len(names(graph, "NetworkPolicy")) == 8


def test_names_are_resolved_by_coredns_over_udp_and_tcp() -> None:
    assert network_policy(record_guardrails(), "egress-dns")["egress"] == [
        {
            "to": [
                {
                    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
                    "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
                }
            ],
            "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}],
        }
    ]


def test_where_nodes_have_no_pod_identity_agent_nothing_is_opened_for_one() -> None:
    assert "egress-pod-identity" not in names(record_guardrails(pod_identity=False), "NetworkPolicy")


def test_pods_reach_the_pod_identity_agent_of_their_node() -> None:
    assert network_policy(record_guardrails(), "egress-pod-identity")["egress"] == [
        {"to": [{"ipBlock": {"cidr": "169.254.170.23/32"}}], "ports": [{"port": 80, "protocol": "TCP"}]}
    ]


def test_a_named_flow_opens_its_range_and_ports() -> None:
    flow = {"name": "db", "cidr": "10.1.0.0/16", "exceptCidrs": ["10.1.9.0/24"], "ports": [5432, 5433]}
    assert egress_of(flow) == {
        "to": [{"ipBlock": {"cidr": "10.1.0.0/16", "except": ["10.1.9.0/24"]}}],
        "ports": [{"port": 5432, "protocol": "TCP"}, {"port": 5433, "protocol": "TCP"}],
    }


def test_a_flow_to_everywhere_still_keeps_the_metadata_service_closed() -> None:
    (peer,) = egress_of(HUB)["to"]
    assert peer["ipBlock"]["except"] == ["10.0.0.0/8", "169.254.0.0/16"]


def test_an_exception_that_covers_the_metadata_service_is_not_said_twice() -> None:
    (peer,) = egress_of(HUB | {"exceptCidrs": ["169.0.0.0/8"]})["to"]
    assert peer["ipBlock"]["except"] == ["169.0.0.0/8"]


def test_a_flow_without_exceptions_has_none() -> None:
    (peer,) = egress_of({"name": "db", "cidr": "10.1.0.0/16", "ports": [5432]})["to"]
    assert peer == {"ipBlock": {"cidr": "10.1.0.0/16"}}


def test_the_collector_of_metrics_may_reach_every_pod() -> None:
    graph = record_guardrails(metrics_namespace="monitoring")
    assert network_policy(graph, "ingress-metrics") == {
        "podSelector": {},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]}],
    }


def test_without_a_collector_nothing_is_let_in() -> None:
    assert "ingress-metrics" not in names(record_guardrails(), "NetworkPolicy")


def test_images_are_judged_when_pods_are_made_or_get_new_containers() -> None:
    policy = manifest(record_guardrails(), "ValidatingAdmissionPolicy", REGISTRY_POLICY)["spec"]
    (rule,) = policy["matchConstraints"]["resourceRules"]
    assert rule["operations"] == ["CREATE", "UPDATE"]
    assert rule["resources"] == ["pods", "pods/ephemeralcontainers"]
    assert policy["failurePolicy"] == "Fail"


def test_the_binding_denies_in_namespaces_of_teams_alone() -> None:
    binding = manifest(record_guardrails(), "ValidatingAdmissionPolicyBinding", REGISTRY_POLICY)["spec"]
    assert binding["policyName"] == REGISTRY_POLICY
    assert binding["validationActions"] == ["Deny"]
    assert binding["matchResources"]["namespaceSelector"] == {
        "matchExpressions": [{"key": "bedplate.dev/team", "operator": "Exists"}]
    }


def test_prefixes_reach_the_policy_as_a_list_of_texts() -> None:
    policy = manifest(
        record_guardrails({"registries": ["ghcr.io:443/odd/", "kserve/"]}), "ValidatingAdmissionPolicy", REGISTRY_POLICY
    )
    variables = {item["name"]: item["expression"] for item in policy["spec"]["variables"]}
    assert variables["prefixes"] == '["ghcr.io:443/odd/", "kserve/"]'


def test_network_policies_wait_for_their_namespace_and_the_binding_for_its_policy() -> None:
    graph = record_guardrails()
    namespaces_before_objects(graph)
    assert one(graph, POLICY_TYPE).urn in one(graph, f"{POLICY_TYPE}Binding").dependencies


@pytest.mark.parametrize(
    "change",
    [
        {"registries": ["docker.io/vllm/"]},
        {"egress": []},
        {"egress": [HUB | {"name": "hub"}]},
        {"egress": [HUB | {"cidr": "1.0.0.0/8", "exceptCidrs": []}]},
        {"egress": [HUB | {"exceptCidrs": ["11.0.0.0/8"]}]},
        {"egress": [HUB | {"ports": [8443]}]},
    ],
    ids=str,
)
def test_every_field_that_guardrails_read_changes_the_graph(change: dict[str, Any]) -> None:
    assert record_guardrails(change).to_json() != record_guardrails().to_json()


def test_pods_of_a_team_wait_for_its_own_policies_and_for_admission_and_not_for_other_teams() -> None:
    waits: dict[str, list[str]] = {}

    def program(stage: Stage) -> None:
        teams = [NamespaceHandle(name=name) for name in ("research", "physics")]
        made = Guardrails(
            "guardrails", GuardrailsSpec.model_validate(SPEC), teams=teams, pod_identity=True, opts=stage.opts
        )
        for namespace, resources in made.ready.items():
            waits[namespace] = [resource.pulumi_resource_name for resource in resources]

    record_on_stage(program)
    policies = ("default-deny", "egress-dns", "egress-pod-identity", "egress-to-model-hub")
    admission = ["guardrails-image-registries", "guardrails-image-registries-binding"]
    assert waits == {team: [*(f"guardrails-{team}-{each}" for each in policies), *admission] for team in waits}
    assert waits.keys() == {"research", "physics"}
