from __future__ import annotations

from dataclasses import replace

import pytest

from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import UNKNOWN, Json, freeze
from bedplate.output.documents.review import ReviewDocument
from tests.output.builders import (
    aws,
    comparison,
    cost,
    decisions,
    graph,
    kubernetes,
    platform,
    policies,
    review,
    urn,
    violation,
)


def dangers(head: ReviewDocument | None, base: ReviewDocument | None) -> tuple[str, ...]:
    return comparison(head, base).dangers


def of_graphs(head: Graph, base: Graph) -> tuple[str, ...]:
    return dangers(review(head), review(base))


def of_decisions(head: dict[str, Json], base: dict[str, Json]) -> tuple[str, ...]:
    return dangers(review(platform(), decisions=head), review(platform(), decisions=base))


WAIVER = {
    "policy": "stores/private",
    "target": "s3.Bucket weights",
    "reason": "public data set",
    "owner": "ada@example.org",
    "approver": "grace@example.org",
    "expires": "2026-12-31",
}
LEVEL = {"policy": "stores/private", "level": "advisory", "reason": "on trial until spring"}


def test_deleting_what_holds_data_is_dangerous_and_deleting_the_rest_is_not() -> None:
    base = graph(aws("s3/bucket:Bucket", "weights"), aws("sqs/queue:Queue", "q"))
    assert of_graphs(graph(), base) == ("delete s3.Bucket weights: it holds data",)


def test_what_is_made_under_another_name_while_aws_still_knows_it_by_the_old_one_is_dangerous() -> None:
    def entry(name: str, role: str) -> Graph:
        principal = f"arn:aws:iam::111122223333:role/{role}"
        return graph(aws("eks/accessEntry:AccessEntry", name, {"clusterName": "dev", "principalArn": principal}))

    assert of_graphs(entry("scientists", "research"), entry("research", "research")) == (
        "create eks.AccessEntry scientists fails while eks.AccessEntry research, which goes, is there: both have the "
        "same clusterName, principalArn. Keep the old name, or apply without it first",
    )
    assert of_graphs(entry("scientists", "scientists"), entry("research", "research")) == ()


@pytest.mark.parametrize("kind", ["CustomResourceDefinition", "Namespace", "PersistentVolume"])
def test_deleting_what_holds_other_objects_is_dangerous(kind: str) -> None:
    assert of_graphs(graph(), graph(kubernetes(kind, "x"))) == (f"delete {kind} x: everything in it goes too",)


def test_every_replacement_is_dangerous_and_says_whether_data_is_lost() -> None:
    def world(text: str) -> Graph:
        return graph(
            aws("ec2/vpc:Vpc", "vpc", {"cidrBlock": text}), aws("s3/bucket:Bucket", "weights", {"bucket": text})
        )

    assert of_graphs(world("b"), world("a")) == (
        "replace ec2.Vpc vpc",
        "replace s3.Bucket weights: it holds data",
    )


def test_what_is_replaced_along_stands_in_one_sentence_but_for_what_holds_data() -> None:
    def world(cidr: str) -> Graph:
        vpc = aws("ec2/vpc:Vpc", "vpc", {"cidrBlock": cidr})
        reads = {"cidrBlock": (vpc.urn,), "bucket": (vpc.urn,)}
        along = [aws("ec2/vpc:Vpc", f"v{n}", {"cidrBlock": UNKNOWN}) for n in range(8)]
        bucket = aws("s3/bucket:Bucket", "weights", {"bucket": UNKNOWN})
        return graph(vpc, *(replace(item, property_dependencies=freeze(reads)) for item in (*along, bucket)))

    assert of_graphs(world("b"), world("a")) == (
        "replace ec2.Vpc vpc",
        "replace s3.Bucket weights: it holds data",
        "replace 8 objects along, because others are: "
        "ec2.Vpc v0, ec2.Vpc v1, ec2.Vpc v2, ec2.Vpc v3, ec2.Vpc v4, ec2.Vpc v5 and 2 more",
    )


def test_another_region_moves_nothing_that_is_there() -> None:
    kind = "pulumi:providers:aws"
    old, new = (
        graph(Resource(urn=urn(kind, "aws"), type=kind, name="aws", inputs=freeze({"region": region})))
        for region in ("us-east-1", "eu-west-1")
    )
    assert of_graphs(new, old) == ("provider aws moves to eu-west-1: what is there stays in us-east-1",)


def test_an_aws_update_without_a_rule_may_replace_and_says_so() -> None:
    old, new = (graph(aws("sqs/queue:Queue", "q", {"size": size})) for size in (1, 2))
    assert of_graphs(new, old) == ("update sqs.Queue q: whether AWS replaces it is unknown",)


@pytest.mark.parametrize(
    ("path", "before", "after", "dangerous"),
    [
        (("scalingConfig", "desiredSize"), 3, 2, True),
        (("scalingConfig", "desiredSize"), 2, 3, False),
        (("spec", "hard", "requests.nvidia.com/gpu"), "8", "4", True),
        (("spec", "predictor", "minReplicas"), 2, None, True),
        (("spec", "predictor", "minReplicas"), None, 2, False),
        (("spec", "other"), 3, 2, False),
    ],
)
def test_less_capacity_is_dangerous(path: tuple[str, ...], before: Json, after: Json, dangerous: bool) -> None:
    def world(value: Json) -> Graph:
        content = value
        for key in reversed(path):
            content = {key: content} if content is not None else {}
        return graph(kubernetes("ConfigMap", "x", content={"kept": 1, **(content or {})}))

    assert bool(of_graphs(world(after), world(before))) is dangerous


def test_the_end_of_a_protection_is_dangerous() -> None:
    def world(**options: Json) -> Graph:
        kind = "aws:ec2/vpc:Vpc"
        return graph(Resource(urn=urn(kind, "vpc"), type=kind, name="vpc", options=freeze(options)))

    assert of_graphs(world(), world(protect=True)) == ("protection ends: ec2.Vpc vpc",)
    assert of_graphs(world(protect=True), world()) == ()


def test_a_new_waiver_is_always_in_the_list_even_without_a_base() -> None:
    text = (
        "waiver of stores/private for s3.Bucket weights until 2026-12-31 "
        "(ada@example.org, approved by grace@example.org): public data set"
    )
    assert of_decisions(decisions(waivers=[WAIVER]), decisions()) == (text,)
    assert dangers(review(platform(), decisions=decisions(waivers=[WAIVER])), None) == (text,)
    assert of_decisions(decisions(waivers=[WAIVER]), decisions(waivers=[WAIVER])) == ()


def test_a_waiver_that_runs_longer_is_in_the_list_again() -> None:
    longer = {**WAIVER, "expires": "2027-12-31"}
    assert len(of_decisions(decisions(waivers=[longer]), decisions(waivers=[WAIVER]))) == 1


def test_other_levels_are_in_the_list_in_both_directions() -> None:
    lowered = of_decisions(decisions(levels=[LEVEL]), decisions())
    assert lowered == ("level of stores/private: its own → advisory: on trial until spring",)
    assert of_decisions(decisions(), decisions(levels=[LEVEL])) == ("level of stores/private: advisory → its own",)


def test_an_override_of_the_baseline_is_in_the_list_with_its_reason() -> None:
    override = {"part": "vllm", "value": "0.31.1", "reason": "mends a fault in tool calls"}
    text = "override of vllm: the baseline's → 0.31.1: mends a fault in tool calls"
    assert of_decisions(decisions(baselineOverrides=[override]), decisions()) == (text,)
    assert dangers(review(platform(), decisions=decisions(baselineOverrides=[override])), None) == (text,)
    newer = {**override, "value": "0.31.2"}
    again = "override of vllm: 0.31.1 → 0.31.2: mends a fault in tool calls"
    assert of_decisions(decisions(baselineOverrides=[newer]), decisions(baselineOverrides=[override])) == (again,)
    gone = "override of vllm: 0.31.1 → the baseline's"
    assert of_decisions(decisions(), decisions(baselineOverrides=[override])) == (gone,)


def test_other_decisions_are_in_the_list_with_both_values() -> None:
    assert of_decisions(decisions(budget="9.00"), decisions(budget="8.00")) == ('budget "8.00" → "9.00"',)


@pytest.mark.parametrize(("after", "dangerous"), [("109.0000", False), ("110.0000", True), ("90.0000", False)])
def test_cost_that_rises_by_a_tenth_is_dangerous(after: str, dangerous: bool) -> None:
    found = dangers(review(platform(), cost=cost(after)), review(platform(), cost=cost("100.0000")))
    assert bool(found) is dangerous


def test_cost_above_the_budget_is_dangerous_without_a_base_too() -> None:
    found = dangers(review(platform(), cost=cost("1600.0000", overBudget=True)), None)
    assert found == ("over budget: USD 1,600.00 a month, budget USD 1,500.00",)


def test_new_findings_are_dangerous_and_say_when_they_do_not_block() -> None:
    advisory, waived = violation(blocks=False), violation(blocks=False, object="Pod a", waivedUntil="2026-12-31")
    head = review(platform(), policies=policies(advisory, waived, violation(object="Pod b", path="x")))
    assert dangers(head, review(platform())) == (
        "policy fail stores/private: s3.Bucket weights (advisory)",
        "policy fail stores/private: Pod a (waived)",
        "policy fail stores/private: Pod b",
    )


def test_of_a_first_plan_only_blocking_findings_are_dangerous() -> None:
    head = review(platform(), policies=policies(violation(blocks=False)))
    assert dangers(head, None) == ()


def test_a_removed_environment_names_the_data_that_it_leaves_behind() -> None:
    assert dangers(None, review(platform())) == (
        "the environment leaves the repository; what it made stays until `bedplate destroy`",
        "left behind, and it holds data: s3.Bucket weights",
    )


def test_a_danger_is_listed_once() -> None:
    twice = policies(violation(path="a"), violation(path="b"))
    assert len(dangers(review(platform(), policies=twice), review(platform()))) == 1


def test_a_release_that_changed_under_its_version_is_dangerous() -> None:
    before = review(graph(), decisions=decisions(releases={"chat@1.0.0": "sha256:a"}))
    after = review(graph(), decisions=decisions(releases={"chat@1.0.0": "sha256:b", "new@1.0.0": "sha256:c"}))
    text = "release chat@1.0.0 is not what it was: releases are immutable, write a new version"
    assert text in comparison(after, before).dangers
    assert not any("new@1.0.0" in danger for danger in comparison(after, before).dangers)


def test_a_layer_that_changes_hands_is_one_sentence() -> None:
    objects = [replace(kubernetes("ConfigMap", name, namespace="a"), layer="models") for name in ("x", "y")]
    theirs = [replace(item, writer="argocd") for item in objects]
    assert of_graphs(graph(*theirs), graph(*objects)) == ("layer models changes hands: pulumi → argocd, 2 objects",)
    assert of_graphs(graph(*objects), graph(*theirs)) == ("layer models changes hands: argocd → pulumi, 2 objects",)
