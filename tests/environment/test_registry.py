"""Images that EKS publishes are pulled from the registry of the environment's own region."""

from __future__ import annotations

import pytest

from bedplate.catalog.catalog import Catalog
from bedplate.environment.registry import regional

PUBLISHED = "602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/aws-efa-k8s-device-plugin:v0.5.20"


@pytest.mark.parametrize(
    ("region", "registry"),
    [
        ("us-west-2", "602401143452.dkr.ecr.us-west-2.amazonaws.com"),
        ("eu-central-1", "602401143452.dkr.ecr.eu-central-1.amazonaws.com"),
        ("eu-central-2", "900612956339.dkr.ecr.eu-central-2.amazonaws.com"),
        ("cn-north-1", "918309763551.dkr.ecr.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_an_image_of_eks_comes_from_the_registry_of_the_region(region: str, registry: str) -> None:
    expected = f"{registry}/eks/aws-efa-k8s-device-plugin:v0.5.20"
    assert regional(PUBLISHED, region, Catalog().eks_registries) == expected


@pytest.mark.parametrize("region", ["", "mars-north-1"])
def test_where_no_registry_of_the_region_is_known_the_published_name_stays(region: str) -> None:
    assert regional(PUBLISHED, region, Catalog().eks_registries) == PUBLISHED


@pytest.mark.parametrize("image", ["nvcr.io/nvidia/k8s-device-plugin:v0.20.1", "kserve/agent:v0.20.0"])
def test_images_of_others_stay_what_they_are(image: str) -> None:
    assert regional(image, "eu-central-1", Catalog().eks_registries) == image


def test_an_image_of_one_s_own_registry_stays_there() -> None:
    own = "111122223333.dkr.ecr.us-west-2.amazonaws.com/eks/aws-efa-k8s-device-plugin:v0.5.20"
    assert regional(own, "eu-central-1", Catalog().eks_registries) == own
