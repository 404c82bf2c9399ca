"""The engine does what the plan shows: every difference between its inputs and the Graph is told, but for additions."""

from __future__ import annotations

import pytest

from bedplate.engine.events import Diagnostic, Event, StepDone, StepStarted
from bedplate.engine.parity import PROVIDER_DEFAULTS, ProviderDefault, is_default, mismatches
from bedplate.graph.graph import Graph
from bedplate.graph.resource import STACK_TYPE, Resource
from bedplate.graph.values import SECRET, UNKNOWN, Json, freeze

BUCKET = "aws:s3/bucket:Bucket"
CONFIG = "kubernetes:core/v1:ConfigMap"
PROVIDER = "pulumi:providers:aws"


def urn(type_: str, name: str = "one") -> str:
    return f"urn:pulumi:dev::bedplate::{type_}::{name}"


def resource(type_: str, inputs: Json, name: str = "one") -> Resource:
    return Resource(urn=urn(type_, name), type=type_, name=name, inputs=freeze(inputs))


def step(type_: str, inputs: Json, name: str = "one", op: str = "create") -> StepStarted:
    return StepStarted(op=op, urn=urn(type_, name), type=type_, inputs=inputs, changed=())


def found(graph: list[Resource], *events: Event) -> list[str]:
    """What is told of the engine's `events` beside a plan of `graph`."""
    return [str(item) for item in mismatches(Graph(environment="dev", resources=graph), events)]


def differs(planned: Json, real: Json, type_: str = CONFIG) -> list[str]:
    return found([resource(type_, planned)], step(type_, real))


def test_equal_inputs_are_no_mismatch() -> None:
    inputs = {"data": {"a": "1", "list": [1, 2]}, "immutable": True}
    assert differs(inputs, inputs) == []


def test_another_value_is_told_with_both_sides() -> None:
    assert differs({"data": {"a": "1"}}, {"data": {"a": "2"}}) == [
        'one: data.a is planned as "1" and registered as "2"'
    ]


def test_a_value_that_comes_or_goes_is_told() -> None:
    assert differs({"data": {}}, {"data": {"a": 1}}) == ["one: data.a is planned as absent and registered as 1"]
    assert differs({"data": {"a": 1}}, {"data": {}}) == ["one: data.a is planned as 1 and registered as absent"]


def test_whole_objects_are_told_as_json_and_not_as_python_writes_them() -> None:
    (text,) = differs({"data": None, "spec": {"b": [True]}}, {"data": None, "spec": "gone"})
    assert text == 'one: spec is planned as {"b":[true]} and registered as "gone"'


def test_the_order_of_a_list_counts() -> None:
    assert differs({"args": ["a", "b"]}, {"args": ["b", "a"]}) == [
        'one: args is planned as ["a","b"] and registered as ["b","a"]'
    ]


def test_what_the_plan_does_not_know_may_become_anything() -> None:
    assert differs({"vpcId": UNKNOWN}, {"vpcId": "vpc-1"}) == []
    assert differs({"vpcId": UNKNOWN}, {"vpcId": {"$unknown": True}}) == []


def test_a_value_that_the_plan_knows_may_not_become_unknown() -> None:
    assert differs({"vpcId": "vpc-1"}, {"vpcId": {"$unknown": True}}) == [
        'one: vpcId is planned as "vpc-1" and registered as known only after apply'
    ]


def test_a_secret_stays_a_secret() -> None:
    assert differs({"data": SECRET}, {"data": {"$secret": True}}) == []
    assert differs({"data": SECRET}, {"data": {"$unknown": True}}) == []


def test_a_secret_that_is_registered_in_the_open_is_told_without_its_value() -> None:
    assert differs({"data": SECRET}, {"data": {"key": "hidden"}}) == [
        "one: data is planned as a secret and registered in the open"
    ]


def test_a_value_that_the_engine_hides_is_told() -> None:
    assert differs({"data": "plain"}, {"data": {"$secret": True}}) == [
        'one: data is planned as "plain" and registered as a secret'
    ]


def test_resources_on_one_side_only_are_told() -> None:
    planned = [resource(CONFIG, {}, "planned"), resource(CONFIG, {}, "both")]
    assert found(planned, step(CONFIG, {}, "both"), step(CONFIG, {}, "extra")) == [
        "extra: the program registers it, and the plan does not hold it",
        "planned: the plan holds it, and the program does not register it",
    ]


def test_deletions_other_events_the_stack_and_derived_objects_are_none_of_its_business() -> None:
    pod = Resource(
        urn=f"{urn(CONFIG)}#Pod", type="kubernetes:core/v1:Pod", name="pod", inputs=freeze({}), derived_from=urn(CONFIG)
    )
    stack = step(STACK_TYPE, {}, "dev")
    gone = StepStarted(op="delete", urn=urn(CONFIG, "old"), type=CONFIG, inputs=None, changed=())
    events = (stack, gone, StepDone("create", urn(CONFIG, "new")), Diagnostic("error", urn(CONFIG, "new"), "text"))
    assert found([resource(CONFIG, {}), pod], step(CONFIG, {}), *events) == []


def test_of_the_steps_of_a_replacement_the_new_inputs_count() -> None:
    deletion = StepStarted(op="delete-replaced", urn=urn(BUCKET), type=BUCKET, inputs=None, changed=())
    steps = (step(BUCKET, {"bucket": "b"}, op="create-replacement"), step(BUCKET, {"bucket": "b"}, op="replace"))
    assert found([resource(BUCKET, {"bucket": "b"})], *steps, deletion) == []


def test_mismatches_are_sorted() -> None:
    planned = [resource(CONFIG, {"a": 1, "b": 1}, name) for name in ("y", "x")]
    events = [step(CONFIG, {"a": 2, "b": 2}, name) for name in ("x", "y")]
    texts = found(planned, *events)
    assert len(texts) == 4
    assert texts == sorted(texts)


@pytest.mark.parametrize(
    ("type_", "real"),
    [
        (PROVIDER, {"__internal": {}, "version": "7.51.1"}),
        (BUCKET, {"__defaults": ["bucket"]}),
        (BUCKET, {"tags": {"owner": "x"}}),
        (BUCKET, {"tagsAll": {"owner": "x"}}),
    ],
)
def test_a_provider_may_add_what_is_on_the_published_list(type_: str, real: Json) -> None:
    assert differs({}, real, type_) == []


def test_a_provider_may_add_tags_beside_those_of_the_plan_and_change_none() -> None:
    planned = {"tags": {"owner": "platform"}}
    assert differs(planned, {"tags": {"owner": "platform", "tier": "dev"}}, BUCKET) == []
    assert differs(planned, {"tags": {"owner": "somebody"}}, BUCKET) == [
        'one: tags.owner is planned as "platform" and registered as "somebody"'
    ]
    assert differs(planned, {}, BUCKET) == ['one: tags is planned as {"owner":"platform"} and registered as absent']


@pytest.mark.parametrize("item", PROVIDER_DEFAULTS, ids=lambda item: f"{item.type} {item.path}")
def test_no_entry_of_the_published_list_hides_a_changed_value(item: ProviderDefault) -> None:
    type_ = item.type.replace("*", "s3/bucket:Bucket")
    key, _, inner = item.path.replace("*", "x").partition(".")
    before, after = ({key: {inner: text}} if inner else {key: text} for text in ("planned", "other"))
    assert len(differs(before, after, type_)) == 1
    assert len(differs(before, {}, type_)) == 1
    assert differs({}, after, type_) == []


def test_the_published_list_is_of_its_types_and_paths_alone() -> None:
    assert is_default(BUCKET, "tags.owner")
    assert not is_default(CONFIG, "tags.owner")
    assert not is_default(CONFIG, "__defaults")
    assert not is_default(BUCKET, "bucket")
    assert not is_default(PROVIDER, "region")
