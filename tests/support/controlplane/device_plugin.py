"""What NVIDIA's device plugin would advertise on a node, read from its pod and from its configuration file.

Follows k8s-device-plugin 0.20: the plugin reads one file (`CONFIG_FILE` or ``--config-file``) when it starts. It does
not look at node labels; the `config-manager` beside it does, and picks one key of a folder of files for each node.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import yaml

from tests.support.controlplane.manifests import Manifest
from tests.support.controlplane.mig import Gpu

GPU = "nvidia.com/gpu"
IMAGE = "k8s-device-plugin"
MANAGER = "config-manager"
# Programs of the same image that are not the device plugin.
OTHER_PROGRAMS = frozenset({MANAGER, "gpu-feature-discovery", "mps-control-daemon"})
DEFAULT_LABEL = "nvidia.com/device-plugin.config"

ReadConfigMap = Callable[[str, str], Mapping[str, str]]
"""From namespace and name to the data of a ConfigMap."""


class DevicePluginError(ValueError):
    """The plugin would not start with this configuration, or this simulation cannot play it."""


def is_device_plugin(pod: Manifest) -> bool:
    """Whether the pod belongs to a DaemonSet and runs the device plugin."""
    owners = pod["metadata"].get("ownerReferences", [])
    return any(owner["kind"] == "DaemonSet" for owner in owners) and _plugin(pod) is not None


def advertised(
    pod: Manifest, node_labels: Mapping[str, str], gpus: Sequence[Gpu], read: ReadConfigMap
) -> dict[str, int]:
    """Extended resources of a node with these GPUs on which this pod runs.

    Raises:
        DevicePluginError: the configuration cannot be found, or is refused.
    """
    text = _config_text(pod, node_labels, read)
    config = yaml.safe_load(text) if text else {}
    if not isinstance(config, dict) or config.get("version", "v1") != "v1":
        raise DevicePluginError(f"{_title(pod)}: the configuration must be a map of version v1, got {text!r}")
    sharing = config.get("sharing") or {}
    if set(sharing) - {"timeSlicing"}:
        raise DevicePluginError(
            f"{_title(pod)}: of sharing only timeSlicing is simulated, got {', '.join(sorted(sharing))}"
        )
    try:
        found = _resources((config.get("flags") or {}).get("migStrategy", "none"), gpus)
    except ValueError as error:
        raise DevicePluginError(f"{_title(pod)}: {error}") from error
    return _shared(sharing.get("timeSlicing") or {}, found)


def _resources(strategy: str, gpus: Sequence[Gpu]) -> dict[str, int]:
    """What the strategy makes of whole and of split GPUs (k8s-device-plugin, internal/rm/device_map.go)."""
    instances: Counter[str] = Counter()
    for gpu in gpus:
        instances.update(gpu or {})
    whole = sum(1 for gpu in gpus if gpu is None)
    if strategy == "none":
        return {GPU: len(gpus)}
    if strategy == "single":
        if whole and instances:
            raise ValueError("all devices on the node must be configured with the same migEnabled value")
        if len(instances) > 1:
            raise ValueError("more than one MIG device type present on node")
        return {GPU: whole + instances.total()}
    if strategy != "mixed":
        raise ValueError(f"unknown strategy: {strategy}")
    named = {f"nvidia.com/mig-{profile.replace('+', '.')}": count for profile, count in sorted(instances.items())}
    return ({GPU: whole} if whole or not named else {}) | named


def _shared(slicing: Mapping[str, Any], found: dict[str, int]) -> dict[str, int]:
    shared = dict(found)
    for entry in slicing.get("resources", []):
        name = entry["name"]
        if name in shared:
            renamed = entry.get("rename") or (f"{name}.shared" if slicing.get("renameByDefault") else name)
            shared[renamed] = shared.pop(name) * int(entry["replicas"])
    return shared


def _config_text(pod: Manifest, labels: Mapping[str, str], read: ReadConfigMap) -> str:
    plugin = _plugin(pod) or {}
    file = _setting(plugin, "CONFIG_FILE", "--config-file")
    if not file:
        return ""
    manager = next((entry for entry in _containers(pod) if _program(entry) == MANAGER), None)
    if manager is None:
        folder, key = _files(pod, plugin, PurePosixPath(file).parent, read), PurePosixPath(file).name
    else:
        source = _setting(manager, "CONFIG_FILE_SRCDIR", "--config-file-srcdir")
        folder = _files(pod, manager, PurePosixPath(source), read)
        key = _managed_key(pod, manager, labels, folder)
    if key and key not in folder:
        raise DevicePluginError(
            f"{_title(pod)}: no configuration {key}; there are: {', '.join(sorted(folder)) or 'none'}"
        )
    return folder[key] if key else ""


def _managed_key(pod: Manifest, manager: Manifest, labels: Mapping[str, str], folder: Mapping[str, str]) -> str:
    chosen = labels.get(_setting(manager, "NODE_LABEL", "--node-label") or DEFAULT_LABEL, "")
    chosen = chosen or _setting(manager, "DEFAULT_CONFIG", "--default-config")
    strategies = _setting(manager, "FALLBACK_STRATEGIES", "--fallback-strategies").split(",")
    if not chosen and "named" in strategies and "default" in folder:
        return "default"
    if not chosen and "single" in strategies and len(folder) == 1:
        return next(iter(folder))
    if not chosen and "empty" not in strategies:
        raise DevicePluginError(
            f"{_title(pod)}: no label, no default and no fallback chooses one of {', '.join(sorted(folder))}"
        )
    return chosen


def _files(pod: Manifest, container: Manifest, folder: PurePosixPath, read: ReadConfigMap) -> dict[str, str]:
    """Files that a container sees in a folder onto which a ConfigMap is mounted."""
    mounts = {mount["name"]: PurePosixPath(mount["mountPath"]) for mount in container.get("volumeMounts", [])}
    for volume in pod["spec"].get("volumes", []):
        if mounts.get(volume["name"]) == folder and "configMap" in volume:
            data = read(pod["metadata"]["namespace"], volume["configMap"]["name"])
            items = volume["configMap"].get("items")
            return {item["path"]: data[item["key"]] for item in items} if items else dict(data)
    raise DevicePluginError(f"{_title(pod)}: no ConfigMap is mounted on {folder} of container {container['name']}")


def _plugin(pod: Manifest) -> Manifest | None:
    candidates = (entry for entry in pod["spec"]["containers"] if IMAGE in entry["image"])
    return next((entry for entry in candidates if _program(entry) not in OTHER_PROGRAMS), None)


def _containers(pod: Manifest) -> Iterator[Manifest]:
    yield from pod["spec"].get("initContainers", [])
    yield from pod["spec"]["containers"]


def _program(container: Manifest) -> str:
    command = container.get("command") or [""]
    return PurePosixPath(command[0]).name


def _setting(container: Manifest, variable: str, flag: str) -> str:
    """A setting from the command line, else from the environment, else nothing."""
    words = [*container.get("command", []), *container.get("args", [])]
    for position, word in enumerate(words):
        if word.startswith(f"{flag}="):
            return str(word.partition("=")[2])
        if word == flag:
            return str(words[position + 1])
    return next((entry.get("value", "") for entry in container.get("env", []) if entry["name"] == variable), "")


def _title(pod: Manifest) -> str:
    return f"device plugin {pod['metadata']['namespace']}/{pod['metadata']['name']}"
