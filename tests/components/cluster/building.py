"""Graphs of a network, a cluster and the add-ons that need nodes."""

from __future__ import annotations

from typing import Any

from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from components.cluster.component import Cluster, ClusterAddons, EksAddon
from components.cluster.spec import ClusterSpec
from components.network.component import Network
from components.network.spec import NetworkSpec
from tests.support.aws_program import ACCOUNT, REGION, ZONES, only, record_on_aws
from tests.support.eks_addons import AFTER_NODES, BEFORE_NODES

CLUSTER = "aws:eks/cluster:Cluster"

ADMINS = {
    "name": "platform-admins",
    "principal": f"arn:aws:iam::{ACCOUNT}:role/platform-admins",
    "policy": "clusterAdmin",
}


def cluster_graph(
    *,
    cluster_name: str = "dev",
    version: str = "1.36",
    vpc: str = "10.40.0.0/16",
    addons: tuple[EksAddon, ...] = BEFORE_NODES,
    **fields: Any,
) -> Graph:
    """The Graph of a network, a cluster with `fields` in its spec, and the add-ons that need nodes."""
    spec = ClusterSpec.model_validate({"kind": "eks", "access": [ADMINS], **fields})

    def build(opts: Any) -> None:
        network = Network(
            "network",
            NetworkSpec(cidr=vpc),
            zones=ZONES,
            region=REGION,
            account=ACCOUNT,
            cluster_name=cluster_name,
            opts=opts,
        )
        cluster = Cluster(
            "cluster",
            spec,
            cluster_name=cluster_name,
            version=version,
            region=REGION,
            account=ACCOUNT,
            network=network.handle,
            addons=addons,
            opts=opts,
        )
        ClusterAddons(
            "addons",
            AFTER_NODES,
            cluster=cluster.handle,
            account=ACCOUNT,
            # Any resource stands for a node group here: its name is what the test looks for.
            nodes=(cluster.handle.before_nodes or cluster.handle.ready),
            opts=opts,
        )

    return record_on_aws(build)


def control_plane(**fields: Any) -> Resource:
    """The EKS cluster of such a Graph."""
    return only(cluster_graph(**fields), CLUSTER)
