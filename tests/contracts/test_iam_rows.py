"""The catalogue's rows about IAM keep up with what components register."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from bedplate.catalog.catalog import load as catalog
from bedplate.cli.pipeline import recorded
from bedplate.environment.load import load
from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from tests.contracts.everything import everything

ACTIONS = catalog().iam_actions
BOUNDARIES = catalog().iam_boundaries
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
INLINE = "aws:iam/rolePolicy:RolePolicy"
ROLE = "aws:iam/role:Role"
FROM_AWS = "arn:aws:iam::aws:policy/"


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """The environment in which every leaf of the schema has a value, recorded."""
    return recorded(load(everything(tmp_path_factory.mktemp("everything")), "dev"))


def on_aws(graph: Graph) -> Iterator[Resource]:
    return (resource for resource in graph.registered if resource.is_aws)


def test_every_aws_type_that_a_layer_registers_has_rights_for_that_layer(graph: Graph) -> None:
    """Add a row to bedplate/catalog/data/iam-actions.yaml, or the layer to the row of the type."""
    registered = {(resource.type, resource.layer) for resource in on_aws(graph)}
    known = {(row.type, layer) for row in ACTIONS.values() for layer in row.layers}

    assert sorted(registered - known) == []


def test_every_policy_that_a_layer_attaches_is_in_the_boundary_of_that_layer(graph: Graph) -> None:
    """Add a row to bedplate/catalog/data/iam-boundaries.yaml: AWS's policy and the actions that it names."""
    attached = {(str(item.inputs["policyArn"]), item.layer) for item in graph.of_type(ATTACHMENT)}
    from_aws = {(arn.removeprefix(FROM_AWS), layer) for arn, layer in attached if arn.startswith(FROM_AWS)}
    known = {(row.policy, row.layer) for row in BOUNDARIES.values() if row.attached}

    # Add-ons that an environment may name, and this one does not.
    addons = {(policy, "cluster") for row in catalog().eks_addons.values() for policy in row.policies}

    assert from_aws
    assert sorted((from_aws | addons) - known) == []
    assert sorted(known - from_aws - addons) == []


def inline_actions(graph: Graph) -> set[tuple[str, str]]:
    """Actions of inline policies, with the layer that writes them."""
    found: set[tuple[str, str]] = set()
    for item in graph.of_type(INLINE):
        for statement in json.loads(item.inputs["policy"])["Statement"]:
            found |= {(action, item.layer) for action in statement["Action"]}
    return found


def test_a_boundary_allows_what_inline_policies_of_its_layer_do_and_lists_no_more(graph: Graph) -> None:
    """Add or remove actions of the inline rows of bedplate/catalog/data/iam-boundaries.yaml."""
    listed = {(action, row.layer) for row in BOUNDARIES.values() if not row.attached for action in row.actions}

    assert inline_actions(graph)
    assert sorted(inline_actions(graph) ^ listed) == []


@pytest.mark.parametrize("type_", sorted(ACTIONS))
def test_a_right_names_actions_of_one_service_and_a_condition_with_its_services(type_: str) -> None:
    for right in ACTIONS[type_].rights:
        assert {action.partition(":")[0] for action in right.actions} == {right.service}
        assert bool(right.services) == (right.where in ("passed", "service-linked"))
        assert right.resources == ("*",) or "*" not in right.resources


@pytest.mark.parametrize("type_", sorted(ACTIONS))
def test_what_can_be_made_can_be_read_and_has_a_replacement_rule(type_: str) -> None:
    duties = {duty for right in ACTIONS[type_].rights for duty in right.duties}

    assert {"create", "read"} <= duties
    assert type_ in catalog().replacement_rules


def test_rights_on_every_object_are_those_that_aws_keeps_to_none() -> None:
    everywhere = {
        action
        for row in ACTIONS.values()
        for right in row.rights
        if right.resources == ("*",)
        for action in right.actions
    }

    others = {action for action in everywhere if not action.startswith("ec2:Describe")}
    assert others == {"kms:CreateKey", "kms:ListAliases", "logs:DescribeLogGroups"}
