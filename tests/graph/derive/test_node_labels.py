"""The labels of a node group's nodes: declared, added by EKS and the kubelet, or decided only when a node starts."""

from __future__ import annotations

from dataclasses import replace

from bedplate.graph.derive.expand import node_groups, pod_groups
from bedplate.graph.derive.node_labels import node_labels
from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import UNKNOWN, Json, freeze

INPUTS: Json = {"amiType": "AL2023_x86_64_STANDARD", "capacityType": "SPOT", "nodeGroupName": "system-a1"}


def test_what_the_node_group_decides_is_known() -> None:
    labels, undecided = node_labels({**INPUTS, "labels": {"role": "system"}}, ("m7i.large",), "eu-west-1")
    assert labels == {
        "eks.amazonaws.com/capacityType": "SPOT",
        "eks.amazonaws.com/nodegroup": "system-a1",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": "m7i.large",
        "role": "system",
        "topology.kubernetes.io/region": "eu-west-1",
    }
    assert {"kubernetes.io/hostname", "topology.kubernetes.io/zone"} <= undecided
    assert not undecided & labels.keys()


def test_nodes_are_on_demand_where_nothing_else_is_said() -> None:
    assert node_labels({}, (), None)[0]["eks.amazonaws.com/capacityType"] == "ON_DEMAND"


def test_what_aws_chooses_or_names_later_is_undecided() -> None:
    labels, undecided = node_labels({**INPUTS, "nodeGroupName": UNKNOWN}, ("m7i.large", "m7i.xlarge"), None)
    late = {"eks.amazonaws.com/nodegroup", "node.kubernetes.io/instance-type", "topology.kubernetes.io/region"}
    assert late <= undecided
    assert not late & labels.keys()


def test_the_region_is_that_of_the_one_aws_provider() -> None:
    group = resource("nodes", "aws:eks/nodeGroup:NodeGroup", {**INPUTS, "instanceTypes": ["m7i.large"]})
    one = resource("main", "pulumi:providers:aws", {"region": "eu-west-1"})
    two = resource("other", "pulumi:providers:aws", {"region": "us-east-1"})
    (found,) = node_groups(Graph(environment="dev", resources=[group, one]))
    assert found.shape.labels["topology.kubernetes.io/region"] == "eu-west-1"
    (found,) = node_groups(Graph(environment="dev", resources=[group, one, two]))
    assert "topology.kubernetes.io/region" in found.shape.undecided


def test_a_capacity_block_has_the_type_of_its_launch_template() -> None:
    template = resource("template", "aws:ec2/launchTemplate:LaunchTemplate", {"instanceType": "p5.48xlarge"})
    group = replace(
        resource("nodes", "aws:eks/nodeGroup:NodeGroup", {**INPUTS, "capacityType": "CAPACITY_BLOCK"}),
        property_dependencies={"launchTemplate": (template.urn,)},
    )
    (found,) = node_groups(Graph(environment="dev", resources=[template, group]))
    assert found.instance_types == ("p5.48xlarge",)
    assert found.shape.labels["node.kubernetes.io/instance-type"] == "p5.48xlarge"


def test_a_pod_that_no_controller_made_counts_as_one() -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "alone", "namespace": "a"}, "spec": {}}
    (group,) = pod_groups(Graph(environment="dev", resources=[resource("alone", "kubernetes:core/v1:Pod", pod)]))
    assert (group.minimum, group.maximum) == (1, 1)


def resource(name: str, kind: str, inputs: Json) -> Resource:
    """A registered resource."""
    return Resource(urn=f"urn:{name}", type=kind, name=name, inputs=freeze(inputs))
