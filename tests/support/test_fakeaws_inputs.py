"""What the fake provider refuses, what it calls a change, and the names it gives."""

import pytest

from tests.support.fakeaws.changes import Action, changes
from tests.support.fakeaws.naming import is_given_a_name, with_name
from tests.support.fakeaws.paths import render
from tests.support.fakeaws.schema import ResourceSchema, resource_schema
from tests.support.fakeaws.validation import problems
from tests.support.fakeaws.wire import UNKNOWN, Properties, Secret, Value

NODE_GROUP = resource_schema("aws:eks/nodeGroup:NodeGroup")
CLUSTER = resource_schema("aws:eks/cluster:Cluster")
ROLE = resource_schema("aws:iam/role:Role")
VALID: Properties = {
    "clusterName": "dev",
    "nodeRoleArn": "arn",
    "scalingConfig": {"desiredSize": 1, "maxSize": 2, "minSize": 0},
    "subnetIds": ["subnet-a", "subnet-b"],
    "labels": {"any.example/key": "value"},
    "taints": [{"effect": "NO_SCHEDULE", "key": "nvidia.com/gpu"}],
}


def refused(**inputs: Value) -> list[str]:
    return [problem.text for problem in problems(NODE_GROUP.inputs, {**VALID, **inputs}, "NodeGroup")]


def changed(old: Properties, new: Properties, schema: ResourceSchema = NODE_GROUP) -> dict[str, tuple[str, bool]]:
    found = changes(schema, old, new)
    return {render(change.path): (change.action.value, change.replaces) for change in found}


def test_valid_inputs_are_accepted_also_where_they_are_secret_or_not_known_yet() -> None:
    assert refused() == []
    assert (
        refused(clusterName=UNKNOWN, labels=Secret({"a": "b"}), taints=[Secret({"effect": "x", "key": UNKNOWN})]) == []
    )


def test_a_missing_required_input_is_named_at_every_depth() -> None:
    texts = refused(nodeRoleArn=None, taints=[{"key": "a"}], scalingConfig={"maxSize": 1, "minSize": 1})
    assert texts == [
        "Missing required property 'nodeRoleArn' of NodeGroup",
        "Missing required property 'scalingConfig.desiredSize' of NodeGroup",
        "Missing required property 'taints[0].effect' of NodeGroup",
    ]


def test_an_unknown_input_is_named_with_the_nearest_known_one() -> None:
    assert refused(instanceType=["g6.xlarge"]) == [
        "Invalid or unknown property 'instanceType' of NodeGroup; did you mean 'instanceTypes'?"
    ]


def test_an_unknown_input_that_is_like_no_other_is_named_with_all_that_are_allowed_there() -> None:
    taint = {"effect": "NO_SCHEDULE", "key": "a", "zzz": 1}
    assert refused(taints=[taint]) == [
        "Invalid or unknown property 'taints[0].zzz' of NodeGroup; allowed here: effect, key, value"
    ]


def test_a_value_of_the_wrong_form_is_refused_without_showing_it() -> None:
    assert refused(subnetIds="hidden", labels=["hidden"], version={"a": "hidden"}, taints=Secret("hidden")) == [
        "Property 'labels' of NodeGroup must be an object, got a list",
        "Property 'subnetIds' of NodeGroup must be a list, got a single value",
        "Property 'taints' of NodeGroup must be a list, got a single value",
        "Property 'version' of NodeGroup must be a single value, got an object",
    ]


def test_equal_inputs_have_no_changes_whether_secret_or_not() -> None:
    assert changed({"version": Secret("1.35"), "__defaults": ["a"]}, {"version": "1.35"}) == {}


def test_a_change_is_reported_at_the_leaf() -> None:
    new = {**VALID, "scalingConfig": {"desiredSize": 1, "maxSize": 9, "minSize": 0}, "labels": {"team": "a"}}
    assert changed(VALID, new) == {
        'labels["any.example/key"]': ("delete", False),
        "labels.team": ("add", False),
        "scalingConfig.maxSize": ("update", False),
    }


def test_a_change_inside_a_list_of_an_immutable_input_replaces_the_object() -> None:
    new = {**VALID, "subnetIds": ["subnet-a", "subnet-c", "subnet-d"]}
    assert changed(VALID, new) == {"subnetIds[1]": ("update", True), "subnetIds[2]": ("add", True)}


def test_an_immutable_field_replaces_the_object_also_when_it_comes_with_its_parent() -> None:
    template = {"launchTemplate": {"id": "lt-1", "version": "1"}}
    assert changed(VALID, {**VALID, **template}) == {"launchTemplate": ("add", True)}
    newer = {"launchTemplate": {"id": "lt-1", "version": "2"}}
    assert changed({**VALID, **template}, {**VALID, **newer}) == {"launchTemplate.version": ("update", False)}


def test_encryption_may_be_switched_on_for_a_cluster_but_not_off() -> None:
    encrypted: Properties = {"encryptionConfig": {"provider": {"keyArn": "arn"}, "resources": ["secrets"]}}
    assert changed({}, encrypted, CLUSTER) == {"encryptionConfig": ("add", False)}
    assert changed(encrypted, {}, CLUSTER) == {"encryptionConfig": ("delete", True)}


def test_a_value_that_is_not_known_yet_may_be_any_other_value() -> None:
    assert changed(VALID, {**VALID, "nodeRoleArn": UNKNOWN}) == {"nodeRoleArn": ("update", True)}


def test_a_type_that_no_table_lists_is_replaced_when_its_name_or_region_changes() -> None:
    queue = resource_schema("aws:sqs/queue:Queue")
    found = changes(queue, {"name": "a", "region": "r", "tags": {}}, {"name": "b", "region": "s", "tags": {"x": "y"}})
    assert [(change.path, change.action, change.replaces) for change in found] == [
        (("name",), Action.UPDATE, True),
        (("region",), Action.UPDATE, True),
        (("tags", "x"), Action.ADD, False),
    ]


def test_an_object_without_a_name_gets_the_proposed_one_and_keeps_it() -> None:
    first = with_name(ROLE, {}, {}, "nodes-1111111")
    assert first == {"name": "nodes-1111111", "__defaults": ["name"]}
    assert with_name(ROLE, {}, first, "nodes-2222222") == first


def test_a_given_name_or_prefix_is_left_alone() -> None:
    assert with_name(ROLE, {"name": "nodes"}, {}, "nodes-1111111") == {"name": "nodes"}
    assert with_name(ROLE, {"namePrefix": "nodes"}, {}, "nodes-1111111") == {"namePrefix": "nodes"}


def test_a_name_that_the_program_no_longer_gives_is_not_kept() -> None:
    assert with_name(ROLE, {}, {"name": "nodes"}, "nodes-1111111")["name"] == "nodes-1111111"


@pytest.mark.parametrize(
    ("token", "name"),
    [("aws:kms/alias:Alias", "alias/Models-1111111"), ("aws:s3/bucket:Bucket", "models-1111111")],
)
def test_automatic_names_obey_the_rules_of_their_service(token: str, name: str) -> None:
    schema = resource_schema(token)
    assert schema.name_property is not None
    assert with_name(schema, {}, {}, "Models-1111111")[schema.name_property] == name


def test_a_name_is_taken_while_the_program_gives_it() -> None:
    assert is_given_a_name(ROLE, {"name": "nodes"})
    assert not is_given_a_name(ROLE, with_name(ROLE, {}, {}, "nodes-1111111"))
    assert not is_given_a_name(ROLE, {"namePrefix": "nodes"})
