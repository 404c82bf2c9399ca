"""NodePools and EC2NodeClasses as Karpenter takes them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from components.base import GpuFacts
from components.karpenter.objects import node_class_spec, node_pool_name, node_pool_spec
from components.karpenter.pool import describe_karpenter_pool
from tests.components.karpenter.pools import IMAGE, karpenter_pool, nodes
from tests.support.user_data import bottlerocket_settings

BOTTLEROCKET = {"family": "bottlerocket", "release": "1.53.0-0a1b2c3d"}


def pool(**fields: Any) -> dict[str, Any]:
    """`spec` of the NodePool."""
    return node_pool_spec(karpenter_pool(**fields), nodes())


def template(**fields: Any) -> dict[str, Any]:
    """What nodes of the NodePool are made from."""
    return dict(pool(**fields)["template"]["spec"])


def node_class(**fields: Any) -> Any:
    """`spec` of the EC2NodeClass."""
    return node_class_spec(
        karpenter_pool(**fields),
        nodes(),
        cluster="dev",
        instance_profile="dev-karpenter-node",
        tags={"bedplate:owner": "platform-team"},
    )


def requirement(key: str, **fields: Any) -> list[str]:
    (found,) = [item for item in template(**fields)["requirements"] if item["key"] == key]
    assert found["operator"] == "In"
    return list(found["values"])


def test_karpenter_may_choose_among_the_named_types_and_zones_and_no_others() -> None:
    assert requirement("node.kubernetes.io/instance-type") == ["g6.2xlarge", "g6.xlarge"]
    assert requirement("topology.kubernetes.io/zone") == ["us-east-1a", "us-east-1b"]
    assert requirement("kubernetes.io/arch") == ["amd64"]
    assert requirement("kubernetes.io/os") == ["linux"]


def test_capacity_types_are_spelled_as_karpenter_does() -> None:
    assert requirement("karpenter.sh/capacity-type") == ["on-demand"]
    every = {"capacity": ["onDemand", "spot", "reserved"], "reservations": ["cr-0a1b2c3d4e5f60718"]}
    assert requirement("karpenter.sh/capacity-type", **every) == ["on-demand", "reserved", "spot"]


def test_limits_are_written_by_resource() -> None:
    limits = {"nodes": 4, "cpu": 256, "memoryGib": 1024, "gpus": 8}

    assert pool(limits=limits)["limits"] == {"nodes": "4", "cpu": "256", "memory": "1024Gi", "nvidia.com/gpu": "8"}
    assert pool()["limits"] == {"nvidia.com/gpu": "8"}


def test_a_pool_without_any_limit_is_refused() -> None:
    with pytest.raises(ValidationError, match="without a limit nothing bounds the cost"):
        karpenter_pool(limits={})


def test_nodes_without_pods_go_after_a_while_and_pods_are_not_moved_unless_asked() -> None:
    assert pool()["disruption"] == {"consolidationPolicy": "WhenEmpty", "consolidateAfter": "10m"}
    moved = pool(disruption={"when": "emptyOrUnderutilized", "after": "1h"})["disruption"]
    assert moved == {"consolidationPolicy": "WhenEmptyOrUnderutilized", "consolidateAfter": "1h"}


def test_budgets_say_how_many_why_and_when() -> None:
    budgets = [
        {"nodes": "1"},
        {"nodes": "0", "reasons": ["underutilized", "drifted"], "schedule": "0 8 * * 1-5", "duration": "10h"},
    ]

    assert pool(disruption={"budgets": budgets})["disruption"]["budgets"] == [
        {"nodes": "1"},
        {"nodes": "0", "reasons": ["Drifted", "Underutilized"], "schedule": "0 8 * * 1-5", "duration": "10h"},
    ]


@pytest.mark.parametrize("alone", [{"schedule": "@daily"}, {"duration": "10h"}])
def test_a_budget_with_half_a_span_is_refused(alone: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="schedule and duration come together"):
        karpenter_pool(disruption={"budgets": [{"nodes": "1", **alone}]})


def test_nodes_have_an_age_and_pods_a_time_to_end() -> None:
    assert template()["expireAfter"] == "720h"
    assert "terminationGracePeriod" not in template()
    made = template(expireAfter="Never", terminationGracePeriod="1h30m")
    assert (made["expireAfter"], made["terminationGracePeriod"]) == ("Never", "1h30m")


def test_static_capacity_has_replicas_and_a_name_of_its_own_because_karpenter_lets_no_pool_change_sides() -> None:
    fixed: dict[str, Any] = {"replicas": 2, "limits": {"nodes": 3}}

    assert pool(**fixed)["replicas"] == 2
    assert "replicas" not in pool()
    assert node_pool_name(karpenter_pool()) == "burst"
    assert node_pool_name(karpenter_pool(**fixed)) == "burst-static"


def test_weight_is_written_where_it_is_given() -> None:
    assert pool(weight=10)["weight"] == 10
    assert "weight" not in pool()


def test_labels_and_taints_reach_the_nodes() -> None:
    labels = pool(labels={"example.org/rack": "a", "bedplate.dev/pool": "other"})["template"]["metadata"]["labels"]

    assert labels["example.org/rack"] == "a"
    assert (labels["bedplate.dev/pool"], labels["bedplate.dev/role"]) == ("burst", "inference")
    assert (labels["nvidia.com/gpu.product"], labels["nvidia.com/gpu.count"]) == ("NVIDIA-L4", "1")
    assert labels["nvidia.com/device-plugin.config"] == "exclusive"
    assert template()["taints"] == [{"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}]


def test_the_node_class_is_the_pool_s_own() -> None:
    assert template()["nodeClassRef"] == {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "burst"}


def test_the_image_is_pinned() -> None:
    assert node_class()["amiSelectorTerms"] == [{"ssmParameter": IMAGE}]
    assert node_class()["amiFamily"] == "AL2023"


def test_nodes_refuse_imdsv1_and_keep_pods_away_from_their_credentials() -> None:
    assert node_class()["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpProtocolIPv6": "disabled",
        "httpPutResponseHopLimit": 1,
        "httpTokens": "required",
    }


def test_disks_are_encrypted() -> None:
    key = "arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
    (mapping,) = node_class(disk={"gib": 250, "iops": 4000, "throughputMibs": 500, "kmsKeyArn": key})[
        "blockDeviceMappings"
    ]

    assert mapping == {
        "deviceName": "/dev/xvda",
        "ebs": {
            "volumeType": "gp3",
            "volumeSize": "250Gi",
            "iops": 4000,
            "throughput": 500,
            "encrypted": True,
            "deleteOnTermination": True,
            "kmsKeyID": key,
        },
    }


def test_bottlerocket_has_two_disks_encrypted_both() -> None:
    mappings = node_class(ami=BOTTLEROCKET)["blockDeviceMappings"]

    assert [(item["deviceName"], item["ebs"]["encrypted"]) for item in mappings] == [
        ("/dev/xvda", True),
        ("/dev/xvdb", True),
    ]


def test_nodes_have_the_cluster_s_own_security_group() -> None:
    assert node_class()["securityGroupSelectorTerms"] == [{"tags": {"aws:eks:cluster-name": "dev"}}]


def test_subnets_are_found_by_their_tags_and_the_profile_by_name() -> None:
    made = node_class()

    assert made["subnetSelectorTerms"] == [
        {"tags": {"Name": "dev-private-us-east-1a"}},
        {"id": "subnet-0a1b2c3d4e5f60718"},
    ]
    assert made["instanceProfile"] == "dev-karpenter-node"
    assert "role" not in made


def test_what_the_pool_does_not_ask_for_is_left_to_karpenter() -> None:
    assert not {
        "instanceStorePolicy",
        "kubelet",
        "capacityReservationSelectorTerms",
        "userData",
    } & set(node_class())


def test_local_disks_kubelet_and_reservations() -> None:
    made = node_class(
        instanceStore="raid0",
        kubelet={"maxPods": 58},
        capacity=["reserved"],
        reservations=["cr-0a1b2c3d4e5f60718"],
    )

    assert made["instanceStorePolicy"] == "RAID0"
    assert made["kubelet"] == {"maxPods": 58}
    assert made["capacityReservationSelectorTerms"] == [{"id": "cr-0a1b2c3d4e5f60718"}]


def test_bottlerocket_s_own_device_plugin_is_told_to_share() -> None:
    fixed: dict[str, Any] = {"replicas": 1, "limits": {"nodes": 2}, "sharing": {"timeSlicing": {"replicas": 4}}}

    settings = bottlerocket_settings(node_class(ami=BOTTLEROCKET, **fixed)["userData"])
    assert settings["kubelet-device-plugins"]["nvidia"]["time-slicing"]["replicas"] == 4
    assert "userData" not in node_class(**fixed)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"limits": {"gpus": 2}}, "with replicas nodes are limited, and nothing else"),
        ({"limits": {"nodes": 3, "cpu": 8}}, "with replicas nodes are limited, and nothing else"),
        ({"weight": 3}, "no pod chooses between pools"),
        ({"disruption": {"after": "5m"}}, "such nodes are never too many"),
    ],
)
def test_what_means_nothing_where_the_number_of_nodes_is_fixed_is_refused(fields: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        karpenter_pool(**{"replicas": 2, "limits": {"nodes": 3}, **fields})


@pytest.mark.parametrize(
    ("limits", "nodes"),
    [({"nodes": 3}, 3), ({"gpus": 8}, 8), ({"cpu": 64}, 32), ({"memoryGib": 64}, 8), ({"gpus": 8, "nodes": 3}, 3)],
)
def test_limits_say_how_many_nodes_a_pool_may_have(limits: dict[str, int], nodes: int) -> None:
    gpu = GpuFacts(product="NVIDIA-L4", family="ada-lovelace", count=1, memory_mib=22888)
    assert describe_karpenter_pool(karpenter_pool(limits=limits), gpu).most_nodes == nodes
