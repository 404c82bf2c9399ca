"""Managed pools for tests: a small GPU pool, with whatever a test changes in it."""

from __future__ import annotations

from typing import Any

from components.base import GpuFacts
from components.node_pool.spec import NodePoolSpec

L4 = GpuFacts(product="NVIDIA-L4", family="ada-lovelace", count=1, memory_mib=22888)


def pool_spec(**fields: Any) -> NodePoolSpec:
    """A pool called l4 with `fields` (as in files) in its entry."""
    size = {"min": 0, "desired": 1, "max": 2}
    return NodePoolSpec.model_validate(
        {
            "name": "l4",
            "provisioner": "managed",
            "role": "inference",
            "instanceTypes": ["g6.xlarge"],
            "size": size,
            **fields,
        }
    )
