"""Who gets into a cluster, on the real engine: edits of entries and of the identity provider, as EKS takes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.project import Project, new_project
from tests.support.engine import EngineSandbox

pytestmark = pytest.mark.engine

PROGRAM = """
import pulumi
import pulumi_aws as aws
from components.cluster.access import trust_tokens
from components.cluster.access_spec import OidcSpec
from components.cluster.existing import ExistingEksCluster
from components.cluster.spec import EksExistingClusterSpec

provider = aws.Provider("aws", region="us-east-1", allowed_account_ids=["111122223333"])
cluster = ExistingEksCluster(
    "cluster",
    EksExistingClusterSpec.model_validate(SPEC),
    region="us-east-1",
    account="111122223333",
    addons=(),
    opts=pulumi.ResourceOptions(providers=[provider]),
)
trust_tokens(cluster, OidcSpec(name="corporate", issuer="https://login.example.org", client_id=CLIENT), cluster="dev")
"""
ENTRY: dict[str, Any] = {
    "name": "research",
    "principal": "arn:aws:iam::111122223333:role/research",
    "policy": "edit",
    "namespaces": ["research"],
}


def program(entry: dict[str, Any] | None, client: str = "bedplate") -> str:
    spec = {
        "kind": "eksExisting",
        "name": "dev",
        "version": "1.35",
        "endpoint": "https://0123.gr7.us-east-1.eks.amazonaws.com",
        "certificateAuthority": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==",
        "securityGroup": "sg-0a1b2c3d4e5f60718",
        "serviceCidr": "172.20.0.0/16",
        "access": [entry] if entry else [],
    }
    return f"SPEC = {spec!r}\nCLIENT = {client!r}\n{PROGRAM}"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with EngineSandbox() as sandbox:
        made = new_project(sandbox, tmp_path / "project", program(ENTRY))
        made.up()
        yield made


def done(project: Project, kind: str) -> list[str]:
    """What was done to objects of `kind`, in order."""
    return [line["operation"] for line in project.sandbox.aws.journal() if line["type"].endswith(f":{kind}")]


def test_a_policy_with_another_scope_is_there_after_the_old_one_went(project: Project) -> None:
    project.write(program({**ENTRY, "namespaces": ["product"]}))
    project.up()

    assert done(project, "AccessPolicyAssociation") == ["create", "delete", "create"]


def test_another_client_of_the_identity_provider_is_taken_in_one_apply(project: Project) -> None:
    project.write(program(ENTRY, client="other"))
    project.up()

    assert done(project, "IdentityProviderConfig") == ["create", "delete", "create"]


def test_an_entry_under_another_name_is_refused_in_one_apply_and_taken_in_two(project: Project) -> None:
    renamed = program({**ENTRY, "name": "scientists"})
    project.write(renamed)
    refused = project.up(check=False)

    assert "already in use on this cluster" in refused.stdout + refused.stderr
    project.write(program(None))
    project.up()
    project.write(renamed)
    project.up()
    assert done(project, "AccessEntry") == ["create", "delete", "create"]
