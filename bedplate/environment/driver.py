"""NVIDIA's driver on nodes that are there: which one, who brings it, and the image that the GPU Operator starts for it.

The operator takes the image's tag and adds the node's system; for modules that were made for one kernel, branch, kernel
and system. From 26.7 on systems of the Red Hat family are named by their major version (NVIDIA gpu-operator v26.7.0,
NVIDIADriver; GPU Operator documentation, precompiled driver containers).
"""

from __future__ import annotations

from bedplate.environment.environment import Environment
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.units.image import split_image
from components.gpu_operator.spec import GpuOperatorSpec
from components.inventory_pool.spec import NO_DRIVER, InventoryPoolSpec, OsSpec

GPU_DRIVER = "gpuDriver"
"""Role of the driver's image in a baseline, and the part that is its version."""

_BY_MAJOR = frozenset({"ol", "rhel", "rocky"})


def operator_pools(environment: Environment) -> tuple[InventoryPoolSpec, ...]:
    """Pools whose nodes carry no driver, so that the GPU Operator installs it."""
    pools = environment.node_pools
    return tuple(pool for pool in pools if isinstance(pool, InventoryPoolSpec) and pool.driver == NO_DRIVER)


def operator_settings(environment: Environment) -> GpuOperatorSpec:
    """What the environment says of the operator; its defaults where it says nothing."""
    return environment.gpu_operator or GpuOperatorSpec()


def os_tag(os: OsSpec) -> str:
    """How tags of driver images name a system: ubuntu24.04, rhel9."""
    return os.name + (os.version.partition(".")[0] if os.name in _BY_MAJOR else os.version)


def driver_reference(pool: InventoryPoolSpec, resolved: ResolvedEnvironment) -> str:
    """The image that nodes of `pool` pull for their driver, as a lock names it: upstream and without digest."""
    assert pool.os is not None  # cross-checked
    base = resolved.baseline.images[GPU_DRIVER]
    if operator_settings(resolved.environment).modules == "compiled":
        return f"{base}-{os_tag(pool.os)}"
    return f"{_branch_image(base)}-{pool.os.kernel}-{os_tag(pool.os)}"


def driver_image(pool: InventoryPoolSpec, resolved: ResolvedEnvironment) -> str:
    """The image as the operator is told it: where it knows a digest, the whole reference; else what it adds to.

    It takes no digest for precompiled modules.
    """
    base = resolved.baseline.images[GPU_DRIVER]
    if operator_settings(resolved.environment).modules == "precompiled":
        return resolved.mirrored(_branch_image(base))
    pinned = resolved.pinned(driver_reference(pool, resolved))
    return pinned if "@" in pinned else resolved.mirrored(base)


def _branch_image(image: str) -> str:
    """`image` with its branch for a tag, as NVIDIA names what it precompiles: 580 of 580.178.04."""
    tag = split_image(image).tag
    return image.removesuffix(tag) + tag.partition(".")[0]
