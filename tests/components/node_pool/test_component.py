"""The node pool: hardened nodes, the size of the spec, and a name that lets new ones come before old ones go."""

import base64
import json
import re
from dataclasses import replace

import pytest

from bedplate.catalog.mig import Partition
from bedplate.graph.values import get
from bedplate.model.naming import check_name
from components.efa import interfaces
from tests.components.node_pool.graphs import (
    ATTACHMENT,
    NODE_GROUP,
    ROLE,
    TEMPLATE,
    handle,
    node_group,
    pool_graph,
    template,
)
from tests.components.node_pool.pools import L4
from tests.support.aws_program import ACCOUNT, ZONES, named, needs, only, unknown_paths
from tests.support.user_data import bottlerocket_settings


def test_the_group_belongs_to_the_cluster_and_to_its_entry_in_the_environment() -> None:
    group = node_group()

    assert group.inputs["clusterName"] == "dev"
    assert (group.layer, group.entry) == ("cluster", "nodePools[l4]")


def test_the_entry_is_the_name_of_the_spec() -> None:
    group = node_group(name="gpu-large")

    assert group.entry == "nodePools[gpu-large]"
    assert group.inputs["labels"]["bedplate.dev/pool"] == "gpu-large"


def test_the_release_of_the_ami_is_pinned() -> None:
    assert node_group(ami_release="1.35.6-20260714").inputs["releaseVersion"] == "1.35.6-20260714"


def test_version_and_ami_type_are_the_ones_given() -> None:
    group = node_group(version="1.35", ami_type="AL2023_ARM_64_NVIDIA")

    assert (group.inputs["version"], group.inputs["amiType"]) == ("1.35", "AL2023_ARM_64_NVIDIA")


def test_the_size_is_the_spec_s_and_no_change_of_it_is_ignored() -> None:
    group = node_group(size={"min": 1, "desired": 2, "max": 5})

    assert dict(group.inputs["scalingConfig"]) == {"minSize": 1, "desiredSize": 2, "maxSize": 5}
    assert "ignoreChanges" not in group.options


@pytest.mark.parametrize(("capacity", "eks"), [("onDemand", "ON_DEMAND"), ("spot", "SPOT")])
def test_capacity_is_the_spec_s(capacity: str, eks: str) -> None:
    assert node_group(capacity=capacity).inputs["capacityType"] == eks


def test_instance_types_keep_their_order_of_preference() -> None:
    group = node_group(instanceTypes=["g6.2xlarge", "g6.xlarge"])

    assert group.inputs["instanceTypes"] == ("g6.2xlarge", "g6.xlarge")


def test_nodes_stand_in_the_private_subnets_of_the_pool_s_zones() -> None:
    graph = pool_graph(zones=["us-east-1b"])
    group = only(graph, NODE_GROUP)

    assert len(group.inputs["subnetIds"]) == 1
    subnets = {graph[urn].name for urn in group.property_dependencies["subnetIds"]}
    assert "network-private-us-east-1b" in subnets
    assert "network-private-us-east-1a" not in subnets


def test_a_pool_without_zones_uses_all_of_them() -> None:
    assert len(node_group().inputs["subnetIds"]) == len(ZONES)


def test_role_labels_and_taints_reach_the_nodes() -> None:
    group = node_group(
        role="training",
        labels={"example.org/rack": "a"},
        taints=[{"key": "team", "value": "research", "effect": "NoExecute"}],
    )

    assert group.inputs["labels"]["bedplate.dev/role"] == "training"
    assert group.inputs["labels"]["example.org/rack"] == "a"
    assert [dict(taint) for taint in group.inputs["taints"]] == [
        {"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"},
        {"key": "team", "value": "research", "effect": "NO_EXECUTE"},
    ]


def test_a_pool_without_gpus_has_neither_gpu_labels_nor_taints() -> None:
    group = node_group(gpu=None, role="system", instanceTypes=["m7i.large"], ami_type="AL2023_x86_64_STANDARD")

    assert dict(group.inputs["labels"]) == {"bedplate.dev/pool": "l4", "bedplate.dev/role": "system"}
    assert group.inputs["taints"] == ()


def test_sharing_reaches_the_device_plugin_by_label() -> None:
    group = node_group(sharing={"timeSlicing": {"replicas": 4}})

    assert group.inputs["labels"]["nvidia.com/device-plugin.config"] == "timeslicing-4"


def test_nodes_refuse_imdsv1_and_keep_pods_away_from_their_credentials() -> None:
    assert dict(template().inputs["metadataOptions"]) == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
        "instanceMetadataTags": "disabled",
    }


def test_the_root_disk_is_encrypted_and_as_large_as_the_spec_says() -> None:
    (disk,) = template(disk={"gib": 250}).inputs["blockDeviceMappings"]

    assert disk["deviceName"] == "/dev/xvda"
    assert dict(disk["ebs"]) == {
        "deleteOnTermination": "true",
        "encrypted": "true",
        "iops": 3000,
        "throughput": 125,
        "volumeSize": 250,
        "volumeType": "gp3",
    }


def test_a_faster_disk_under_a_key_of_the_account_s_own() -> None:
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
    disk = {"gib": 500, "iops": 4000, "throughputMibs": 1000, "kmsKeyArn": key}
    (mapping,) = template(disk=disk).inputs["blockDeviceMappings"]

    assert {name: mapping["ebs"][name] for name in ("iops", "throughput", "kmsKeyId")} == {
        "iops": 4000,
        "throughput": 1000,
        "kmsKeyId": key,
    }


def test_bottlerocket_s_volumes_are_encrypted_both() -> None:
    ami = {"family": "bottlerocket", "release": "1.53.0-0a1b2c3d"}
    mappings = template(ami=ami).inputs["blockDeviceMappings"]

    assert [(item["deviceName"], item["ebs"]["encrypted"]) for item in mappings] == [
        ("/dev/xvda", "true"),
        ("/dev/xvdb", "true"),
    ]


def test_local_disks_are_joined_by_user_data_and_without_it_there_is_none() -> None:
    text = base64.b64decode(template(instanceStore="raid0").inputs["userData"]).decode()

    assert '"strategy": "RAID0"' in text
    assert "userData" not in template().inputs


def test_bottlerocket_is_told_the_mig_profile_of_the_gpu_that_the_pool_has() -> None:
    split = Partition({"1g.10gb": 7}, "single", {"1g.10gb": 9984})
    gpu = replace(L4, partition=split, bottlerocket_name="h100.80gb")
    ami, sharing = {"family": "bottlerocket", "release": "1.53.0-0a1b2c3d"}, {"mig": {"profile": "1g.10gb"}}
    made = only(pool_graph(gpu=gpu, ami=ami, sharing=sharing), TEMPLATE)

    text = base64.b64decode(made.inputs["userData"]).decode()
    assert bottlerocket_settings(text)["kubelet-device-plugins"]["nvidia"]["mig"] == {
        "profile": {"h100.80gb": "1g.10gb"}
    }


def test_bottlerocket_nodes_ask_for_no_device_plugin_because_they_bring_one() -> None:
    ami = {"family": "bottlerocket", "release": "1.53.0-0a1b2c3d"}

    assert "nvidia.com/device-plugin.config" not in node_group(ami=ami).inputs["labels"]
    assert node_group(ami=ami).inputs["labels"]["nvidia.com/gpu.present"] == "true"
    assert handle(ami=ami).device_plugin_config == ""


def test_instances_disks_and_interfaces_carry_the_tags_that_cost_is_booked_by() -> None:
    specifications = template(tags={"bedplate:owner": "platform-team"}).inputs["tagSpecifications"]

    expected = {"bedplate:owner": "platform-team", "Name": "dev-l4"}
    assert {part["resourceType"]: dict(part["tags"]) for part in specifications} == {
        "instance": expected,
        "network-interface": expected,
        "volume": expected,
    }


def test_the_launch_template_leaves_to_the_group_what_eks_wants_there() -> None:
    graph = pool_graph()

    assert not {"instanceType", "imageId", "iamInstanceProfile", "networkInterfaces"} & set(
        only(graph, TEMPLATE).inputs
    )
    assert "diskSize" not in only(graph, NODE_GROUP).inputs


RESERVATION = {"id": "cr-0a1b2c3d4e5f60718", "zone": "us-east-1b"}


def test_a_capacity_block_is_named_in_the_template_with_its_type() -> None:
    graph = pool_graph(capacity="capacityBlock", reservation=RESERVATION, instanceTypes=["p5.48xlarge"])
    inputs = only(graph, TEMPLATE).inputs

    assert inputs["instanceType"] == "p5.48xlarge"
    assert inputs["instanceMarketOptions"] == {"marketType": "capacity-block"}
    target = inputs["capacityReservationSpecification"]["capacityReservationTarget"]
    assert target == {"capacityReservationId": "cr-0a1b2c3d4e5f60718"}
    assert only(graph, NODE_GROUP).inputs["capacityType"] == "CAPACITY_BLOCK"
    assert "instanceTypes" not in only(graph, NODE_GROUP).inputs


def test_reserved_nodes_start_in_the_zone_of_their_reservation() -> None:
    graph = pool_graph(capacity="onDemand", reservation=RESERVATION)
    group = only(graph, NODE_GROUP)

    assert len(group.inputs["subnetIds"]) == 1
    assert "network-private-us-east-1b" in {graph[urn].name for urn in group.property_dependencies["subnetIds"]}
    assert group.inputs["capacityType"] == "ON_DEMAND"
    assert group.inputs["instanceTypes"] == ("g6.xlarge",)
    assert "instanceMarketOptions" not in only(graph, TEMPLATE).inputs
    assert "instanceType" not in only(graph, TEMPLATE).inputs


def test_nodes_with_efa_have_the_cluster_s_group_and_one_that_lets_them_talk_to_each_other() -> None:
    graph = pool_graph(interfaces=interfaces(2, most=4, cards=4))
    cards = only(graph, TEMPLATE).inputs["networkInterfaces"]

    assert [(item["networkCardIndex"], item["deviceIndex"], item["interfaceType"]) for item in cards] == [
        (0, 0, "interface"),
        (0, 1, "efa-only"),
        (1, 0, "efa-only"),
    ]
    assert {len(item["securityGroups"]) for item in cards} == {2}
    sources = {graph[urn].name for urn in only(graph, TEMPLATE).property_dependencies["networkInterfaces"]}
    assert {"cluster-control-plane", "l4-efa"} <= sources


def test_the_group_for_efa_admits_itself_and_nobody_else() -> None:
    graph = pool_graph(interfaces=interfaces(1, most=1, cards=1))
    group = named(graph, "aws:ec2/securityGroup:SecurityGroup", "l4-efa")
    rules = [
        named(graph, f"aws:vpc/{kind}:{kind[0].upper()}{kind[1:]}", f"l4-efa-{way}")
        for kind, way in (("securityGroupIngressRule", "in"), ("securityGroupEgressRule", "out"))
    ]

    for rule in rules:
        assert rule.inputs["ipProtocol"] == "-1"
        assert not {"cidrIpv4", "cidrIpv6", "prefixListId"} & set(rule.inputs)
        assert rule.property_dependencies["securityGroupId"] == rule.property_dependencies["referencedSecurityGroupId"]
        assert group.urn in rule.property_dependencies["securityGroupId"]


def test_a_pool_without_efa_leaves_interfaces_and_their_groups_to_eks() -> None:
    graph = pool_graph()

    assert "networkInterfaces" not in only(graph, TEMPLATE).inputs
    assert [item.name for item in graph.of_type("aws:ec2/securityGroup:SecurityGroup")] == []


def test_nodes_stand_close_together_where_the_spec_asks_for_it() -> None:
    graph = pool_graph(placement="cluster", zones=["us-east-1a"])
    group = only(graph, "aws:ec2/placementGroup:PlacementGroup")

    assert (group.inputs["name"], group.inputs["strategy"]) == ("dev-l4", "cluster")
    assert only(graph, TEMPLATE).inputs["placement"] == {"groupName": "dev-l4"}
    assert group.urn in only(graph, TEMPLATE).property_dependencies["placement"]
    assert pool_graph().of_type("aws:ec2/placementGroup:PlacementGroup") == ()


def test_the_node_role_can_join_and_pull_and_nothing_else() -> None:
    graph = pool_graph()
    role = named(graph, ROLE, "l4-role")

    assert json.loads(role.inputs["assumeRolePolicy"])["Statement"][0]["Principal"] == {"Service": "ec2.amazonaws.com"}
    attached = [item.inputs["policyArn"] for item in graph.of_type(ATTACHMENT) if item.entry == "nodePools[l4]"]
    assert attached == [
        "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
        "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
    ]


def test_nodes_wait_for_rights_network_and_the_add_ons_they_start_with() -> None:
    graph = pool_graph()

    assert {
        "cluster-control-plane",
        "cluster-eks-pod-identity-agent",
        "cluster-kube-proxy",
        "cluster-vpc-cni",
        "l4-role-AmazonEC2ContainerRegistryPullOnly",
        "l4-role-AmazonEKSWorkerNodePolicy",
        "network-private-us-east-1a",
        "network-s3",
    } <= needs(graph, only(graph, NODE_GROUP))


def test_what_follows_from_names_is_known_before_apply() -> None:
    graph = pool_graph()
    group = only(graph, NODE_GROUP)

    assert group.inputs["nodeRoleArn"] == f"arn:aws:iam::{ACCOUNT}:role/dev-node-l4"
    assert unknown_paths(group) == {
        ("launchTemplate", "id"),
        ("launchTemplate", "version"),
        ("subnetIds", 0),
        ("subnetIds", 1),
    }
    assert unknown_paths(only(graph, TEMPLATE)) == set()


def test_new_instance_types_give_a_new_name_under_the_same_urn() -> None:
    before, after = node_group(), node_group(instanceTypes=["g6.2xlarge"])

    assert before.urn == after.urn
    assert re.fullmatch(r"l4-[0-9a-f]{6}", before.inputs["nodeGroupName"])
    assert before.inputs["nodeGroupName"] != after.inputs["nodeGroupName"]


def test_other_subnets_of_the_same_zone_give_a_new_name() -> None:
    # The first zone's ranges are the network's first: without it those of the second move up.
    before, after = node_group(zones=["us-east-1b"]), node_group(zones=["us-east-1b"], all_zones=ZONES[1:])

    assert before.inputs["nodeGroupName"] != after.inputs["nodeGroupName"]


def test_the_new_group_exists_before_the_old_one_goes() -> None:
    assert node_group().options["deleteBeforeReplace"] is False


def test_a_larger_disk_rolls_the_nodes_inside_the_same_group() -> None:
    before, after = pool_graph(), pool_graph(disk={"gib": 200})

    assert only(before, NODE_GROUP).inputs == only(after, NODE_GROUP).inputs
    assert only(before, TEMPLATE).inputs != only(after, TEMPLATE).inputs
    assert get(only(after, TEMPLATE).inputs, "updateDefaultVersion") is True


def test_names_fit_even_where_pool_and_cluster_have_the_longest_ones() -> None:
    graph = pool_graph(cluster_name="c" * 100, name="p" * 63)

    assert check_name("eksNodeGroup", only(graph, NODE_GROUP).inputs["nodeGroupName"]) is None
    assert check_name("launchTemplate", only(graph, TEMPLATE).inputs["name"]) is None
    assert check_name("iamRole", named(graph, ROLE, "l4-role").inputs["name"]) is None


def test_the_handle_tells_how_to_get_onto_the_nodes() -> None:
    pool = handle(sharing={"timeSlicing": {"replicas": 4}})

    assert pool.labels == {"bedplate.dev/pool": "l4"}
    assert pool.tolerations == (
        {"key": "nvidia.com/gpu", "operator": "Equal", "value": "true", "effect": "NoSchedule"},
    )
    assert (pool.gpu, pool.shares_per_gpu, pool.device_plugin_config) == (L4, 4, "timeslicing-4")


def test_the_handle_of_a_pool_without_gpus_has_no_plugin_configuration() -> None:
    pool = handle(gpu=None)

    assert (pool.gpu, pool.shares_per_gpu, pool.device_plugin_config, pool.tolerations) == (None, 1, "", ())
