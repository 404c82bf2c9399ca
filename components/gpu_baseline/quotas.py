"""What a team's quota must name, so that it is not free for everybody."""

from __future__ import annotations

from collections.abc import Iterable

from bedplate.catalog.devices import quota_of_class
from bedplate.catalog.mig import mig_resource
from components.base import NodePoolHandle
from components.gpu_baseline.dra import device_classes


def quota_names(pools: Iterable[NodePoolHandle]) -> tuple[str, ...]:
    """Devices of `pools` beside nvidia.com/gpu, as a ResourceQuota calls them.

    They are instances that nodes offer by profile, and device classes.
    """
    pools = list(pools)
    partitions = [pool.gpu.partition for pool in pools if pool.gpu and pool.gpu.partition and not pool.dra]
    profiles = {profile for each in partitions if each.strategy == "mixed" for profile in each.layout}
    instances = [f"requests.{mig_resource(profile)}" for profile in sorted(profiles)]
    return (*instances, *(quota_of_class(name) for name in device_classes(pools)))
