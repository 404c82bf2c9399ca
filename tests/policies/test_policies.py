"""What holds for every policy: it has cases of each kind, says itself in words, and judges without side effects."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bedplate.graph.derive.expand import POD_TYPE
from bedplate.graph.graph import Graph
from bedplate.graph.values import UNKNOWN, Json, format_path, freeze, thaw, walk
from bedplate.policy.discover import rules
from bedplate.policy.policy import PolicyContext, Rule, Verdict
from tests.policies.cases import CASES, ROOT, case_file, cases, context_of, findings
from tests.support.environments import TODAY, dev, dev_review

RULES = rules()

# What never fails: a workload whose pods cannot be told is unknown, by definition.
ONLY_UNKNOWN = frozenset({"workloads/derivable"})

# Frameworks and the form of their ids: one spelling each, or evidence would list a framework twice.
FRAMEWORKS = {
    "CIS EKS 1.8.0": r"\d\.\d\.\d{1,2}",
    "HIPAA": r"164\.\d{3}(\([a-z0-9]+\))+",
    "NIST SP 800-53": r"[A-Z]{2}-\d{1,2}(\(\d{1,2}\))?",
    "SOC 2": r"(CC\d\.\d|A1\.\d|C1\.\d|P\d\.\d|PI1\.\d)",
}


@pytest.fixture(params=RULES, ids=lambda rule: rule.id)
def rule(request: pytest.FixtureRequest) -> Rule:
    assert isinstance(request.param, Rule)
    return request.param


def test_a_policy_has_at_least_two_cases_that_pass_and_two_that_do_not(rule: Rule) -> None:
    verdicts = [verdict for case in cases(rule) for verdict in case.verdicts]
    wrong = Verdict.UNKNOWN if rule.id in ONLY_UNKNOWN else Verdict.FAIL
    assert verdicts.count(Verdict.PASS) >= 2, f"write more cases that pass into {case_file(rule)}"
    assert verdicts.count(wrong) >= 2, f"write more cases that {wrong} into {case_file(rule)}"


def test_a_policy_has_a_case_in_which_it_cannot_tell(rule: Rule) -> None:
    assert any(Verdict.UNKNOWN in case.verdicts for case in cases(rule))


def test_cases_of_a_policy_have_names_of_their_own(rule: Rule) -> None:
    names = [case.name for case in cases(rule)]
    assert len(set(names)) == len(names)


def test_every_file_of_cases_belongs_to_a_policy() -> None:
    assert sorted(CASES.glob("*/*.yaml")) == sorted(case_file(rule) for rule in RULES)


def test_the_id_of_a_policy_is_its_place(rule: Rule) -> None:
    path = Path(inspect.getfile(rule.check))
    assert path.relative_to(ROOT / "policies").with_suffix("").as_posix().replace("_", "-") == rule.id


def test_a_policy_says_itself_in_words(rule: Rule) -> None:
    policy = rule.policy
    for words in (policy.title, policy.rationale, policy.fix):
        assert len(words.split()) >= 4, words
        assert words == words.strip()
    assert policy.title[0].isupper()
    assert not policy.title.endswith(".")
    assert policy.rationale[0].isupper()
    assert policy.rationale.endswith(".")
    assert policy.targets


def test_a_policy_is_documented_where_it_stands(rule: Rule) -> None:
    module = sys.modules[rule.check.__module__]
    for text in (module.__doc__, rule.check.__doc__):
        assert text is not None
        assert len(text.split()) >= 4


def test_controls_of_a_policy_are_spelled_as_their_framework_spells_them(rule: Rule) -> None:
    for control in rule.policy.controls:
        assert control.framework in FRAMEWORKS
        assert re.fullmatch(FRAMEWORKS[control.framework], control.id), control
    assert len(set(rule.policy.controls)) == len(rule.policy.controls)


def test_a_check_gives_the_same_twice_and_leaves_the_graph_as_it_is(rule: Rule) -> None:
    for case in cases(rule):
        context = context_of(case)
        before = context.graph.bytes
        assert findings(rule, context) == findings(rule, context)
        assert Graph(environment="dev", resources=context.graph).bytes == before


def test_a_finding_says_where_it_is_and_what_is_wanted(rule: Rule) -> None:
    found = [finding for case in cases(rule) for _, finding in findings(rule, context_of(case))]
    assert found
    assert all(finding.path and finding.want for finding in found)


def test_hiding_any_one_value_never_turns_a_failure_into_a_pass(rule: Rule) -> None:
    for case in cases(rule):
        if Verdict.FAIL in case.verdicts:
            for path, context in _with_one_value_hidden(context_of(case)):
                assert findings(rule, context), f"{case} passes once {path} is unknown"


def test_one_pod_stands_for_all_that_follow_from_the_same_template() -> None:
    context = PolicyContext(dev_review().graph, dev(), TODAY)
    pods = [pod for pod in context.graph.of_type(POD_TYPE) if pod.name.startswith("gpu-system/dcgm-exporter")]
    samples = [pod for pod in context.graph.of_type(POD_TYPE) if pod.urn in context.sample_pods]
    assert len({pod.derived_from for pod in samples}) == len(samples)
    assert {pod.derived_from for pod in samples} >= {pod.derived_from for pod in pods}


def _with_one_value_hidden(context: PolicyContext) -> Iterator[tuple[str, PolicyContext]]:
    """`context` once for each value of each resource, with that value known only after apply."""
    for resource in context.graph:
        for path, _ in walk(resource.inputs):
            others = [item for item in context.graph if item is not resource]
            hidden = replace(resource, inputs=freeze(_hide(thaw(resource.inputs), path)))
            graph = Graph(environment=context.graph.environment, resources=[*others, hidden])
            yield f"{resource.name}: {format_path(path)}", PolicyContext(graph, context.environment, context.today)


def _hide(value: Json, path: tuple[str | int, ...]) -> Json:
    if not path:
        return UNKNOWN
    first, *rest = path
    value[first] = _hide(value[first], tuple(rest))
    return value
