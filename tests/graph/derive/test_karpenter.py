"""Nodes of Karpenter as a Graph knows them: from NodePools alone."""

from __future__ import annotations

from typing import Any

from bedplate.graph.derive.expand import node_groups
from bedplate.graph.derive.karpenter import NODE_POOL_TYPE, other_node_pools
from bedplate.graph.derive.node_group import NodeGroup
from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import freeze
from components.karpenter.objects import node_pool_name, node_pool_spec
from tests.components.karpenter.pools import karpenter_pool, nodes

STACK = Resource(urn="urn:stack", type="pulumi:pulumi:Stack", name="dev", custom=False)
AWS = Resource(
    urn="urn:aws", type="pulumi:providers:aws", name="aws", parent="urn:stack", inputs=freeze({"region": "us-east-1"})
)


def group(**fields: Any) -> NodeGroup:
    """The one group of a Graph with the NodePool of such an entry."""
    spec = karpenter_pool(**fields)
    manifest = {"metadata": {"name": node_pool_name(spec)}, "spec": node_pool_spec(spec, nodes())}
    pool = Resource(urn="urn:pool", type=NODE_POOL_TYPE, name="made", parent="urn:stack", inputs=freeze(manifest))
    (found,) = node_groups(Graph(environment="dev", resources=[STACK, AWS, pool]))
    return found


def test_a_pool_has_no_nodes_until_pods_wait_and_may_have_any_of_its_types() -> None:
    found = group()

    assert (found.pool, found.count, found.elastic) == ("burst", 0, True)
    assert found.instance_types == ("g6.2xlarge", "g6.xlarge")


def test_a_fixed_number_of_nodes_is_there_whatever_waits() -> None:
    found = group(replicas=2, limits={"nodes": 3})

    assert (found.pool, found.count, found.elastic) == ("burst", 2, False)
    assert found.shape.labels["karpenter.sh/nodepool"] == "burst-static"


def test_nodes_carry_the_template_s_labels_and_those_that_karpenter_sets() -> None:
    labels = group(instanceTypes=["g6.xlarge"]).shape.labels

    assert labels["nvidia.com/gpu.product"] == "NVIDIA-L4"
    assert labels["karpenter.sh/nodepool"] == "burst"
    assert labels["karpenter.sh/capacity-type"] == "on-demand"
    assert labels["node.kubernetes.io/instance-type"] == "g6.xlarge"
    assert labels["topology.kubernetes.io/region"] == "us-east-1"
    assert labels["kubernetes.io/arch"] == "amd64"


def test_what_karpenter_chooses_is_decided_late() -> None:
    shape = group(capacity=["onDemand", "spot"]).shape

    late = {"karpenter.sh/capacity-type", "node.kubernetes.io/instance-type", "topology.kubernetes.io/zone"}
    assert late <= shape.undecided
    assert not late & shape.labels.keys()


def test_taints_keep_pods_without_gpus_away() -> None:
    assert group().shape.taints == [{"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}]


def test_a_node_pool_of_somebody_else_is_no_pool_and_is_named() -> None:
    manifest = {"metadata": {"name": "theirs"}, "spec": {"template": {"metadata": {"labels": {"a": "b"}}, "spec": {}}}}
    other = Resource(urn="urn:pool", type=NODE_POOL_TYPE, name="made", parent="urn:stack", inputs=freeze(manifest))
    made = Graph(environment="dev", resources=[STACK, AWS, other])

    assert node_groups(made) == ()
    assert other_node_pools(made) == ("theirs",)
