"""Graphs of a network, a cluster and one managed pool."""

from __future__ import annotations

from typing import Any

from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from components.base import GpuFacts, NodePoolHandle
from components.cluster.component import Cluster
from components.cluster.spec import ClusterSpec
from components.efa import Interface
from components.network.component import Network
from components.network.spec import NetworkSpec
from components.node_pool.component import NodeImage, NodePool
from tests.components.node_pool.pools import L4, pool_spec
from tests.support.aws_program import ACCOUNT, REGION, ZONES, only, record_on_aws
from tests.support.eks_addons import BEFORE_NODES

NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"

ACCESS = {"name": "admins", "principal": f"arn:aws:iam::{ACCOUNT}:role/admins", "policy": "clusterAdmin"}


def pool_graph(
    *,
    handles: list[NodePoolHandle] | None = None,
    gpu: GpuFacts | None = L4,
    version: str = "1.36",
    ami_type: str = "AL2023_x86_64_NVIDIA",
    ami_release: str = "1.36.0-20260714",
    interfaces: tuple[Interface, ...] = (),
    cluster_name: str = "dev",
    all_zones: tuple[str, ...] = ZONES,
    tags: dict[str, str] | None = None,
    **fields: Any,
) -> Graph:
    """The Graph of a network, a cluster and a pool with `fields` in its spec; its handle goes to `handles`."""

    def build(opts: Any) -> None:
        network = Network(
            "network",
            NetworkSpec(cidr="10.40.0.0/16"),
            zones=all_zones,
            region=REGION,
            account=ACCOUNT,
            cluster_name=cluster_name,
            opts=opts,
        ).handle
        cluster = Cluster(
            "cluster",
            ClusterSpec.model_validate({"kind": "eks", "access": [ACCESS]}),
            cluster_name=cluster_name,
            version="1.36",
            region=REGION,
            account=ACCOUNT,
            network=network,
            addons=BEFORE_NODES,
            opts=opts,
        ).handle
        pool = NodePool(
            "l4",
            pool_spec(**fields),
            cluster=cluster,
            network=network,
            zones=all_zones,
            image=NodeImage(kubernetes=version, ami_type=ami_type, release=ami_release),
            gpu=gpu,
            interfaces=interfaces,
            account=ACCOUNT,
            tags=tags or {},
            opts=opts,
        )
        if handles is not None:
            handles.append(pool.handle)

    return record_on_aws(build)


def node_group(**arguments: Any) -> Resource:
    return only(pool_graph(**arguments), NODE_GROUP)


def template(**arguments: Any) -> Resource:
    return only(pool_graph(**arguments), TEMPLATE)


def handle(**arguments: Any) -> NodePoolHandle:
    handles: list[NodePoolHandle] = []
    pool_graph(handles=handles, **arguments)
    return handles[0]
