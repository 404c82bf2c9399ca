"""Compares a derived object with the real one, and lets pass what other writers are known to add.

A path reads ``spec.containers[kserve-container].env[HF_TOKEN].value``: keys that are not plain words, and items of
lists, stand in brackets. Items of lists are paired by what names them, so an item added in between moves nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path as File
from typing import Self

import yaml

from bedplate.graph.values import Json, is_opaque

Path = tuple[str, ...]

# Where the pod spec lies in each kind; "{pod}" in a rule stands for it.
_POD_SPECS = {"Pod": "spec", "CronJob": "spec.jobTemplate.spec.template.spec"}
_TEMPLATE = "spec.template.spec"
# Fields that name an item of a list, the first one that all items have and that tells them apart.
_NAMES = ("name", "mountPath", "containerPort", "port", "type")
_PARTS = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")


class Item(str):
    """A step of a path into a list: what names the item."""


class _Absent:
    def __repr__(self) -> str:
        return "nothing"


ABSENT = _Absent()


@dataclass(frozen=True)
class Rule:
    """A difference that is expected: the real object has something at `path` (with wildcards) that the derived lacks.

    With `real` only that value is expected. `kinds` is empty for every kind.
    """

    path: str
    reason: str
    kinds: frozenset[str]
    real: Json

    def covers(self, kind: str, path: Path, derived: Json, real: Json) -> bool:
        """Whether the rule expects this difference."""
        if (self.kinds and kind not in self.kinds) or derived is not ABSENT:
            return False
        text = self.path.replace("{pod}", _POD_SPECS.get(kind, _TEMPLATE))
        pattern = [first or second for first, second in _PARTS.findall(text)]
        fits = len(pattern) == len(path) and all(map(fnmatchcase, path, pattern))
        return fits and (self.real is ABSENT or self.real == real)


@dataclass(frozen=True)
class AllowedDifferences:
    """The published list of expected differences."""

    rules: tuple[Rule, ...]

    @classmethod
    def from_file(cls, file: File) -> Self:
        """From a YAML file with a list of rules: `path` and `reason`, perhaps `kinds` and `real`."""
        rules = yaml.safe_load(file.read_text(encoding="utf-8"))
        return cls(
            tuple(
                Rule(rule["path"], rule["reason"], frozenset(rule.get("kinds", ())), rule.get("real", ABSENT))
                for rule in rules
            )
        )

    def allow(self, kind: str, path: Path, derived: Json, real: Json) -> bool:
        """Whether some rule expects this difference."""
        return any(rule.covers(kind, path, derived, real) for rule in self.rules)


def differences(derived: Json, real: Json, allowed: AllowedDifferences) -> list[str]:
    """What differs between `derived` and `real` beyond `allowed`: ``path: derived value, real value``, sorted.

    A derived text that ends in ``-*`` stands for any text that begins so; a value marked unknown, for any value.
    """
    kind = str(real.get("kind", derived.get("kind", "")))
    found = (
        f"{_text(path)}: derived {_show(one)}, real {_show(other)}"
        for path, one, other in _differences((), derived, real)
        if not allowed.allow(kind, path, one, other)
    )
    return sorted(found)


def _differences(path: Path, derived: Json, real: Json) -> Iterator[tuple[Path, Json, Json]]:
    if isinstance(derived, Mapping) and isinstance(real, Mapping) and not is_opaque(derived):
        for key in sorted({*derived, *real}):
            yield from _differences((*path, key), derived.get(key, ABSENT), real.get(key, ABSENT))
    elif isinstance(derived, list) and isinstance(real, list):
        yield from _list_differences(path, derived, real)
    elif not _equal(derived, real):
        yield path, derived, real


def _list_differences(path: Path, derived: list[Json], real: list[Json]) -> Iterator[tuple[Path, Json, Json]]:
    if not all(isinstance(item, Mapping) for item in (*derived, *real)):
        if derived != real:
            yield path, derived, real
        return
    one, other = _by_name(derived, real)
    for name in sorted({*one, *other}):
        yield from _differences((*path, Item(name)), one.get(name, ABSENT), other.get(name, ABSENT))
    shared, in_real = [name for name in one if name in other], [name for name in other if name in one]
    if shared != in_real:
        yield (*path, "order"), shared, in_real


def _by_name(derived: list[Json], real: list[Json]) -> tuple[dict[str, Json], dict[str, Json]]:
    for field in _NAMES:
        pair = [[item.get(field) for item in items] for items in (derived, real)]
        if all(None not in names and len(set(names)) == len(names) for names in pair):
            one, other = ({str(item[field]): item for item in items} for items in (derived, real))
            return one, other
    one, other = ({_show(item): item for item in items} for items in (derived, real))
    return one, other


def _equal(derived: Json, real: Json) -> bool:
    if is_opaque(derived):
        return real is not ABSENT
    if isinstance(derived, str) and derived.endswith("-*") and isinstance(real, str):
        return real.startswith(derived[:-1])
    return bool(derived == real)


def _text(path: Path) -> str:
    text = ""
    for part in path:
        plain = not isinstance(part, Item) and re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", part)
        text += (f".{part}" if text else part) if plain else f"[{part}]"
    return text


def _show(value: Json) -> str:
    return repr(value) if value is ABSENT else json.dumps(value, sort_keys=True, default=dict)
