"""The services of AWS that a platform needs to reach, and those that get an endpoint for it."""

from __future__ import annotations

import pytest

from bedplate.catalog.catalog import load
from bedplate.environment.environment import Environment
from bedplate.environment.network import CLUSTER, interface_endpoints
from tests.support.environments import dev

CATALOG = load()
EVERY_CLUSTER = {"ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "sts"}


def environment(*addons: str, connectivity: str = "connected", extra: tuple[str, ...] = ()) -> Environment:
    """`dev` with other add-ons, by name, and services that the network asks for."""
    data = {**dev().environment.model_dump(mode="json", by_alias=True), "connectivity": connectivity}
    data["addons"] = [{"name": name, "source": "eks"} for name in addons]
    data["network"]["endpoints"] = {"extra": list(extra)}
    return Environment.model_validate(data)


def test_a_connected_platform_gets_the_endpoints_that_it_asks_for_and_no_other() -> None:
    assert interface_endpoints(environment("aws-efs-csi-driver"), CATALOG) == ()
    assert interface_endpoints(environment(extra=("sts", "kms")), CATALOG) == ("kms", "sts")


def test_a_private_platform_reaches_all_that_every_cluster_needs() -> None:
    assert set(interface_endpoints(environment(connectivity="private"), CATALOG)) == EVERY_CLUSTER


def test_a_private_platform_reaches_what_its_add_ons_call() -> None:
    with_addons = environment("aws-efs-csi-driver", "amazon-cloudwatch-observability", connectivity="private")

    found = interface_endpoints(with_addons, CATALOG)
    assert set(found) == EVERY_CLUSTER | {"elasticfilesystem", "logs", "xray"}
    assert list(found) == sorted(found)


def test_what_is_asked_for_comes_beside_what_is_needed_and_once() -> None:
    asked = environment(connectivity="private", extra=("bedrock-runtime", "sts"))

    found = interface_endpoints(asked, CATALOG)
    assert set(found) == EVERY_CLUSTER | {"bedrock-runtime"}
    assert len(found) == len(set(found))


def in_an_existing_vpc(connectivity: str, endpoints: str) -> Environment:
    data = environment(connectivity=connectivity).model_dump(mode="json", by_alias=True)
    subnets = [
        {"zone": zone, "id": f"subnet-0000000{number}", "cidr": f"10.20.{number}.0/24"}
        for number, zone in enumerate(data["cloud"]["zones"])
    ]
    existing = {"vpcId": "vpc-00000000", "cidr": "10.20.0.0/16", "privateSubnets": subnets, "endpoints": endpoints}
    return Environment.model_validate({**data, "network": {"existing": existing, "endpoints": {"extra": ["kms"]}}})


@pytest.mark.parametrize(
    ("connectivity", "endpoints", "made"),
    [
        ("connected", "provided", {"kms"}),
        ("private", "provided", {"kms"}),
        ("private", "made", {"kms", *EVERY_CLUSTER}),
    ],
)
def test_the_owner_of_an_existing_vpc_provides_what_is_needed_unless_it_says_otherwise(
    connectivity: str, endpoints: str, made: set[str]
) -> None:
    assert set(interface_endpoints(in_an_existing_vpc(connectivity, endpoints), CATALOG)) == made


def test_the_catalogue_says_who_needs_a_service_and_why() -> None:
    needed = [row for row in CATALOG.vpc_endpoints.values() if row.needed_by]

    assert {row.service for row in needed if CLUSTER in row.needed_by} == EVERY_CLUSTER
    assert all(row.reason for row in needed)
