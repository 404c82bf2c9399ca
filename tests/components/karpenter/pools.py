"""Karpenter pools for tests: a small GPU pool, with whatever a test changes in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from components.base import GpuFacts
from components.karpenter.objects import KarpenterNodes
from components.karpenter.spec import KarpenterPoolSpec

L4 = GpuFacts(product="NVIDIA-L4", family="ada-lovelace", count=1, memory_mib=22888)
IMAGE = (
    "/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/x86_64/nvidia/"
    "amazon-eks-node-al2023-x86_64-nvidia-1.35-v20260714/image_id"
)
NODES = KarpenterNodes(
    architecture="x86_64",
    zones=("us-east-1a", "us-east-1b"),
    image=IMAGE,
    subnets=({"tags": {"Name": "dev-private-us-east-1a"}}, {"id": "subnet-0a1b2c3d4e5f60718"}),
    gpu=L4,
)


def karpenter_pool(**fields: Any) -> KarpenterPoolSpec:
    """A pool called burst with `fields` (as in files) in its entry."""
    entry = {
        "name": "burst",
        "provisioner": "karpenter",
        "role": "inference",
        "instanceTypes": ["g6.xlarge", "g6.2xlarge"],
        "limits": {"gpus": 8},
    }
    return KarpenterPoolSpec.model_validate({**entry, **fields})


def nodes(**changes: Any) -> KarpenterNodes:
    """What those nodes are made of, with `changes`."""
    return replace(NODES, **changes)
