"""Access entries and identity providers: EKS knows each once, whatever a program calls it."""

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from tests.support.fakeaws.caller import Caller, provider_over
from tests.support.fakeaws.wire import Properties

ENTRY = "aws:eks/accessEntry:AccessEntry"
IDENTITY_PROVIDER = "aws:eks/identityProviderConfig:IdentityProviderConfig"
RESEARCH: Properties = {"clusterName": "dev", "principalArn": "arn:aws:iam::111122223333:role/research"}


def oidc(name: str, cluster: str = "dev") -> Properties:
    config = {"clientId": "bedplate", "identityProviderConfigName": name, "issuerUrl": "https://login.example.org"}
    return {"clusterName": cluster, "oidc": config}


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Caller]:
    with provider_over(tmp_path) as caller:
        yield caller


def test_a_role_has_one_entry_until_that_is_gone(provider: Caller) -> None:
    held = provider.create(ENTRY, "research", RESEARCH)
    with pytest.raises(grpc.RpcError, match="already in use on this cluster"):
        provider.create(ENTRY, "scientists", RESEARCH)

    provider.create(ENTRY, "elsewhere", {**RESEARCH, "clusterName": "prod"})
    provider.delete(held)
    provider.create(ENTRY, "scientists", RESEARCH)


def test_a_cluster_has_one_identity_provider_until_that_is_gone(provider: Caller) -> None:
    held = provider.create(IDENTITY_PROVIDER, "corporate", oidc("corporate"))
    with pytest.raises(grpc.RpcError, match="cluster dev has an identity provider"):
        provider.create(IDENTITY_PROVIDER, "other", oidc("other"))

    provider.create(IDENTITY_PROVIDER, "elsewhere", oidc("corporate", "prod"))
    provider.delete(held)
    provider.create(IDENTITY_PROVIDER, "other", oidc("other"))
