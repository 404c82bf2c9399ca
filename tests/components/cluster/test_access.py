"""Who gets into the cluster: one entry for each group of the identity provider, with no more rights than it names."""

from typing import Any

import pytest
from pydantic import ValidationError

from bedplate.graph.graph import Graph
from components.cluster.access_spec import AccessSpec, OidcSpec
from tests.components.cluster.building import ADMINS, cluster_graph
from tests.support.aws_program import ACCOUNT, needs, only

ENTRY = "aws:eks/accessEntry:AccessEntry"
ASSOCIATION = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
IDENTITY_PROVIDER = "aws:eks/identityProviderConfig:IdentityProviderConfig"
PROVIDER = "pulumi:providers:kubernetes"

SCIENTISTS = {
    "name": "scientists",
    "group": "ML scientists",
    "principal": f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Scientists_0123456789abc",
}
OIDC = {"name": "corporate", "issuer": "https://login.example.org", "clientId": "bedplate"}


def with_access(*entries: dict[str, Any]) -> Graph:
    return cluster_graph(access=list(entries))


@pytest.mark.parametrize(
    ("policy", "name"),
    [
        ("clusterAdmin", "AmazonEKSClusterAdminPolicy"),
        ("admin", "AmazonEKSAdminPolicy"),
        ("adminView", "AmazonEKSAdminViewPolicy"),
        ("edit", "AmazonEKSEditPolicy"),
        ("view", "AmazonEKSViewPolicy"),
    ],
)
def test_an_access_entry_gives_its_role_one_policy_over_the_whole_cluster(policy: str, name: str) -> None:
    graph = with_access({**ADMINS, "policy": policy})
    entry, rights = only(graph, ENTRY), only(graph, ASSOCIATION)

    assert entry.inputs["principalArn"] == rights.inputs["principalArn"] == ADMINS["principal"]
    assert entry.inputs["type"] == "STANDARD"
    assert rights.inputs["policyArn"] == f"arn:aws:eks::aws:cluster-access-policy/{name}"
    assert dict(rights.inputs["accessScope"]) == {"type": "cluster"}


def test_a_policy_can_be_limited_to_namespaces() -> None:
    graph = with_access({**SCIENTISTS, "policy": "edit", "namespaces": ["research", "product"]})

    scope = only(graph, ASSOCIATION).inputs["accessScope"]
    assert (scope["type"], scope["namespaces"]) == ("namespace", ("research", "product"))


def test_what_eks_knows_once_goes_before_it_is_made_anew() -> None:
    graph = cluster_graph(oidc=OIDC)

    for kind in (ASSOCIATION, IDENTITY_PROVIDER):
        assert only(graph, kind).options["deleteBeforeReplace"] is True


def test_kubernetes_groups_alone_leave_all_rights_to_role_bindings() -> None:
    graph = with_access({**SCIENTISTS, "kubernetesGroups": ["research-scientists"]})

    assert only(graph, ENTRY).inputs["kubernetesGroups"] == ("research-scientists",)
    assert graph.of_type(ASSOCIATION) == ()


def test_the_group_of_the_identity_provider_is_a_tag_of_its_entry() -> None:
    graph = with_access(ADMINS, {**SCIENTISTS, "policy": "view"})
    tags = {entry.name: dict(entry.inputs.get("tags", {})) for entry in graph.of_type(ENTRY)}

    assert tags == {
        "cluster-access-platform-admins": {},
        "cluster-access-scientists": {"bedplate:group": "ML scientists"},
    }


def test_objects_of_the_cluster_wait_for_all_who_may_write_them() -> None:
    graph = with_access(ADMINS, {**SCIENTISTS, "policy": "view"})

    assert {"cluster-access-platform-admins", "cluster-access-scientists"} <= needs(graph, only(graph, PROVIDER))


def test_a_token_s_users_and_groups_get_a_prefix_that_nobody_can_choose() -> None:
    graph = cluster_graph(oidc={**OIDC, "usernameClaim": "email", "prefix": "corp:", "requiredClaims": {"team": "ml"}})
    provider = only(graph, IDENTITY_PROVIDER)

    assert {key: value for key, value in provider.inputs["oidc"].items() if key != "requiredClaims"} == {
        "clientId": "bedplate",
        "groupsClaim": "groups",
        "groupsPrefix": "corp:",
        "identityProviderConfigName": "corporate",
        "issuerUrl": "https://login.example.org",
        "usernameClaim": "email",
        "usernamePrefix": "corp:",
    }
    assert dict(provider.inputs["oidc"]["requiredClaims"]) == {"team": "ml"}
    assert "cluster-control-plane" in needs(graph, provider)


def test_no_identity_provider_is_made_unless_asked_for() -> None:
    assert cluster_graph().of_type(IDENTITY_PROVIDER) == ()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "gives no rights"),
        ({"namespaces": ["research"], "kubernetesGroups": ["a"]}, "limit a policy, and there is none"),
        ({"kubernetesGroups": ["system:masters"]}, "is not a group name"),
        ({"policy": "view", "principal": f"arn:aws:iam::{ACCOUNT}:user/ada"}, "is not the ARN of an IAM role"),
        ({"policy": "view", "principal": f"arn:aws:sts::{ACCOUNT}:assumed-role/a/b"}, "is not the ARN of an IAM role"),
        ({"policy": "view", "group": "Ärzte & Co"}, "is not a group name"),
        ({"policy": "root"}, "Input should be"),
    ],
)
def test_an_entry_that_gives_nothing_or_too_much_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        AccessSpec.model_validate({**SCIENTISTS, **fields})


@pytest.mark.parametrize("prefix", ["", "corp", "system:", "system:corp:", "-", ":"])
def test_a_prefix_that_could_make_a_user_of_kubernetes_itself_is_refused(prefix: str) -> None:
    with pytest.raises(ValidationError, match="is not a prefix that ends with a colon"):
        OidcSpec.model_validate({**OIDC, "prefix": prefix})
