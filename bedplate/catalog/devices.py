"""Device classes: the names under which pods claim GPUs and MIG instances with dynamic resource allocation (DRA).

The class of whole GPUs is that of NVIDIA's DRA driver 0.5.0. The driver has one class for instances of every profile; a
quota counts by class, and so does a proof, so that each profile has a class of its own here.
"""

from __future__ import annotations

DRA_DRIVER = "gpu.nvidia.com"
"""Name under which NVIDIA's driver publishes devices, and the domain of their attributes."""

GPU_CLASS = "gpu.nvidia.com"
"""Device class of whole GPUs."""

_MIG_CLASS = ("mig-", ".bedplate.dev")


def mig_class(profile: str) -> str:
    """Device class of MIG instances of `profile`."""
    return f"{_MIG_CLASS[0]}{profile}{_MIG_CLASS[1]}"


def profile_of(device_class: str) -> str | None:
    """Profile of the instances in a class; None for whole GPUs. Raises ValueError for a class that is none of these."""
    if device_class == GPU_CLASS:
        return None
    prefix, suffix = _MIG_CLASS
    if device_class.startswith(prefix) and device_class.endswith(suffix):
        return device_class.removeprefix(prefix).removesuffix(suffix)
    raise ValueError(f"{device_class!r} is no device class of Bedplate")


def class_expression(device_class: str) -> str:
    """CEL that is true for the devices of a class: what the driver says of them in its ResourceSlices."""
    attributes = f"device.attributes['{DRA_DRIVER}']"
    profile = profile_of(device_class)
    of_kind = f"{attributes}.type == 'gpu'" if profile is None else f"{attributes}.type == 'mig'"
    of_profile = "" if profile is None else f" && {attributes}.profile == '{profile}'"
    return f"device.driver == '{DRA_DRIVER}' && {of_kind}{of_profile}"


def quota_of_class(device_class: str) -> str:
    """What a ResourceQuota calls the devices that claims of a namespace may ask for."""
    return f"{device_class}.deviceclass.resource.k8s.io/devices"
