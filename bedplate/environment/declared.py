"""Is a node what its pool declares? Pure: a Node and what GPU feature discovery found on it come in.

Labels of GPUs are declared (docs/adr/0002): they say what was bought. What is there shows in three places: what the
device plugin offers, what the node says of its system, and what GPU feature discovery finds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

Object = Mapping[str, Any]

DRIVER_FROM = "bedplate.dev/driver-from"
UPGRADE_STATE = "nvidia.com/gpu-driver-upgrade-state"
_DRIVER, _OS = "bedplate.dev/driver", "bedplate.dev/os"
_PLUGIN_CONFIG = "nvidia.com/device-plugin.config"
_DEVICE_PATH = "bedplate.dev/device-path"
_PRODUCT = "nvidia.com/gpu.product"
_FOUND_DRIVER = "nvidia.com/cuda.driver-version.full"
_COUNT = re.compile(r"(nvidia\.com/(?:gpu|mig-[a-z0-9.+]+))\.count")
# What discovery tells in the words of the declaration. It measures memory otherwise (all of it, not what CUDA sees).
_COMPARED = re.compile(r"nvidia\.com/(?:gpu|mig-[a-z0-9.+]+)\.(?:product|count|family|replicas|sharing-strategy)")


def differences(node: Object, found: Mapping[str, str] | None) -> Iterator[str]:
    """What of `node` is not as declared; `found` are the labels that discovery would give it, None: it found none."""
    name, labels = node["metadata"]["name"], node["metadata"].get("labels", {})
    yield from (f"{name} {text}" for text in _offers(node, labels))
    yield from (f"{name} {text}" for text in _system(node))
    if found is not None:
        yield from (f"{name} {text}" for text in _discovered(node, labels, found))


def is_witnessed(node: Object) -> bool:
    """Whether discovery runs on `node`: where the device plugin does."""
    return _PLUGIN_CONFIG in node["metadata"].get("labels", {})


def _offers(node: Object, labels: Mapping[str, str]) -> Iterator[str]:
    """Devices that the node offers, working or not, against those declared; what is claimed is in no Node."""
    if labels.get(_DEVICE_PATH) == "dra":
        return
    capacity = node.get("status", {}).get("capacity", {})
    for key in sorted(labels):
        resource = _COUNT.fullmatch(key)
        replicas = int(labels.get(f"{resource[1]}.replicas", "1")) if resource else 0
        if resource and replicas:
            declared, offered = int(labels[key]) * replicas, int(capacity.get(resource[1], "0"))
            if offered != declared:
                yield f"offers {offered} {resource[1]}, and {declared} are declared"


def _system(node: Object) -> Iterator[str]:
    """Kernel and system, where the pool states them."""
    stated = node["metadata"].get("annotations", {}).get(_OS)
    if stated is None:
        return
    os, info = json.loads(stated), node.get("status", {}).get("nodeInfo", {})
    if info.get("kernelVersion") != os["kernel"]:
        yield f"runs kernel {info.get('kernelVersion')}, and {os['kernel']} is declared"
    image = str(info.get("osImage", ""))
    if not re.search(rf"(?<![\d.]){re.escape(os['version'])}(?!\d)", image):
        yield f"runs {image or 'an unknown system'}, and {os['name']} {os['version']} is declared"


def _discovered(node: Object, labels: Mapping[str, str], found: Mapping[str, str]) -> Iterator[str]:
    if _PRODUCT in labels and not any(_COMPARED.fullmatch(key) for key in found):
        yield f"shows no GPU to discovery, and {labels[_PRODUCT]} is declared"
        return
    for key in sorted(labels):
        if _COMPARED.fullmatch(key) and found.get(key) != labels[key]:
            yield f"has {key} {found.get(key, 'unknown')}, and {labels[key]} is declared"
    driver = node["metadata"].get("annotations", {}).get(_DRIVER)
    carries = found.get(_FOUND_DRIVER)
    if driver is not None and carries is not None and not f"{carries}.".startswith(f"{driver}."):
        yield f"carries driver {carries}, and {driver} is declared"
