"""The diff tells what changes, object by object, and says unknown where it does not know."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from bedplate.graph.diff import Action, diff, object_label
from bedplate.graph.graph import Graph
from bedplate.graph.properties import property_changes
from bedplate.graph.replacement import Replacement, ReplacementRule
from bedplate.graph.resource import Resource
from bedplate.graph.values import SECRET, UNKNOWN, Json

RULES = {"aws:eks/nodeGroup:NodeGroup": ReplacementRule(("instanceTypes", "vpcConfig.subnetIds"))}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def one(type_: str, inputs: Json, **fields: Json) -> Graph:
    resource = Resource(urn="urn:x", type=type_, name="x", inputs=inputs, **fields)
    return Graph(environment="dev", resources=[resource])


def changes(before: Json, after: Json) -> dict[str, tuple[Json, Json]]:
    return {item.path: (item.before, item.after) for item in property_changes(before, after)}


def test_without_a_base_everything_is_created() -> None:
    [change] = diff(None, one("aws:s3/bucket:Bucket", {}), RULES)
    assert change.action is Action.CREATE


def test_what_only_the_base_has_is_deleted() -> None:
    [change] = diff(one("aws:s3/bucket:Bucket", {}), Graph(environment="dev", resources=[]), RULES)
    assert change.action is Action.DELETE


def test_a_listed_path_replaces() -> None:
    kind = "aws:eks/nodeGroup:NodeGroup"
    [change] = diff(one(kind, {"instanceTypes": ["a"]}), one(kind, {"instanceTypes": ["b"]}), RULES)
    assert (change.action, change.replacement) == (Action.REPLACE, Replacement.YES)


def test_a_path_below_a_listed_one_replaces_whatever_its_index() -> None:
    kind = "aws:eks/nodeGroup:NodeGroup"
    before, after = {"vpcConfig": {"subnetIds": [{"id": 1}]}}, {"vpcConfig": {"subnetIds": [{"id": 2}]}}
    [change] = diff(one(kind, before), one(kind, after), RULES)
    assert change.replacement is Replacement.YES


def test_another_path_of_a_listed_type_updates() -> None:
    kind = "aws:eks/nodeGroup:NodeGroup"
    [change] = diff(one(kind, {"labels": {"a": "1"}}), one(kind, {"labels": {"a": "2"}}), RULES)
    assert (change.action, change.replacement) == (Action.UPDATE, Replacement.NO)


def test_an_unlisted_type_is_unknown_never_no() -> None:
    [change] = diff(one("aws:x/y:Z", {"a": 1}), one("aws:x/y:Z", {"a": 2}), RULES)
    assert change.replacement is Replacement.UNKNOWN


def test_an_option_of_the_engine_is_a_change_too() -> None:
    before, after = one("aws:x/y:Z", {}, options={"protect": True}), one("aws:x/y:Z", {})
    [change] = diff(before, after, RULES)
    assert [item.path for item in change.properties] == ["(option) protect"]


def test_an_item_in_the_middle_of_a_named_list_is_one_change() -> None:
    before = [{"name": "A", "value": "1"}, {"name": "C", "value": "3"}]
    after = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}, {"name": "C", "value": "3"}]
    assert changes({"env": before}, {"env": after}) == {"env[B]": (None, after[1])}


def test_a_named_list_in_another_order_is_said_to_be() -> None:
    before, after = [{"name": "A"}, {"name": "B"}], [{"name": "B"}, {"name": "A"}]
    assert changes({"l": before}, {"l": after}) == {"l(order)": (["A", "B"], ["B", "A"])}


def test_a_value_that_becomes_unknown_is_a_change_and_two_unknowns_are_none() -> None:
    assert changes({"a": 1}, {"a": UNKNOWN}) == {"a": (1, UNKNOWN)}
    assert changes({"a": UNKNOWN}, {"a": UNKNOWN}) == {}


def test_a_secret_never_shows_its_other_side_as_equal_to_plain_text() -> None:
    assert changes({"a": "x"}, {"a": SECRET}) == {"a": ("x", SECRET)}


def test_true_and_one_are_different_values() -> None:
    assert changes({"a": True}, {"a": 1}) == {"a": (True, 1)}


def test_objects_are_called_what_people_call_them() -> None:
    service = {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {"name": "chat", "namespace": "r"},
    }
    kubernetes = Resource(
        urn="u", type="kubernetes:serving.kserve.io/v1beta1:InferenceService", name="n", inputs=service
    )
    aws = Resource(urn="u", type="aws:eks/nodeGroup:NodeGroup", name="l4")
    assert (object_label(kubernetes), object_label(aws)) == ("InferenceService r/chat", "eks.NodeGroup l4")


@given(json_values)
def test_equal_values_have_no_changes(value: Json) -> None:
    assert property_changes(value, value) == ()


@given(json_values, json_values)
@example(left={"a": [1]}, right={"a": [True]})
@example(left=1, right=1.0)
def test_different_values_have_changes_in_both_directions(left: Json, right: Json) -> None:
    same = Graph(environment="e", resources=[Resource(urn="u", type="t", name="n", inputs={"v": left})]).bytes
    other = Graph(environment="e", resources=[Resource(urn="u", type="t", name="n", inputs={"v": right})]).bytes
    assert bool(property_changes({"v": left}, {"v": right})) == (same != other)
    assert len(property_changes({"v": left}, {"v": right})) == len(property_changes({"v": right}, {"v": left}))


def test_an_object_that_changes_hands_is_updated_and_neither_deleted_nor_replaced() -> None:
    before = Resource(urn="urn:x", type="kubernetes:core/v1:ConfigMap", name="x", provider="urn:p")
    provider = Resource(urn="urn:p", type="pulumi:providers:kubernetes", name="p")
    after = Resource(urn="urn:x", type="kubernetes:core/v1:ConfigMap", name="x", writer="argocd")
    rules = {"kubernetes:core/v1:ConfigMap": ReplacementRule(("metadata.name",))}
    [change] = diff(
        Graph(environment="dev", resources=[before, provider]),
        Graph(environment="dev", resources=[after, provider]),
        rules,
    )
    assert (change.action, change.replacement) == (Action.UPDATE, Replacement.NO)
    assert [(item.path, item.before, item.after) for item in change.properties] == [
        ("(option) appliedBy", "pulumi", "argocd")
    ]
