"""The kinds of cluster: what each takes, and that `kind` decides."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from bedplate.model.spec import Spec, check_described
from components.cluster.spec import AnyClusterSpec, ClusterSpec, EksExistingClusterSpec, ExistingClusterSpec

ANY: TypeAdapter[Any] = TypeAdapter(AnyClusterSpec)

EKS_EXISTING = {
    "kind": "eksExisting",
    "name": "ml-platform",
    "version": "1.35",
    "endpoint": "https://0123456789ABCDEF0123456789ABCDEF.gr7.us-east-1.eks.amazonaws.com",
    "certificateAuthority": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==",
    "securityGroup": "sg-0a1b2c3d4e5f60718",
    "serviceCidr": "172.20.0.0/16",
}
EXISTING = {"kind": "existing", "name": "factory", "version": "1.35", "context": "factory-a"}


@pytest.mark.parametrize(
    ("data", "model"),
    [
        (
            {
                "kind": "eks",
                "access": [
                    {
                        "name": "admins",
                        "principal": "arn:aws:iam::111122223333:role/platform-admins",
                        "policy": "clusterAdmin",
                    }
                ],
            },
            ClusterSpec,
        ),
        (EKS_EXISTING, EksExistingClusterSpec),
        (EXISTING, ExistingClusterSpec),
    ],
)
def test_the_kind_decides_what_a_cluster_says_of_itself(data: dict[str, Any], model: type[Spec]) -> None:
    assert type(ANY.validate_python(data)) is model
    assert check_described(model) == ()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "ml.platform"),
        ("version", "1.35.2"),
        ("endpoint", "http://api.example.org"),
        ("certificateAuthority", "-----BEGIN CERTIFICATE-----"),
        ("certificateAuthority", "bWFkZS11cA=="),
        ("securityGroup", "default"),
        ("serviceCidr", "172.20.0.1/16"),
        ("context", "ml-platform"),
    ],
)
def test_a_fact_about_an_eks_cluster_that_cannot_be_one_is_refused(key: str, value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ANY.validate_python({**EKS_EXISTING, key: value})
    assert [error["loc"] for error in refused.value.errors()] == [("eksExisting", key)]


@pytest.mark.parametrize(("key", "value"), [("name", "Factory"), ("version", "v1.35"), ("context", "")])
def test_a_fact_about_another_cluster_that_cannot_be_one_is_refused(key: str, value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ANY.validate_python({**EXISTING, key: value})
    assert [error["loc"] for error in refused.value.errors()] == [("existing", key)]
