"""The bootstrap component: bucket, key, trust and roles, as resources."""

from __future__ import annotations

import json

import pytest

from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import get
from bedplate.model.naming import check_name
from components.bootstrap import names
from tests.components.bootstrap.builders import ADMINS, ALIAS, BUCKET, CI, GITHUB, bootstrap_graph
from tests.support.aws_program import ACCOUNT, REGION, named, needs, only, unknown_paths
from tests.support.iam import Request, allowed

BUCKET_TYPE = "aws:s3/bucket:Bucket"
LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
KEY = "aws:kms/key:Key"
KEY_ALIAS = "aws:kms/alias:Alias"
PROVIDER = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/policy:Policy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"


def attached(graph: Graph, role: Resource) -> list[Resource]:
    """Policies of a role."""
    found = [item for item in graph.of_type(ATTACHMENT) if item.inputs["role"] == role.inputs["name"]]
    return [graph[urn] for item in found for urn in item.property_dependencies["policyArn"] if "policy:Policy" in urn]


def test_bucket_and_key_are_those_that_the_state_section_names() -> None:
    graph = bootstrap_graph()

    assert only(graph, BUCKET_TYPE).inputs["bucket"] == BUCKET
    assert only(graph, BUCKET_TYPE).inputs["region"] == REGION
    assert only(graph, KEY_ALIAS).inputs["name"] == ALIAS
    assert only(graph, KEY).urn in only(graph, ENCRYPTION).property_dependencies["rules"]


def test_bucket_and_key_refuse_to_be_destroyed() -> None:
    graph = bootstrap_graph(stateBucket={"keyRecoveryDays": 14})

    assert only(graph, BUCKET_TYPE).options["protect"] is True
    assert only(graph, BUCKET_TYPE).inputs["forceDestroy"] is False
    assert only(graph, KEY).options["protect"] is True
    assert only(graph, KEY).inputs["deletionWindowInDays"] == 14


def test_old_versions_of_the_state_are_kept_for_the_days_of_the_spec() -> None:
    rules = {
        rule["id"]: rule
        for rule in only(bootstrap_graph(stateBucket={"oldVersionsDays": 30}), LIFECYCLE).inputs["rules"]
    }

    assert get(rules["old-versions"], "noncurrentVersionExpiration", "noncurrentDays") == 30


def test_versions_are_locked_where_the_spec_asks_for_it() -> None:
    graph = bootstrap_graph(stateBucket={"objectLock": {"mode": "governance", "days": 7}})
    lock = only(graph, LOCK)

    assert only(graph, BUCKET_TYPE).inputs["objectLockEnabled"] is True
    assert dict(get(lock.inputs, "rule", "defaultRetention")) == {"mode": "GOVERNANCE", "days": 7}
    assert "bootstrap-state-versioning" in needs(graph, lock)
    assert bootstrap_graph().of_type(LOCK) == ()


def test_a_bucket_that_somebody_else_keeps_is_not_made_and_still_guarded() -> None:
    graph = bootstrap_graph(stateBucket=None)
    policies = [policy.inputs["policy"] for policy in attached(graph, named(graph, ROLE, "bootstrap-models"))]

    assert graph.of_type(BUCKET_TYPE, KEY) == ()
    checkpoint = f"arn:aws:s3:::{BUCKET}/.pulumi/stacks/bedplate/prod.models.json"
    assert allowed(policies, Request("s3:PutObject", checkpoint))
    assert not allowed(policies, Request("s3:PutBucketPolicy", f"arn:aws:s3:::{BUCKET}"))


def test_a_state_that_is_not_in_s3_needs_no_rights_there() -> None:
    graph = bootstrap_graph(stateBucket=None, backend="https://api.pulumi.com", secrets="gcpkms://projects/x")
    text = "".join(policy.inputs["policy"] for policy in attached(graph, named(graph, ROLE, "bootstrap-models")))

    assert "s3:PutObject" not in text
    assert "kms:Encrypt" not in text


def statement(graph: Graph, sid: str) -> dict[str, object]:
    statements = json.loads(only(graph, KEY).inputs["policy"])["Statement"]
    return next(item for item in statements if item["Sid"] == sid)


def test_the_key_is_used_by_layers_and_operators_and_administered_by_the_account() -> None:
    graph = bootstrap_graph()
    roles = {names.role_arn(ACCOUNT, "prod", layer) for layer in names.APPLYING_LAYERS}
    administered = statement(graph, "AdministerByAccountPolicies")["Action"]

    assert set(get(statement(graph, "UseState"), "Condition", "ArnEquals", "aws:PrincipalArn")) == {ADMINS, *roles}
    assert get(statement(graph, "ReadState"), "Condition", "ArnEquals", "aws:PrincipalArn") == [
        names.role_arn(ACCOUNT, "prod", "plan")
    ]
    assert isinstance(administered, list)
    assert "kms:PutKeyPolicy" in administered
    assert not {"kms:Decrypt", "kms:Encrypt", "kms:CreateGrant"} & set(administered)


def test_an_issuer_is_trusted_without_thumbprints_for_one_audience() -> None:
    provider = only(bootstrap_graph(), PROVIDER)

    assert provider.inputs["url"] == GITHUB
    assert list(provider.inputs["clientIdLists"]) == ["sts.amazonaws.com"]
    assert "thumbprintLists" not in provider.inputs


def test_an_issuer_that_the_account_trusts_already_is_not_made_again() -> None:
    graph = bootstrap_graph(ci=[{**CI, "existing": True}])

    assert graph.of_type(PROVIDER) == ()
    assert "oidc-provider/token.actions" in named(graph, ROLE, "bootstrap-cluster").inputs["assumeRolePolicy"]


def test_there_is_one_role_for_each_layer_and_one_for_plans() -> None:
    roles = {role.inputs["name"] for role in bootstrap_graph().of_type(ROLE)}

    assert roles == {f"bedplate-prod-deploy-{duty}" for duty in ("plan", "bootstrap", "cluster", "platform", "models")}


def test_the_bootstrap_layer_has_a_role_only_where_a_ci_system_is_trusted_with_it() -> None:
    ci = {**CI, "apply": {"cluster": CI["apply"]["cluster"]}}
    graph = bootstrap_graph(ci=[ci])

    assert "bedplate-prod-deploy-bootstrap" not in {role.inputs["name"] for role in graph.of_type(ROLE)}
    assert names.role_arn(ACCOUNT, "prod", "bootstrap") not in only(graph, KEY).inputs["policy"]


def test_without_a_ci_system_the_roles_are_for_people() -> None:
    graph = bootstrap_graph(ci=[])
    (trust,) = json.loads(named(graph, ROLE, "bootstrap-cluster").inputs["assumeRolePolicy"])["Statement"]

    assert graph.of_type(PROVIDER) == ()
    assert trust["Principal"] == {"AWS": [ADMINS]}


def test_every_policy_belongs_to_a_role_or_is_a_boundary() -> None:
    graph = bootstrap_graph()
    used = {policy.urn for role in graph.of_type(ROLE) for policy in attached(graph, role)}
    boundaries = {policy.urn for policy in graph.of_type(POLICY) if "-boundary-" in policy.inputs["name"]}

    assert used | boundaries == {policy.urn for policy in graph.of_type(POLICY)}
    assert len(boundaries) == len(names.ROLE_MAKERS)
    assert not used & boundaries


def test_the_company_s_own_boundary_is_not_made() -> None:
    graph = bootstrap_graph(permissionsBoundary=f"arn:aws:iam::{ACCOUNT}:policy/workload-boundary")

    assert not any("-boundary-" in policy.inputs["name"] for policy in graph.of_type(POLICY))


def test_a_boundary_holds_back_what_no_component_needs() -> None:
    boundary = named(bootstrap_graph(), POLICY, "bootstrap-boundary-models").inputs["policy"]
    weights = f"arn:aws:s3:::bedplate-prod-{ACCOUNT}-weights/a"

    assert allowed([boundary], Request("s3:GetObject", weights))
    assert not allowed([boundary], Request("s3:GetObject", f"arn:aws:s3:::bedplate-dev-{ACCOUNT}-weights/a"))
    assert not allowed([boundary], Request("s3:PutObject", weights))
    assert not allowed([boundary], Request("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/x"))


def test_everything_is_known_before_apply_but_what_aws_makes_up() -> None:
    graph = bootstrap_graph()
    unknown = {(resource.type, path[-1]) for resource in graph.registered for path in unknown_paths(resource)}

    assert unknown == {(KEY_ALIAS, "targetKeyId"), (ENCRYPTION, "kmsMasterKeyId"), (ATTACHMENT, "policyArn")}


@pytest.mark.parametrize("environment", ["prod", "e" * names.LONGEST_ENVIRONMENT])
def test_names_fit_whatever_the_environment_is_called(environment: str) -> None:
    graph = bootstrap_graph(environment)

    refusals = [check_name("iamRole", role.inputs["name"]) for role in graph.of_type(ROLE)]
    refusals += [check_name("iamPolicy", policy.inputs["name"]) for policy in graph.of_type(POLICY)]
    assert refusals
    assert [refusal for refusal in refusals if refusal] == []
    assert {resource.layer for resource in graph.registered if not resource.type.startswith("pulumi:")} == {"bootstrap"}
