"""What blocks, what is shown, what is waived, and what is said about settings that do not hold."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bedplate.graph.resource import Resource
from bedplate.graph.values import freeze
from bedplate.policy.evaluate import evaluate
from bedplate.policy.policy import Level, Rule, Severity, Verdict
from tests.policy.settings import TODAY, bucket, environment, graph, level, rule, waiver

RULE = "paint/blue"
YESTERDAY = TODAY - timedelta(days=1)


def test_what_is_as_wanted_gives_no_violation_and_the_verdict_pass() -> None:
    report = evaluate(graph(bucket("a", "blue")), environment(), [rule(RULE)], today=TODAY)
    assert (report.violations, report.problems, report.blocked) == ((), (), False)
    (result,) = report.results
    assert (result.verdict, result.evaluated, result.failed, result.unknown) == (Verdict.PASS, 1, 0, 0)


@pytest.mark.parametrize(
    ("own", "colour", "blocks"),
    [
        (Level.MANDATORY, "red", True),
        (Level.MANDATORY, "?", True),
        (Level.ADVISORY, "red", False),
        (Level.ADVISORY, "?", False),
    ],
)
def test_a_mandatory_failure_or_unknown_blocks_and_an_advisory_one_does_not(
    own: Level, colour: str, blocks: bool
) -> None:
    report = evaluate(graph(bucket("a", colour)), environment(), [rule(RULE, level=own)], today=TODAY)
    (violation,) = report.violations
    assert (violation.level, violation.blocks, report.blocked) == (own, blocks, blocks)
    assert (len(report.blocking) == 1) is blocks


def test_a_rule_fails_before_it_is_unknown_and_counts_resources_and_not_findings() -> None:
    colours = {"a": "red", "b": "?", "c": "blue", "d": "?"}
    buckets = [bucket(name, colour) for name, colour in colours.items()]
    (result,) = evaluate(graph(*buckets), environment(), [rule(RULE)], today=TODAY).results
    assert (result.verdict, result.evaluated, result.failed, result.unknown) == (Verdict.FAIL, 4, 1, 2)
    (result,) = evaluate(graph(*buckets[1:]), environment(), [rule(RULE)], today=TODAY).results
    assert result.verdict is Verdict.UNKNOWN


def test_a_rule_looks_only_at_its_targets() -> None:
    others = Resource(urn="urn:k", type="aws:kms/key:Key", name="k")
    (result,) = evaluate(graph(bucket("a", "blue"), others), environment(), [rule(RULE)], today=TODAY).results
    assert result.evaluated == 1


def test_an_environment_may_raise_or_lower_the_level_of_a_rule() -> None:
    lowered = environment(levels=(level(RULE, "advisory"),))
    report = evaluate(graph(bucket("a", "red")), lowered, [rule(RULE)], today=TODAY)
    assert (report.violations[0].level, report.blocked) == (Level.ADVISORY, False)
    raised = environment(levels=(level(RULE, "mandatory"),))
    report = evaluate(graph(bucket("a", "red")), raised, [rule(RULE, level=Level.ADVISORY)], today=TODAY)
    assert (report.violations[0].level, report.blocked) == (Level.MANDATORY, True)


def test_a_rule_that_is_off_looks_at_nothing_and_is_not_said_to_pass() -> None:
    off = environment(levels=(level(RULE, "off"),))
    report = evaluate(graph(bucket("a", "red")), off, [rule(RULE)], today=TODAY)
    (result,) = report.results
    assert (report.violations, report.blocked) == ((), False)
    assert (result.level, result.verdict, result.evaluated) == (Level.OFF, Verdict.UNKNOWN, 0)


@pytest.mark.parametrize("target", ["s3.Bucket a", "a"])
def test_a_waiver_lets_one_resource_through_on_its_last_day(target: str) -> None:
    waived = environment(waivers=(waiver(RULE, target),))
    report = evaluate(graph(bucket("a", "red"), bucket("b", "red")), waived, [rule(RULE)], today=TODAY)
    assert [(item.resource.name, item.blocks) for item in report.violations] == [("b", True), ("a", False)]
    assert report.problems == ()
    assert report.violations[1].to_json()["waivedUntil"] == "2026-11-21"


def test_a_waiver_for_a_workload_covers_its_pods() -> None:
    pod = Resource(
        urn="urn:d#Pod/research/chat-*",
        type="kubernetes:core/v1:Pod",
        name="chat-*",
        inputs=freeze({"kind": "Pod", "metadata": {"name": "chat-*", "namespace": "research"}, "colour": "red"}),
        options=freeze({"owner": "Deployment research/chat"}),
    )
    rules = [rule(RULE, targets="kubernetes:*")]
    for target in ("Deployment research/chat", "Pod research/chat-*"):
        report = evaluate(graph(pod), environment(waivers=(waiver(RULE, target),)), rules, today=TODAY)
        assert (report.blocked, report.problems) == (False, ())


def test_a_waiver_that_has_expired_covers_nothing_and_is_a_problem() -> None:
    settings = environment(waivers=(waiver(RULE, "s3.Bucket a", expires=YESTERDAY),))
    report = evaluate(graph(bucket("a", "red")), settings, [rule(RULE)], today=TODAY)
    assert report.violations[0].blocks
    assert report.problems == (
        "policies.waivers: paint/blue for 's3.Bucket a': expired on 2026-11-20; renew or remove it",
    )


def test_a_waiver_that_its_owner_approved_covers_nothing_and_is_a_problem() -> None:
    settings = environment(waivers=(waiver(RULE, "s3.Bucket a", approver="ada@example.org"),))
    report = evaluate(graph(bucket("a", "red")), settings, [rule(RULE)], today=TODAY)
    assert report.violations[0].blocks
    assert report.problems == (
        "policies.waivers: paint/blue for 's3.Bucket a': owner and approver are the same person (ada@example.org); "
        "let another one approve it",
    )


@pytest.mark.parametrize("target", ["s3.Bucket b", "s3.Bucket", "Bucket a"])
def test_a_waiver_with_the_wrong_target_covers_nothing_and_is_a_problem(target: str) -> None:
    settings = environment(waivers=(waiver(RULE, target),))
    report = evaluate(graph(bucket("a", "red"), bucket("b", "blue")), settings, [rule(RULE)], today=TODAY)
    assert report.violations[0].blocks
    assert report.problems == (
        f"policies.waivers: paint/blue for {target!r}: covers no finding; remove it, or write its target as the "
        "findings do",
    )


def test_a_waiver_that_nobody_needs_blocks_although_nothing_is_wrong() -> None:
    settings = environment(waivers=(waiver(RULE, "s3.Bucket a"),))
    report = evaluate(graph(bucket("a", "blue")), settings, [rule(RULE)], today=TODAY)
    assert (report.violations, len(report.problems), report.blocked) == ((), 1, True)


def test_a_waiver_of_one_policy_does_not_cover_another() -> None:
    settings = environment(waivers=(waiver(RULE, "s3.Bucket a"),))
    report = evaluate(graph(bucket("a", "red")), settings, [rule(RULE), rule("paint/sky")], today=TODAY)
    assert [(item.rule.id, item.blocks) for item in report.violations] == [("paint/sky", True), (RULE, False)]


def test_settings_for_policies_that_do_not_exist_are_problems_with_a_hint() -> None:
    settings = environment(
        levels=(level("paint/bleu", "off"), level(RULE, "off"), level(RULE, "advisory")),
        waivers=(waiver("other/thing", "s3.Bucket a"),),
    )
    report = evaluate(graph(), settings, [rule(RULE)], today=TODAY)
    assert report.problems == (
        "policies.levels: there is no policy 'paint/bleu'; did you mean paint/blue?",
        "policies.waivers: other/thing for 's3.Bucket a': there is no such policy",
        "policies.levels: 'paint/blue' is named 2 times",
    )
    assert report.blocked


def test_the_worst_comes_first() -> None:
    rules: list[Rule] = [
        rule("c/low", severity=Severity.LOW),
        rule("b/high"),
        rule("a/high"),
        rule("d/critical", severity=Severity.CRITICAL),
        rule("e/critical-advice", severity=Severity.CRITICAL, level=Level.ADVISORY),
    ]
    report = evaluate(graph(bucket("y", "red"), bucket("x", "red")), environment(), rules, today=TODAY)
    assert [(item.rule.id, item.resource.name) for item in report.violations] == [
        (id_, name) for id_ in ("d/critical", "a/high", "b/high", "c/low", "e/critical-advice") for name in ("x", "y")
    ]


def test_the_published_form_holds_all_that_a_reader_needs() -> None:
    report = evaluate(graph(bucket("a", "red"), bucket("b", "?")), environment(), [rule(RULE)], today=TODAY)
    common = {
        "policy": RULE,
        "severity": "high",
        "level": "mandatory",
        "entry": "stores[s]",
        "fix": "paint it blue",
        "blocks": True,
        "waivedUntil": None,
        "path": "colour",
        "want": "blue",
    }
    assert report.to_json() == {
        "blocked": True,
        "problems": [],
        "results": [
            {
                "policy": RULE,
                "title": "Title of paint/blue",
                "level": "mandatory",
                "verdict": "fail",
                "evaluated": 2,
                "failed": 1,
                "unknown": 1,
            }
        ],
        "violations": [
            {**common, "object": "s3.Bucket a", "urn": "urn:a", "verdict": "fail", "got": "red"},
            {**common, "object": "s3.Bucket b", "urn": "urn:b", "verdict": "unknown"},
        ],
    }


def test_a_waiver_names_exactly_one_object() -> None:
    role = Resource(urn="urn:role", type="aws:s3/bucketPolicy:BucketPolicy", name="a", inputs=freeze({"colour": "red"}))
    both = graph(bucket("a", "red"), role)
    report = evaluate(both, environment(waivers=(waiver(RULE, "a"),)), [rule(RULE)], today=TODAY)
    assert report.blocked
    assert report.problems == (f"policies.waivers: {RULE} for 'a': name exactly one: s3.Bucket a, s3.BucketPolicy a",)
    clear = evaluate(both, environment(waivers=(waiver(RULE, "s3.Bucket a"),)), [rule(RULE)], today=TODAY)
    assert clear.problems == ()


def test_a_waiver_for_two_objects_of_one_label_names_both_urns() -> None:
    twin = Resource(urn="urn:twin", type="aws:s3/bucket:Bucket", name="a", inputs=freeze({"colour": "red"}))
    waived = environment(waivers=(waiver(RULE, "s3.Bucket a"),))
    report = evaluate(graph(bucket("a", "red"), twin), waived, [rule(RULE)], today=TODAY)
    assert report.problems == (f"policies.waivers: {RULE} for 's3.Bucket a': name exactly one: urn:a, urn:twin",)


@pytest.mark.parametrize("approver", ["ada@EXAMPLE.org", "ada+approvals@example.org"])
def test_one_person_in_another_spelling_approves_nothing_of_their_own(approver: str) -> None:
    one = waiver(RULE, "a").model_copy(update={"owner": "Ada@example.org", "approver": approver})
    report = evaluate(graph(bucket("a", "red")), environment(waivers=(one,)), [rule(RULE)], today=TODAY)
    assert report.blocked
    assert "owner and approver are the same person" in report.problems[0]


def test_a_waiver_of_somebody_who_may_not_approve_it_does_not_hold() -> None:
    waivers = (waiver(RULE, "s3.Bucket a", approver="mallory@example.org"),)
    report = evaluate(graph(bucket("a", "red")), environment(waivers=waivers), [rule(RULE)], today=TODAY)
    assert report.problems == (
        f"policies.waivers: {RULE} for 's3.Bucket a': mallory@example.org may not approve it; "
        "ownership.decisionRights.waivers names grace@example.org, alan@example.org",
    )
    assert report.violations[0].blocks
    waivers = (waiver(RULE, "s3.Bucket a", approver="Grace@example.org"),)
    report = evaluate(graph(bucket("a", "red")), environment(waivers=waivers), [rule(RULE)], today=TODAY)
    assert not report.blocked
