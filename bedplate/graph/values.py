"""JSON values of the Graph, with the two marks that plain JSON lacks: unknown and secret.

A value that only the provider can tell (an ARN, an endpoint) is ``{"$unknown": true}``. A value that must not be
shown is ``{"$secret": true}``: the recorder drops the content, so no output can ever leak it. Both marks are ordinary
JSON; a Graph survives a trip through a file unchanged.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""A JSON value: None, bool, int, float, str, a sequence or a mapping with string keys."""

Path: TypeAlias = tuple[str | int, ...]

# What a JSON value is made of. To ask an abstract class takes ten times as long as to ask a concrete one, and a large
# Graph is asked millions of times: so texts and numbers come first, and each abstract class last.
_SCALARS = (str, int, float, type(None))
_MAPPINGS = (dict, MappingProxyType, Mapping)
_SEQUENCES = (list, tuple, Sequence)

UNKNOWN: Mapping[str, bool] = MappingProxyType({"$unknown": True})
SECRET: Mapping[str, bool] = MappingProxyType({"$secret": True})


def is_unknown(value: Json) -> bool:
    """Whether `value` itself is known only after apply."""
    return _is_mapping(value) and value.get("$unknown") is True


def is_secret(value: Json) -> bool:
    """Whether `value` itself was a secret; its content is not in the Graph."""
    return _is_mapping(value) and value.get("$secret") is True


def is_opaque(value: Json) -> bool:
    """Whether nothing can be said about `value` offline (unknown or secret)."""
    return _is_mapping(value) and (value.get("$unknown") is True or value.get("$secret") is True)


def _is_mapping(value: Json) -> bool:
    return not isinstance(value, _SCALARS) and isinstance(value, _MAPPINGS)


def _is_sequence(value: Json) -> bool:
    return not isinstance(value, _SCALARS) and isinstance(value, _SEQUENCES)


def walk(value: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """Every leaf below `value` with its path. Marks, empty maps and empty lists count as leaves."""
    if _is_mapping(value) and value and not is_opaque(value):
        for key in sorted(value):
            yield from walk(value[key], (*path, key))
    elif _is_sequence(value) and value:
        for index, item in enumerate(value):
            yield from walk(item, (*path, index))
    else:
        yield path, value


def get(value: Json, *keys: str | int, default: Json = None) -> Json:
    """The value below `value` along `keys`, or `default` where the path ends early. Marks are returned as they are."""
    for key in keys:
        if is_opaque(value):
            return value
        if not _has(value, key):
            return default
        value = value[key]
    return value


def _has(value: Json, key: str | int) -> bool:
    """Whether `key` leads into `value`: a key of a mapping, or a position in a list."""
    if _is_mapping(value):
        return key in value
    return _is_sequence(value) and isinstance(key, int) and key < len(value)


def format_path(path: Path) -> str:
    """``("spec", "containers", 0, "image")`` as ``spec.containers[0].image``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def canonical(value: Json) -> bytes:
    """One byte string per value: sorted keys, no spaces, UTF-8. The base of every digest."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain
    ).encode()


def pretty(value: Json) -> str:
    """Sorted, indented JSON with a final newline, for files and `--json`."""
    return json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False, default=_plain) + "\n"


def digest(value: Json) -> str:
    """``sha256:<hex>`` of the canonical bytes."""
    return "sha256:" + hashlib.sha256(canonical(value)).hexdigest()


def thaw(value: Json) -> Json:
    """A deep copy made of plain dicts and lists, for callers that build on it."""
    if isinstance(value, _SCALARS):
        return value
    if isinstance(value, _MAPPINGS):
        return {key: thaw(item) for key, item in value.items()}
    return [thaw(item) for item in value] if isinstance(value, _SEQUENCES) else value


def freeze(value: Json) -> Json:
    """A deep copy made of read-only mappings and tuples."""
    if isinstance(value, _SCALARS):
        return value
    if isinstance(value, _MAPPINGS):
        return MappingProxyType({key: freeze(item) for key, item in value.items()})
    return tuple(freeze(item) for item in value) if isinstance(value, _SEQUENCES) else value


def _plain(value: Json) -> Json:
    if isinstance(value, _MAPPINGS):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
