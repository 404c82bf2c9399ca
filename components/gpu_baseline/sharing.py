"""Configurations of the NVIDIA device plugin: one for each way in which node pools share their GPUs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import yaml

from components.base import NodePoolHandle

GPU_RESOURCE = "nvidia.com/gpu"

Toleration = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PluginConfig:
    """One configuration. Nodes ask for it by the value `key` of their label nvidia.com/device-plugin.config."""

    key: str
    text: str
    tolerations: tuple[Toleration, ...]

    @property
    def digest(self) -> str:
        """Changes with the text: the plugin reads its file only when it starts."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


def plugin_configs(pools: Iterable[NodePoolHandle]) -> tuple[PluginConfig, ...]:
    """Configurations that `pools` ask for, sorted by key. Pools with one key share their GPUs in the same way.

    Pools without a key need no plugin: their image brings one.
    """
    by_key: dict[str, list[NodePoolHandle]] = {}
    for pool in pools:
        if pool.device_plugin_config:
            by_key.setdefault(pool.device_plugin_config, []).append(pool)
    return tuple(
        PluginConfig(key, _text(same[0].shares_per_gpu), all_tolerations(same)) for key, same in sorted(by_key.items())
    )


def all_tolerations(pools: Iterable[NodePoolHandle]) -> tuple[Toleration, ...]:
    """What lets an agent onto every node of `pools`, each toleration once, sorted."""
    unique = {tuple(sorted(toleration.items())) for pool in pools for toleration in pool.tolerations}
    return tuple(dict(toleration) for toleration in sorted(unique))


def _text(shares_per_gpu: int) -> str:
    config: dict[str, object] = {
        "version": "v1",
        "flags": {
            "migStrategy": "none",
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
