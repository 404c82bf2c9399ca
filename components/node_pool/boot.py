"""What nodes of a managed pool are told at their first start. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from components.bottlerocket import bottlerocket_gpu_settings
from components.node_pool.spec import NodePoolSpec
from components.user_data import bottlerocket_user_data, nodeadm_user_data

# What nodeadm calls RAID0, in Bottlerocket's words. Source: Karpenter AWS provider 1.14.1, which writes the same.
_BOTTLEROCKET_RAID0: Mapping[str, object] = {
    "bootstrap-commands": {
        "000-mount-instance-storage": {
            "commands": [
                ["apiclient", "ephemeral-storage", "init"],
                [
                    "apiclient",
                    "ephemeral-storage",
                    "bind",
                    "--dirs",
                    "/var/lib/containerd",
                    "/var/lib/kubelet",
                    "/var/log/pods",
                ],
            ],
            "essential": True,
            "mode": "always",
        }
    }
}
_NODEADM_RAID0: Mapping[str, object] = {"instance": {"localStorage": {"strategy": "RAID0"}}}


def user_data(spec: NodePoolSpec, mig: Mapping[str, str] | None = None) -> str | None:
    """User data in the language of the pool's image; None where the image's own settings do.

    `mig` is the profile that the pool's GPUs are split into, by the name that Bottlerocket has for them.
    """
    if spec.ami.family == "bottlerocket":
        settings = _bottlerocket_settings(spec, mig or {})
        return bottlerocket_user_data(settings) if settings else None
    return nodeadm_user_data(_NODEADM_RAID0) if spec.instance_store == "raid0" else None


def _bottlerocket_settings(spec: NodePoolSpec, mig: Mapping[str, str]) -> dict[str, object]:
    settings: dict[str, object] = dict(_BOTTLEROCKET_RAID0) if spec.instance_store == "raid0" else {}
    if spec.sharing is not None:
        settings["kubelet-device-plugins"] = {"nvidia": bottlerocket_gpu_settings(spec.sharing, mig)}
    return settings
