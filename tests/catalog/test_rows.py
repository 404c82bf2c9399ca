"""What rows compute: pods of a node, the driver of an AMI; and what they refuse."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bedplate.catalog.catalog import load
from bedplate.catalog.rows import InstanceType

# Pods that the Karpenter 1.14.1 reference states for the type, where EKS caps nothing.
KARPENTER_PODS = {
    "c7i.large": 29,
    "c7i.xlarge": 58,
    "g4dn.12xlarge": 234,
    "g4dn.2xlarge": 29,
    "g4dn.xlarge": 29,
    "g5.2xlarge": 58,
    "g5.xlarge": 58,
    "g6.12xlarge": 234,
    "g6.2xlarge": 58,
    "g6.xlarge": 58,
    "g6e.2xlarge": 58,
    "g6e.xlarge": 58,
    "m6i.2xlarge": 58,
    "m6i.large": 29,
    "m6i.xlarge": 58,
    "m7i.2xlarge": 58,
    "m7i.large": 29,
    "m7i.xlarge": 58,
    "p5.48xlarge": 100,
    "r7i.large": 29,
    "t3.large": 35,
    "t3.medium": 17,
}
# Types for which the reference states more than a managed node group allows.
CAPPED = {"g5.12xlarge": 250, "g6.4xlarge": 110, "g6e.12xlarge": 250, "m7i.4xlarge": 110}


def test_pods_per_node_are_those_that_karpenter_states() -> None:
    types = load().instance_types
    pods = {name: types[name].max_pods(prefix_delegation=False) for name in types if name not in CAPPED}
    assert pods == KARPENTER_PODS


def test_managed_nodes_never_take_more_pods_than_eks_allows_for_their_size() -> None:
    types = load().instance_types
    assert {name: types[name].max_pods(prefix_delegation=False) for name in CAPPED} == CAPPED


def test_prefix_delegation_multiplies_addresses_up_to_the_cap() -> None:
    types = load().instance_types
    assert types["t3.medium"].max_pods(prefix_delegation=True) == 110
    assert types["p5.48xlarge"].max_pods(prefix_delegation=True) == 250
    tiny = types["t3.medium"].model_copy(update={"enis": 1, "ipv4_per_eni": 4})
    assert tiny.max_pods(prefix_delegation=True) == 50


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
