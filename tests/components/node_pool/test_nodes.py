"""What a pool's nodes look like to Kubernetes, and when a pool needs new ones."""

from typing import Any

import pytest

from bedplate.catalog.mig import Partition
from components.base import GpuFacts
from components.node_fields import TaintSpec
from components.node_pool.nodes import (
    device_plugin_config,
    node_labels,
    pool_zones,
    replacement_fingerprint,
)
from components.nodes import node_taints, tolerations
from tests.components.node_pool.pools import L4
from tests.components.node_pool.pools import pool_spec as pool

SHARED = {"timeSlicing": {"replicas": 4}}
SEVENTHS = Partition({"1g.10gb": 7}, "single", {"1g.10gb": 9984})
PARTS = Partition({"1g.10gb": 2, "3g.40gb": 1}, "mixed", {"1g.10gb": 9984, "3g.40gb": 40448})


def h100(partition: Partition | None) -> GpuFacts:
    return GpuFacts(product="NVIDIA-H100-80GB-HBM3", family="hopper", count=8, memory_mib=81920, partition=partition)


def test_a_node_without_gpus_is_labelled_with_pool_and_role() -> None:
    assert node_labels(pool(name="system", role="system"), None) == {
        "bedplate.dev/pool": "system",
        "bedplate.dev/role": "system",
    }


def test_a_whole_gpu_is_labelled_as_gpu_feature_discovery_would() -> None:
    assert node_labels(pool(), L4) == {
        "bedplate.dev/pool": "l4",
        "bedplate.dev/role": "inference",
        "nvidia.com/device-plugin.config": "exclusive",
        "nvidia.com/gpu.count": "1",
        "nvidia.com/gpu.family": "ada-lovelace",
        "nvidia.com/gpu.memory": "22888",
        "nvidia.com/gpu.present": "true",
        "nvidia.com/gpu.product": "NVIDIA-L4",
        "nvidia.com/gpu.replicas": "1",
        "nvidia.com/gpu.sharing-strategy": "none",
    }


def test_split_gpus_are_described_as_the_instances_that_they_offer() -> None:
    assert node_labels(pool(), h100(SEVENTHS)) == {
        "bedplate.dev/pool": "l4",
        "bedplate.dev/role": "inference",
        "nvidia.com/device-plugin.config": "mig-single",
        "nvidia.com/gpu.count": "56",
        "nvidia.com/gpu.family": "hopper",
        "nvidia.com/gpu.memory": "9984",
        "nvidia.com/gpu.present": "true",
        "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3-MIG-1g.10gb",
        "nvidia.com/gpu.replicas": "1",
        "nvidia.com/gpu.sharing-strategy": "none",
        "nvidia.com/mig.capable": "true",
        "nvidia.com/mig.config": "7x1g.10gb",
        "nvidia.com/mig.strategy": "single",
    }


def test_with_strategy_mixed_whole_gpus_and_every_profile_are_described() -> None:
    labels = node_labels(pool(), h100(PARTS))

    assert labels["nvidia.com/mig.config"] == "2x1g.10gb_1x3g.40gb"
    assert labels["nvidia.com/device-plugin.config"] == "mig-mixed"
    assert {key: labels[f"nvidia.com/gpu.{key}"] for key in ("product", "count", "memory", "replicas")} == {
        "product": "NVIDIA-H100-80GB-HBM3",
        "count": "8",
        "memory": "81920",
        "replicas": "0",
    }
    assert labels["nvidia.com/mig-1g.10gb.count"] == "16"
    assert labels["nvidia.com/mig-3g.40gb.product"] == "NVIDIA-H100-80GB-HBM3-MIG-3g.40gb"
    assert labels["nvidia.com/mig-3g.40gb.memory"] == "40448"


def test_an_image_with_agents_of_its_own_is_asked_for_nothing_by_label() -> None:
    labels = node_labels(pool(ami={"family": "bottlerocket"}), h100(SEVENTHS))

    assert labels["nvidia.com/gpu.product"] == "NVIDIA-H100-80GB-HBM3-MIG-1g.10gb"
    assert {"nvidia.com/mig.config", "nvidia.com/device-plugin.config"}.isdisjoint(labels)


def test_nodes_whose_gpus_are_claimed_ask_for_the_driver_and_for_no_device_plugin() -> None:
    whole, split = (node_labels(pool(devicePath="dra"), h100(partition)) for partition in (None, PARTS))

    assert whole["bedplate.dev/device-path"] == "dra"
    assert {"nvidia.com/mig.config", "nvidia.com/device-plugin.config"}.isdisjoint(whole)
    assert split["nvidia.com/mig.config"] == "2x1g.10gb_1x3g.40gb"
    assert "nvidia.com/device-plugin.config" not in split


def test_no_node_changes_from_counted_to_claimed_gpus() -> None:
    def fingerprint(path: str, gpu: GpuFacts | None) -> str:
        spec = pool(devicePath=path)
        return replacement_fingerprint(spec, subnets=("10.0.0.0/19",), ami_type="AL2023", gpu=gpu)

    assert fingerprint("dra", h100(None)) != fingerprint("devicePlugin", h100(None))


def test_another_split_needs_new_nodes_and_another_strategy_does_not() -> None:
    def fingerprint(partition: Partition | None) -> str:
        return replacement_fingerprint(pool(), subnets=("10.0.0.0/19",), ami_type="AL2023", gpu=h100(partition))

    assert len({fingerprint(None), fingerprint(SEVENTHS), fingerprint(PARTS)}) == 3
    assert fingerprint(Partition({"1g.10gb": 7}, "mixed", {"1g.10gb": 9984})) == fingerprint(SEVENTHS)


def test_a_shared_gpu_says_so_in_product_replicas_strategy_and_plugin_configuration() -> None:
    labels = node_labels(pool(sharing=SHARED), L4)

    assert labels["nvidia.com/gpu.product"] == "NVIDIA-L4-SHARED"
    assert labels["nvidia.com/gpu.replicas"] == "4"
    assert labels["nvidia.com/gpu.sharing-strategy"] == "time-slicing"
    assert labels["nvidia.com/device-plugin.config"] == "timeslicing-4"
    assert labels["nvidia.com/gpu.count"] == "1"


def test_labels_that_bedplate_relies_on_cannot_be_overwritten() -> None:
    labels = node_labels(pool(labels={"bedplate.dev/pool": "other", "example.org/rack": "a"}), None)

    assert labels["bedplate.dev/pool"] == "l4"
    assert labels["example.org/rack"] == "a"


def test_gpus_are_kept_for_pods_that_ask_for_them() -> None:
    assert node_taints(pool(), None) == ()
    assert node_taints(pool(), L4) == (TaintSpec(key="nvidia.com/gpu", value="true", effect="NoSchedule"),)


def test_further_taints_are_sorted_and_the_gpu_taint_is_never_doubled() -> None:
    taints = [
        {"key": "team", "value": "research", "effect": "NoExecute"},
        {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"},
        {"key": "batch", "effect": "PreferNoSchedule"},
    ]

    assert [(taint.key, taint.value) for taint in node_taints(pool(taints=taints), L4)] == [
        ("batch", ""),
        ("nvidia.com/gpu", "true"),
        ("team", "research"),
    ]


def test_a_toleration_matches_its_taint_and_leaves_an_empty_value_out() -> None:
    taints = (TaintSpec(key="batch", effect="NoExecute"), TaintSpec(key="team", value="a", effect="NoSchedule"))

    assert tolerations(taints) == (
        {"key": "batch", "operator": "Equal", "effect": "NoExecute"},
        {"key": "team", "operator": "Equal", "value": "a", "effect": "NoSchedule"},
    )


@pytest.mark.parametrize(("shares", "key"), [(2, "timeslicing-2"), (8, "timeslicing-8")])
def test_the_plugin_configuration_is_named_by_the_number_of_shares(shares: int, key: str) -> None:
    assert device_plugin_config(pool(sharing={"timeSlicing": {"replicas": shares}}), L4) == key
    assert device_plugin_config(pool(), L4) == "exclusive"


def test_an_image_with_a_plugin_of_its_own_needs_no_configuration_of_ours() -> None:
    assert device_plugin_config(pool(ami={"family": "bottlerocket"}, sharing=SHARED), L4) == ""


def test_a_pool_without_zones_uses_all_and_keeps_the_environment_s_order() -> None:
    zones = ("us-east-1b", "us-east-1a", "us-east-1c")

    assert pool_zones(pool(), zones) == zones
    assert pool_zones(pool(zones=["us-east-1a", "us-east-1b"]), zones) == ("us-east-1b", "us-east-1a")


def test_a_zone_outside_the_environment_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^pool l4: us-east-1z not among the environment's zones us-east-1a$"):
        pool_zones(pool(zones=["us-east-1z", "us-east-1a"]), ("us-east-1a",))


def fingerprint(
    *, subnets: tuple[str, ...] = ("10.0.0.0/19",), ami_type: str = "AL2023_x86_64_NVIDIA", **fields: Any
) -> str:
    return replacement_fingerprint(pool(**fields), subnets=subnets, ami_type=ami_type)


def test_whatever_replaces_a_node_group_changes_its_fingerprint() -> None:
    fingerprints = [
        fingerprint(),
        fingerprint(instanceTypes=["g6.2xlarge"]),
        fingerprint(instanceTypes=["g6.xlarge", "g6.2xlarge"]),
        fingerprint(capacity="spot"),
        fingerprint(ami_type="AL2023_ARM_64_NVIDIA"),
        fingerprint(subnets=("10.0.32.0/19",)),
    ]

    assert len(set(fingerprints)) == len(fingerprints)


@pytest.mark.parametrize(
    "fields",
    [
        {"disk": {"gib": 200}},
        {"size": {"min": 1, "desired": 2, "max": 3}},
        {"labels": {"example.org/rack": "a"}},
        {"taints": [{"key": "batch", "effect": "NoSchedule"}]},
        {"sharing": SHARED},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_what_eks_changes_inside_a_node_group_leaves_its_fingerprint(fields: dict[str, Any]) -> None:
    assert fingerprint(**fields) == fingerprint()


def test_nodes_with_adapters_say_so_for_the_plugin_that_offers_them() -> None:
    assert node_labels(pool(efa={"interfaces": 1}), L4)["bedplate.dev/efa"] == "true"
    assert "bedplate.dev/efa" not in node_labels(pool(), L4)
