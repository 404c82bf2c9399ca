"""A team's namespace holds the team to its spec."""

from __future__ import annotations

from typing import Any

import pytest

from bedplate.graph.graph import Graph
from components.tenancy.component import TeamNamespace
from components.tenancy.spec import TeamSpec
from tests.components.recording import (
    Stage,
    manifest,
    names,
    namespaces_before_objects,
    one,
    record_on_stage,
)

RESEARCH: dict[str, Any] = {
    "name": "research",
    "namespace": "research-ns",
    "costCentre": "cc-4711",
    "quota": {"gpus": 4, "cpu": "8", "memory": "32Gi", "pods": 20},
    "members": [{"group": "research-scientists", "role": "edit"}],
}


def record_team(
    changes: dict[str, Any] | None = None, *, pod_security: str = "restricted", offered: tuple[str, ...] = ()
) -> Graph:
    spec = TeamSpec.model_validate(RESEARCH | (changes or {}))

    def program(stage: Stage) -> None:
        TeamNamespace(
            "research",
            spec,
            pod_security=pod_security,
            kubernetes_version="1.35",
            offered=offered,
            opts=stage.opts,
        )

    return record_on_stage(program)


def test_the_namespace_enforces_pod_security_by_the_rules_of_the_clusters_version() -> None:
    labels = manifest(record_team(), "Namespace", "research-ns")["metadata"]["labels"]
    for mode in ("audit", "enforce", "warn"):
        assert labels[f"pod-security.kubernetes.io/{mode}"] == "restricted"
        assert labels[f"pod-security.kubernetes.io/{mode}-version"] == "v1.35"


def test_another_level_is_enforced_where_the_guardrails_ask_for_it() -> None:
    labels = manifest(record_team(pod_security="baseline"), "Namespace", "research-ns")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "baseline"


def test_the_namespace_names_its_team_and_cost_centre() -> None:
    metadata = manifest(record_team(), "Namespace", "research-ns")["metadata"]
    assert metadata["labels"]["bedplate.dev/team"] == "research"
    assert metadata["annotations"] == {"bedplate.dev/cost-centre": "cc-4711"}
    owned = manifest(record_team({"owners": ["@x/a", "b@x.org"]}), "Namespace", "research-ns")["metadata"]
    assert owned["annotations"]["bedplate.dev/owners"] == "@x/a b@x.org"


def test_the_quota_bounds_requests_and_pods() -> None:
    quota = manifest(record_team(), "ResourceQuota", "team-quota", "research-ns")
    assert quota["spec"]["hard"] == {
        "pods": "20",
        "requests.cpu": "8",
        "requests.memory": "32Gi",
        "requests.nvidia.com/gpu": "4",
    }


def test_what_pools_offer_beside_gpus_is_closed_to_a_team_without_a_quota_of_it() -> None:
    quota = {**RESEARCH["quota"], "mig": {"3g.40gb": 2}, "devices": {"gpu.nvidia.com": 1}}
    instances = ("requests.nvidia.com/mig-1g.10gb", "requests.nvidia.com/mig-3g.40gb")
    claims = [f"{name}.deviceclass.resource.k8s.io/devices" for name in ("gpu.nvidia.com", "mig-1g.10gb.bedplate.dev")]
    graph = record_team({"quota": quota}, offered=(*instances, *claims))
    hard = manifest(graph, "ResourceQuota", "team-quota", "research-ns")["spec"]["hard"]
    assert [hard[name] for name in (*instances, *claims)] == ["0", "2", "1", "0"]


def test_a_container_that_says_nothing_gets_requests_so_that_the_quota_can_count_it() -> None:
    (limits,) = manifest(record_team(), "LimitRange", "team-defaults", "research-ns")["spec"]["limits"]
    assert limits["type"] == "Container"
    assert set(limits["defaultRequest"]) == {"cpu", "memory"}
    assert set(limits["default"]) == {"memory"}


def test_members_get_the_builtin_role_in_this_namespace_only() -> None:
    graph = record_team()
    binding = manifest(graph, "RoleBinding", "research-scientists-edit", "research-ns")
    assert binding["roleRef"] == {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"}
    assert binding["subjects"] == [
        {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "research-scientists"}
    ]
    assert names(graph, "ClusterRoleBinding") == []


def test_groups_that_differ_only_in_signs_get_bindings_of_their_own() -> None:
    members = [{"group": "Corp/AI", "role": "view"}, {"group": "corp:ai", "role": "view"}]
    bindings = names(record_team({"members": members}), "RoleBinding")
    assert len(set(bindings)) == 2
    assert all(name.startswith("corp-ai-") and name.endswith("-view") for name in bindings)


def test_every_object_waits_for_the_namespace() -> None:
    namespaces_before_objects(record_team())


def test_objects_answer_to_the_teams_entry_and_belong_to_the_team() -> None:
    quota = one(record_team(), "kubernetes:core/v1:ResourceQuota")
    assert (quota.layer, quota.entry, quota.team) == ("platform", "teams[research]", "research")


@pytest.mark.parametrize(
    "change",
    [
        {"name": "physics"},
        {"namespace": "other"},
        {"costCentre": "cc-1"},
        {"quota": RESEARCH["quota"] | {"gpus": 5}},
        {"quota": RESEARCH["quota"] | {"cpu": "9"}},
        {"quota": RESEARCH["quota"] | {"memory": "33Gi"}},
        {"quota": RESEARCH["quota"] | {"pods": 21}},
        {"members": [{"group": "others", "role": "edit"}]},
        {"members": [{"group": "research-scientists", "role": "view"}]},
    ],
    ids=str,
)
def test_every_field_of_the_spec_changes_the_graph(change: dict[str, Any]) -> None:
    assert record_team(change).to_json() != record_team().to_json()
