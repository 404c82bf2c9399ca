"""What rows compute: pods of a node, the driver of an AMI; and what they refuse."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bedplate.catalog.catalog import load
from bedplate.catalog.hardware import AmiFamily, InstanceType


def test_prefix_delegation_multiplies_addresses_up_to_the_cap() -> None:
    types = load().instance_types
    assert types["t3.medium"].max_pods(prefix_delegation=True) == 110
    assert types["p5.48xlarge"].max_pods(prefix_delegation=True) == 250
    assert types["p5.48xlarge"].max_pods(prefix_delegation=False) == 100
    tiny = types["t3.medium"].model_copy(update={"enis": 1, "ipv4_per_eni": 4})
    assert tiny.max_pods(prefix_delegation=True) == 50


def test_pods_are_unknown_where_the_interfaces_are() -> None:
    assert load().instance_types["p6e-gb200.36xlarge"].max_pods(prefix_delegation=False) is None


def test_unknown_is_not_zero() -> None:
    row = load().instance_types["p6e-gb200.36xlarge"]
    assert (row.efa_interfaces, row.gpu_memory_mib, row.gpu_count) == (None, None, 4)
    assert load().instance_types["m7i.large"].efa_interfaces == 0


def test_an_ami_type_tells_its_kernel_by_kubernetes_version() -> None:
    amis = load().ami_types
    assert (amis["AL2023_x86_64_NVIDIA"].kernel("1.35"), amis["BOTTLEROCKET_x86_64"].kernel("1.36")) == ("6.12", None)


@pytest.mark.parametrize(
    ("family", "fips", "name"),
    [
        ("AL2023", False, "AL2023_ARM_64_NVIDIA"),
        ("BOTTLEROCKET", False, "BOTTLEROCKET_ARM_64_NVIDIA"),
        ("BOTTLEROCKET", True, "BOTTLEROCKET_ARM_64_NVIDIA_FIPS"),
    ],
)
def test_an_ami_type_is_found_by_what_is_asked_of_it(family: AmiFamily, fips: bool, name: str) -> None:
    found = load().ami_type_for("arm64", gpu=True, family=family, fips=fips)
    assert found is load().ami_types[name]


def test_amazon_linux_has_no_ami_type_with_validated_cryptography() -> None:
    assert load().ami_type_for("x86_64", gpu=True, fips=True) is None


def test_an_ami_type_tells_its_driver_by_kubernetes_version() -> None:
    assert load().ami_types["AL2023_x86_64_NVIDIA"].driver("1.35") == "580.159.03"


def test_the_driver_of_an_unknown_kubernetes_version_is_unknown() -> None:
    assert load().ami_types["AL2023_x86_64_NVIDIA"].driver("1.99") is None


def test_an_ami_type_without_accelerator_has_no_driver() -> None:
    assert load().ami_types["AL2023_x86_64_STANDARD"].driver("1.35") is None


@pytest.mark.parametrize("missing", ["gpu", "gpuCount", "gpuMemoryMib"])
def test_an_instance_type_with_half_a_gpu_is_refused(missing: str) -> None:
    whole = load().instance_types["g6.xlarge"].model_dump(mode="json")
    with pytest.raises(ValidationError, match="gpu, gpuCount and gpuMemoryMib come together"):
        InstanceType.model_validate({key: value for key, value in whole.items() if key != missing})
