"""Configurations of the NVIDIA device plugin: one for each way in which node pools share their GPUs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import yaml

from bedplate.catalog.mig import GPU_RESOURCE
from components.base import NodePoolHandle
from components.gpu_baseline.pods import Toleration, all_tolerations


@dataclass(frozen=True, slots=True)
class PluginConfig:
    """One configuration. Nodes ask for it by the value `key` of their label nvidia.com/device-plugin.config."""

    key: str
    text: str
    tolerations: tuple[Toleration, ...]
    mig: bool = False
    """Whether it is for GPUs that MIG splits."""
    operator: bool = False
    """Whether it is for nodes on which the GPU Operator installs the driver."""


def plugin_configs(pools: Iterable[NodePoolHandle]) -> tuple[PluginConfig, ...]:
    """Configurations that `pools` ask for, sorted by key. Pools with one key share their GPUs in the same way.

    Pools without a key need no plugin: their image brings one.
    """
    by_key: dict[str, list[NodePoolHandle]] = {}
    for pool in pools:
        if pool.device_plugin_config:
            by_key.setdefault(pool.device_plugin_config, []).append(pool)
    return tuple(_config(key, same) for key, same in sorted(by_key.items()))


def _config(key: str, pools: list[NodePoolHandle]) -> PluginConfig:
    first = pools[0]
    partition = first.gpu.partition if first.gpu else None
    text = _text(first.shares_per_gpu, partition.strategy if partition else "none")
    return PluginConfig(key, text, all_tolerations(pools), mig=partition is not None, operator=first.operator)


def _text(shares_per_gpu: int, mig_strategy: str) -> str:
    config: dict[str, object] = {
        "version": "v1",
        "flags": {
            "migStrategy": mig_strategy,
            "failOnInitError": True,
            # The AL2023 NVIDIA AMI makes nvidia containerd's default runtime, which turns this variable into CDI
            # devices itself: the plugin needs neither the driver's files nor a CDI folder of its own.
            "plugin": {"deviceListStrategy": ["envvar"], "deviceIDStrategy": "uuid"},
        },
    }
    if shares_per_gpu > 1:
        config["sharing"] = {
            "timeSlicing": {
                "renameByDefault": False,
                # More shares of one GPU give no more of it, so a pod that asks for several is mistaken.
                "failRequestsGreaterThanOne": True,
                "resources": [{"name": GPU_RESOURCE, "replicas": shares_per_gpu}],
            }
        }
    return yaml.safe_dump(config, sort_keys=False)
