"""Pod specs and containers as a Go controller writes them.

KServe reads YAML into Go structs and writes JSON from them. On the way empty fields vanish and quantities take their
canonical spelling. Doing the same here keeps derived objects equal to the real ones, byte for byte.
"""

from __future__ import annotations

from bedplate.graph.derive.quantities import canonical_quantity
from bedplate.graph.values import Json, get, is_opaque

# Maps from free keys to text or quantities: left out when empty, their values never touched.
_FREE_MAPS = frozenset({"annotations", "labels", "matchLabels", "nodeSelector"})
_QUANTITY_MAPS = frozenset({"limits", "overhead", "requests"})
_QUANTITIES = frozenset({"divisor", "sizeLimit"})
# Plain (not pointer) Go fields with omitempty: false and 0 mean absent.
_OMITTED_WHEN_FALSE = frozenset({"hostIPC", "hostNetwork", "hostPID", "readOnly", "stdin", "stdinOnce", "tty"})
# Pointers to text: an empty text says something and stays.
_KEPT_WHEN_EMPTY = frozenset({"service", "storageClassName", "type"})
_OMITTED_WHEN_ZERO = frozenset(
    {"failureThreshold", "hostPort", "initialDelaySeconds", "periodSeconds", "successThreshold", "timeoutSeconds"}
)


def wire_form(value: Json) -> Json:
    """A deep copy of a pod spec, container or part of one, in the form that a Go client sends."""
    if isinstance(value, list):
        return [wire_form(item) for item in value]
    if not isinstance(value, dict) or is_opaque(value):
        return value
    fields = ((key, _field(key, item)) for key, item in value.items())
    return {key: item for key, item in fields if not _omitted(key, item)}


def container_form(container: Json) -> Json:
    """`wire_form` of a container from one of KServe's custom resources, with the defaults in their definitions."""
    form = wire_form(container)
    # Go always writes this struct, even empty.
    form.setdefault("resources", {})
    for port in form.get("ports", []):
        port.setdefault("protocol", "TCP")
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        if get(form, probe, "grpc") is not None:
            form[probe]["grpc"].setdefault("service", "")
    return form


def _field(key: str, value: Json) -> Json:
    if key in _FREE_MAPS and isinstance(value, dict):
        return dict(value)
    if key in _QUANTITY_MAPS and isinstance(value, dict) and not is_opaque(value):
        return {name: canonical_quantity(amount) for name, amount in value.items()}
    if key in _QUANTITIES:
        return canonical_quantity(value)
    return wire_form(value)


def _omitted(key: str, value: Json) -> bool:
    if value == "":
        return key not in _KEPT_WHEN_EMPTY
    if value is None or value == []:
        return True
    if value == {}:
        return key in _FREE_MAPS or key in _QUANTITY_MAPS
    if value is False:
        return key in _OMITTED_WHEN_FALSE
    return key in _OMITTED_WHEN_ZERO and value == 0
