from __future__ import annotations

import pytest

from bedplate.graph.diff import Action
from bedplate.graph.values import Json
from bedplate.output.exits import Exit
from tests.output.builders import (
    aws,
    capacity,
    comparison,
    cost,
    decisions,
    graph,
    kubernetes,
    platform,
    policies,
    review,
    violation,
)


def test_equal_reviews_differ_in_nothing_on_any_day() -> None:
    both = comparison(review(platform(), today="2026-11-21"), review(platform(), today="2027-01-01"))
    assert (both.differs, both.changes, both.dangers, both.reasons) == ((), (), (), ())


@pytest.mark.parametrize(
    ("section", "name"),
    [
        ({"policies": policies(violation(blocks=False))}, "findings"),
        ({"capacity": capacity(uncounted=["chart kserve"])}, "capacity"),
        ({"cost": cost("858.0000")}, "cost"),
        ({"unresolved": ["nginx:1"]}, "lock"),
        ({"notVendored": ["kserve"]}, "lock"),
        ({"decisions": decisions(owner="others")}, "decisions"),
    ],
)
def test_whatever_else_differs_is_named_though_no_resource_changes(section: dict[str, Json], name: str) -> None:
    both = comparison(review(platform(), **section), review(platform()))
    assert both.differs == (name,)
    assert both.changes == ()
    assert f"no resource changes (different: {name})" in both.verdict
    assert both.exit_code(detailed=True) is Exit.CHANGES


def test_dependencies_that_move_are_a_difference_of_the_graph() -> None:
    first = kubernetes("ConfigMap", "a")
    before = graph(first, kubernetes("ConfigMap", "b"))
    after = graph(first, kubernetes("ConfigMap", "b", needs=[first]))
    both = comparison(review(after), review(before))
    assert both.differs == ("graph",)
    assert both.reframed == ("b",)


def test_registered_resources_are_counted_and_derived_ones_are_not() -> None:
    both = comparison(review(platform(replicas=2, subnets=3)), review(platform(replicas=1, subnets=4)))
    counts = {action: both.count(action) for action in Action}
    assert counts == {Action.CREATE: 0, Action.UPDATE: 1, Action.REPLACE: 0, Action.DELETE: 1}


def test_findings_are_new_gone_or_neither() -> None:
    old = [violation(path="a"), violation(path="b")]
    new = [violation(path="b"), violation(path="c")]
    both = comparison(review(platform(), policies=policies(*new)), review(platform(), policies=policies(*old)))
    assert [item["path"] for item in both.new_findings] == ["c"]
    assert [item["path"] for item in both.gone_findings] == ["a"]


def test_a_finding_that_begins_to_block_is_new() -> None:
    head = review(platform(), policies=policies(violation(blocks=True)))
    base = review(platform(), policies=policies(violation(blocks=False)))
    assert len(comparison(head, base).new_findings) == 1


def test_a_finding_about_a_whole_resource_needs_no_path() -> None:
    whole = violation()
    del whole["path"]
    assert comparison(review(platform(), policies=policies(whole)), review(platform())).new_findings == (whole,)


def test_without_a_base_everything_is_new_and_no_cost_is_compared() -> None:
    both = comparison(review(platform()), None)
    assert both.differs == ("graph", "findings", "capacity", "cost", "lock", "decisions")
    assert both.count(Action.CREATE) == 6
    assert both.cost_change is None


def test_a_removed_environment_blocks_nothing() -> None:
    both = comparison(None, review(platform()))
    assert both.verdict == "removed from the repository, with 6 resources"
    assert not both.blocked
    assert both.cost_change is None


def test_the_cost_change_is_exact() -> None:
    both = comparison(review(platform(), cost=cost("857.1300")), review(platform(), cost=cost("857.1200")))
    assert str(both.cost_change) == "0.0100"


def test_an_empty_graph_on_both_sides_is_no_difference() -> None:
    assert comparison(review(graph()), review(graph())).differs == ()


def test_a_resource_that_leaves_and_one_that_comes_are_two_changes() -> None:
    both = comparison(review(graph(aws("sqs/queue:Queue", "b"))), review(graph(aws("sqs/queue:Queue", "a"))))
    assert [(str(change.action), change.label) for change in both.changes] == [
        ("delete", "sqs.Queue a"),
        ("create", "sqs.Queue b"),
    ]
