"""What an EKS node leaves to pods."""

from __future__ import annotations

import pytest

from bedplate.capacity.allocatable import MIB, allocatable
from bedplate.capacity.resources import Amount
from bedplate.catalog import catalog

TYPES = catalog.load().instance_types


def test_a_node_by_the_formula_of_the_ami() -> None:
    # 8 vCPUs: 60 + 10 + 5 + 5 + 4 × 2.5 = 90 millicores. 4 interfaces × 14 addresses + 2 = 58 pods.
    # 32,768 MiB − 7.5 % − (255 + 11 × 58) MiB − 100 MiB.
    memory = 32768 * MIB * 925 // 1000 - (255 + 11 * 58 + 100) * MIB
    assert allocatable(TYPES["g6.2xlarge"], gpu_units=4) == Amount(cpu=7910, memory=memory, gpu=4, pods=58)


def test_an_interface_that_gives_no_addresses_takes_its_pods_and_no_memory() -> None:
    node = TYPES["p5.48xlarge"]
    assert node.ipv4_per_eni is not None
    whole, taken = allocatable(node, gpu_units=8), allocatable(node, gpu_units=8, interfaces_taken=1)
    assert taken.pods == whole.pods - (node.ipv4_per_eni - 1) > 0
    assert (taken.cpu, taken.memory, taken.gpu) == (whole.cpu, whole.memory, whole.gpu)


def test_prefix_delegation_lets_more_pods_onto_a_node_and_leaves_them_less_memory() -> None:
    # 8 vCPUs: at most 110 pods, for which the kubelet keeps 255 + 11 × 110 MiB.
    memory = 32768 * MIB * 925 // 1000 - (255 + 11 * 110 + 100) * MIB
    node = allocatable(TYPES["g6.2xlarge"], gpu_units=4, prefix_delegation=True)
    assert node == Amount(cpu=7910, memory=memory, gpu=4, pods=110)


@pytest.mark.parametrize(("vcpus", "reserved"), [(1, 60), (2, 70), (4, 80), (16, 110), (48, 190)])
def test_cores_are_reserved_less_and_less(vcpus: int, reserved: int) -> None:
    node = TYPES["m7i.large"].model_copy(update={"vcpus": vcpus})
    assert allocatable(node, gpu_units=0).cpu == vcpus * 1000 - reserved


def test_a_fraction_of_a_millicore_is_rounded_against_the_pods() -> None:
    # Five cores: 60 + 10 + 5 + 5 + 2.5 = 82.5.
    node = TYPES["m7i.large"].model_copy(update={"vcpus": 5})
    assert allocatable(node, gpu_units=0).cpu == 5000 - 83


@pytest.mark.parametrize("name", [name for name, row in TYPES.items() if row.enis is not None])
def test_every_type_with_known_interfaces_leaves_something_and_never_more_than_it_has(name: str) -> None:
    left = allocatable(TYPES[name], gpu_units=TYPES[name].gpu_count)
    assert 0 < left.cpu < TYPES[name].vcpus * 1000
    assert 0 < left.memory < TYPES[name].memory_mib * MIB
    assert left.pods > 0
