"""What the fake provider learns from the installed SDK, and whether its tables agree with the SDK."""

from concurrent.futures import ThreadPoolExecutor
from string import Formatter

import pytest
import yaml

from tests.support.fakeaws import changes, shapes
from tests.support.fakeaws.account import Account
from tests.support.fakeaws.facts import Facts, Subject
from tests.support.fakeaws.schema import (
    ObjectSchema,
    UnknownResourceTypeError,
    object_schema,
    provider_schema,
    resource_schema,
)

NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
SHAPES = yaml.safe_load(shapes.TABLE.read_text(encoding="utf-8"))
RULES = yaml.safe_load(changes.TABLE.read_text(encoding="utf-8"))


def test_inputs_outputs_and_required_inputs_bear_their_names_on_the_wire() -> None:
    schema = resource_schema(NODE_GROUP)
    assert schema.inputs.required == {"clusterName", "nodeRoleArn", "scalingConfig", "subnetIds"}
    assert schema.outputs.keys() == {"arn", "resources", "status", "tagsAll"}
    assert schema.name_property == "nodeGroupName"
    assert (schema.service, schema.kind_name) == ("eks", "nodeGroup")


def test_nested_objects_have_a_schema_of_their_own() -> None:
    taints = resource_schema(NODE_GROUP).inputs.properties["taints"]
    assert taints.form == "list"
    assert taints.element is not None
    assert taints.element.fields is not None
    assert object_schema(taints.element.fields).required == {"effect", "key"}


def test_inputs_that_aws_fills_are_told_from_inputs_that_stay_empty() -> None:
    filled = resource_schema(NODE_GROUP).filled
    assert "version" in filled
    assert "labels" not in filled


@pytest.mark.parametrize(
    ("token", "name_property"),
    [
        ("aws:s3/bucket:Bucket", "bucket"),
        ("aws:iam/role:Role", "name"),
        ("aws:lambda/function:Function", "name"),
        ("aws:ec2/vpc:Vpc", None),
        ("aws:eks/addon:Addon", None),
    ],
)
def test_the_input_that_gets_an_automatic_name_is_found(token: str, name_property: str | None) -> None:
    assert resource_schema(token).name_property == name_property


def test_a_resource_that_shares_its_name_with_a_nested_type_has_its_own_inputs() -> None:
    assert resource_schema("aws:s3/bucketVersioning:BucketVersioning").inputs.required == {
        "bucket",
        "versioningConfiguration",
    }


def test_several_threads_may_ask_for_a_service_that_is_not_loaded_yet() -> None:
    tokens = ["aws:sqs/queue:Queue", "aws:sqs/queuePolicy:QueuePolicy", "aws:sqs/redrivePolicy:RedrivePolicy"] * 4
    with ThreadPoolExecutor(len(tokens)) as pool:
        assert [schema.token for schema in pool.map(resource_schema, tokens)] == tokens


def test_the_configuration_of_the_provider_has_a_schema() -> None:
    assert {"allowedAccountIds", "defaultTags", "region"} <= provider_schema().properties.keys()


@pytest.mark.parametrize("token", ["aws:eks/podGroup:PodGroup", "aws:nowhere/thing:Thing", "kubernetes:core/v1:Pod"])
def test_a_type_that_the_sdk_lacks_is_named_with_the_version(token: str) -> None:
    with pytest.raises(UnknownResourceTypeError, match=rf"pulumi_aws 7\.51\.\d+ has no resource type '{token}'"):
        resource_schema(token)


def test_both_tables_list_the_same_types() -> None:
    assert changes.listed_types() == shapes.listed_types()


@pytest.mark.parametrize("token", shapes.listed_types())
def test_every_property_in_the_table_of_shapes_exists(token: str) -> None:
    row, schema = SHAPES[token], resource_schema(token)
    assert row.get("outputs", {}).keys() <= schema.outputs.keys()
    assert row.get("defaults", {}).keys() <= schema.filled
    for name, fields in row.get("nested", {}).items():
        nested = schema.inputs.properties[name].fields
        assert nested is not None
        assert not fields.keys() & object_schema(nested).required


@pytest.mark.parametrize("token", shapes.listed_types())
def test_every_output_of_a_listed_type_is_stated_and_none_is_made_up(token: str) -> None:
    stated = {"arn", "tagsAll", *SHAPES[token].get("outputs", {})}
    assert resource_schema(token).outputs.keys() <= stated


@pytest.mark.parametrize("token", shapes.listed_types())
def test_every_name_in_braces_in_the_table_of_shapes_is_a_fact(token: str) -> None:
    schema = resource_schema(token)
    subject = Subject(schema, "urn", "thing", Account("eu-west-1"), {})
    facts = Facts(subject, {"id": "id", "arn": "arn"})
    for name in _names_in_braces(SHAPES[token]):
        assert isinstance(facts[name], str)


@pytest.mark.parametrize("token", changes.listed_types())
def test_every_path_in_the_table_of_replacements_exists(token: str) -> None:
    rows = RULES[token]
    assert rows.keys() <= {"changed", "removed"}
    for path in [*rows["changed"], *rows.get("removed", [])]:
        _follow(resource_schema(token).inputs, path.split("."))


def _follow(schema: ObjectSchema, names: list[str]) -> None:
    for name in names:
        assert name in schema.properties, names
        fields = schema.properties[name].fields
        schema = object_schema(fields) if fields else ObjectSchema({}, frozenset())


def _names_in_braces(value: object) -> set[str]:
    if isinstance(value, dict):
        return set().union(*map(_names_in_braces, value.values()))
    if isinstance(value, list):
        return set().union(*map(_names_in_braces, value))
    return {name for _, name, _, _ in Formatter().parse(value) if name} if isinstance(value, str) else set()
