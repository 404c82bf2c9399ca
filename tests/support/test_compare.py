"""The comparison of derived with real objects: it sees every difference, and lets pass only what is listed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bedplate.graph.values import UNKNOWN, Json
from tests.support.compare import ABSENT, AllowedDifferences, Rule, differences

LIST = Path(__file__).parents[1] / "graph/derive/allowed_differences.yaml"
NOTHING = AllowedDifferences(())


def pod(*containers: Json, **spec: Json) -> Json:
    """A pod of these containers."""
    return {"kind": "Pod", "metadata": {"name": "web-*"}, "spec": {"containers": list(containers), **spec}}


def allowing(path: str, real: Json = ABSENT, *kinds: str) -> AllowedDifferences:
    """One rule."""
    return AllowedDifferences((Rule(path, "for the test", frozenset(kinds), real),))


@pytest.mark.parametrize(
    ("derived", "real", "found"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, ["a: derived 1, real 2"]),
        ({"a": 1}, {}, ["a: derived 1, real nothing"]),
        ({}, {"x.y/z": {"b": 1}}, ['[x.y/z]: derived nothing, real {"b": 1}']),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}, ['a: derived ["x", "y"], real ["y", "x"]']),
        ({"a": [{"name": "x", "v": 1}]}, {"a": [{"name": "x", "v": 2}]}, ["a[x].v: derived 1, real 2"]),
        (
            {"a": [{"name": "x"}, {"name": "y"}]},
            {"a": [{"name": "y"}, {"name": "z"}, {"name": "x"}]},
            ['a.order: derived ["x", "y"], real ["y", "x"]', 'a[z]: derived nothing, real {"name": "z"}'],
        ),
        (
            {"a": [{"k": 1}]},
            {"a": [{"k": 2}]},
            ['a[{"k": 1}]: derived {"k": 1}, real nothing', 'a[{"k": 2}]: derived nothing, real {"k": 2}'],
        ),
    ],
)
def test_every_difference_is_named_by_path_with_both_values(derived: Json, real: Json, found: list[str]) -> None:
    assert differences(derived, real, NOTHING) == found


def test_a_name_left_to_the_cluster_and_an_unknown_value_match_what_is_there() -> None:
    derived = {"name": "web-*", "data": dict(UNKNOWN)}
    assert differences(derived, {"name": "web-7d4b9-x2x", "data": {"a": "b"}}, NOTHING) == []
    assert differences(derived, {"name": "api-1"}, NOTHING) == [
        'data: derived {"$unknown": true}, real nothing',
        'name: derived "web-*", real "api-1"',
    ]


def test_a_rule_covers_the_fields_its_path_names_in_the_pod_spec_of_any_kind() -> None:
    probe = allowing("{pod}.containers[*].*Probe.periodSeconds", 10)
    one, other = {"name": "c", "livenessProbe": {}}, {"name": "c", "livenessProbe": {"periodSeconds": 10}}
    assert differences(pod(one), pod(other), probe) == []
    derived, real = ({"kind": "Deployment", "spec": {"template": pod(each)}} for each in (one, other))
    assert differences(derived, real, probe) == []


def test_a_rule_covers_neither_another_value_nor_another_kind_nor_a_value_that_was_derived() -> None:
    derived, real = {"kind": "Pod", "spec": {}}, {"kind": "Pod", "spec": {"priority": 5}}
    assert differences(derived, real, allowing("spec.priority", 5, "Pod")) == []
    assert differences(derived, real, allowing("spec.priority", 0, "Pod")) != []
    assert differences(derived, real, allowing("spec.priority", 5, "Deployment")) != []
    assert differences({"kind": "Pod", "spec": {"priority": 1}}, real, allowing("spec.priority")) != []


def test_the_published_list_gives_a_reason_for_every_difference_and_lists_none_twice() -> None:
    rules = yaml.safe_load(LIST.read_text(encoding="utf-8"))
    assert all(rule["reason"] for rule in rules)
    keys = [(rule["path"], tuple(rule.get("kinds", ()))) for rule in rules]
    assert len(set(keys)) == len(keys)


def test_the_published_list_lets_pass_what_admission_adds_to_a_pod() -> None:
    derived = pod(
        {"name": "c", "volumeMounts": [{"name": "model", "mountPath": "/mnt/models"}]}, tolerations=[{"key": "gpu"}]
    )
    mounts = [{"name": "kube-api-access-x7", "mountPath": "/token"}, {"name": "model", "mountPath": "/mnt/models"}]
    waits = {"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
    added = [{"key": f"node.kubernetes.io/{state}", **waits} for state in ("not-ready", "unreachable")]
    real = pod(
        {"name": "c", "volumeMounts": mounts}, tolerations=[{"key": "gpu"}, *added], nodeName="node-1", priority=0
    )
    real["metadata"] = {"name": "web-1-2", "uid": "1", "labels": {"pod-template-hash": "1"}}
    derived["metadata"]["labels"] = {}
    assert differences(derived, real, AllowedDifferences.from_file(LIST)) == []
    assert differences(
        derived, {**real, "spec": {**real["spec"], "hostPID": True}}, AllowedDifferences.from_file(LIST)
    ) == ["spec.hostPID: derived nothing, real true"]
