"""Strategic merge, as far as KServe uses it: a container or pod spec laid over another one.

Kubernetes' rules (apimachinery, pkg/util/strategicpatch): maps merge key by key; most lists are replaced; a few lists
of named items merge item by item. Merged lists take the order of the overlay, and items that only the base has keep
their place relative to items that both have.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bedplate.graph.values import Json

# The lists that merge, with the field that identifies an item (struct tags patchStrategy and patchMergeKey).
CONTAINER_LISTS: Mapping[str, str] = MappingProxyType(
    {"env": "name", "ports": "containerPort", "volumeMounts": "mountPath", "volumeDevices": "devicePath"}
)
POD_LISTS: Mapping[str, str] = MappingProxyType({"imagePullSecrets": "name", "volumes": "name"})
_NO_LISTS: Mapping[str, str] = MappingProxyType({})


def merge(base: Json, overlay: Json, lists: Mapping[str, str] = _NO_LISTS) -> Json:
    """`base` with `overlay` laid over it; `lists` names the fields of this level that merge by item."""
    merged = dict(base)
    for field, value in overlay.items():
        below = merged.get(field)
        if isinstance(below, dict) and isinstance(value, dict):
            merged[field] = merge(below, value)
        elif isinstance(below, list) and isinstance(value, list) and field in lists:
            merged[field] = _merge_items(below, value, lists[field])
        else:
            merged[field] = value
    return merged


def merge_containers(base: Json, overlay: Json) -> Json:
    """Two containers. An environment variable ends with a value or a source, never both: the overlay decides."""
    merged = merge(base, overlay, CONTAINER_LISTS)
    laid = {variable["name"]: variable for variable in overlay.get("env", [])}
    for index, variable in enumerate(merged.get("env", [])):
        if "value" in variable and "valueFrom" in variable and variable["name"] in laid:
            loser = "value" if "valueFrom" in laid[variable["name"]] else "valueFrom"
            merged["env"][index] = {key: item for key, item in variable.items() if key != loser}
    return merged


def _merge_items(base: list[Json], overlay: list[Json], key: str) -> list[Json]:
    place = {item.get(key): index for index, item in enumerate(base)}
    over = [merge(base[place[item.get(key)]], item) if item.get(key) in place else item for item in overlay]
    named = {item.get(key) for item in overlay}
    rest = [item for item in base if item.get(key) not in named]
    ordered: list[Json] = []
    for item in over:
        # Items of the base alone come first only where the base has them before this shared one.
        while rest and item.get(key) in place and place[rest[0].get(key)] < place[item.get(key)]:
            ordered.append(rest.pop(0))
        ordered.append(item)
    return ordered + rest
