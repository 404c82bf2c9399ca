"""What becomes of a repository's objects when the tool is another version and the files are the same.

A version's record holds every URN with the inputs that make its object's identity, every finding, every key that may be
written and every format. Held against another version's record of the same files it tells, before anybody applies:
which object would be deleted, which made again, which finding comes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from bedplate.graph.graph import Graph
from bedplate.graph.replacement import ReplacementRule, is_within, without_positions
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, canonical, format_path, walk
from bedplate.output.documents.compat import (
    CompatDocument,
    EnvironmentCompatDocument,
    FoundDocument,
    MadeDocument,
    RecordDocument,
)
from bedplate.output.documents.review import ReviewDocument
from bedplate.output.exits import Exit, worst
from bedplate.output.schema_keys import narrowed

RECORD_SCHEMA: Final = "bedplate.record/v1"
_ALIAS = "(alias) "
# Hexadecimal digits of a digest: enough to tell values apart, short enough to be kept.
_DIGITS = 12


class RecordError(ValueError):
    """A record cannot be held against another; the message says why and what to do."""


def made_of(review: ReviewDocument, rules: Mapping[str, ReplacementRule]) -> MadeDocument:
    """What a record keeps of a review."""
    graph = Graph.from_json(review["graph"])
    findings: list[FoundDocument] = [
        {
            "policy": item["policy"],
            "object": item["object"],
            "urn": item["urn"],
            "path": item.get("path", ""),
            "verdict": "fail" if item["verdict"] == "fail" else "unknown",
            "blocks": item["blocks"],
        }
        for item in review["policies"]["violations"]
    ]
    return {
        "identities": {item.urn: identity(item, rules.get(item.type)) for item in graph.registered},
        "findings": findings,
    }


def identity(resource: Resource, rule: ReplacementRule | None) -> dict[str, str]:
    """Inputs of `resource` that decide its identity, each as a digest, and the URNs that it takes over.

    Every path that the rule lists is there, absent inputs too: a path that only one record has was not known to the
    other's version, and tells nothing.
    """
    found = {path: _digest(_values(resource, path)) for path in (rule.paths if rule else ())}
    aliases = resource.options.get("aliases", ())
    return found | {f"{_ALIAS}{name}": "" for alias in aliases if (name := _alias(alias))}


def _values(resource: Resource, listed: str) -> list[Json]:
    values = []
    for path, value in walk(resource.inputs):
        text = format_path(path)
        if is_within(without_positions(text), listed):
            values.append([text, value])
    return values


def _alias(alias: Json) -> str:
    """The URN that an alias names; one that is put together from parts by the engine has none here."""
    return str(alias.get("urn", "")) if isinstance(alias, Mapping) else str(alias)


def _digest(value: Json) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()[:_DIGITS]


@dataclass(frozen=True, slots=True)
class EnvironmentCompat:
    """What changes for one environment. `problem` says why the newer version does not load it."""

    name: str
    problem: str = ""
    gone: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    new_findings: tuple[FoundDocument, ...] = ()
    gone_findings: tuple[FoundDocument, ...] = ()

    @property
    def exit(self) -> Exit:
        """What the change means for who applies next."""
        return worst(
            code
            for code, holds in (
                (Exit.USAGE, bool(self.problem)),
                (Exit.INTEGRITY, bool(self.gone or self.replaced)),
                (Exit.POLICY, any(item["blocks"] for item in self.new_findings)),
            )
            if holds
        )

    def to_json(self) -> EnvironmentCompatDocument:
        return {
            "environment": self.name,
            "problem": self.problem,
            "gone": list(self.gone),
            "replaced": list(self.replaced),
            "renamed": list(self.renamed),
            "new": list(self.new),
            "newFindings": list(self.new_findings),
            "goneFindings": list(self.gone_findings),
        }


@dataclass(frozen=True, slots=True)
class Compat:
    """Two versions of the tool over the same files."""

    before: str
    after: str
    formats: tuple[str, ...]
    keys: tuple[str, ...]
    new_keys: tuple[str, ...]
    environments: tuple[EnvironmentCompat, ...] = field(default=())

    @property
    def exit(self) -> Exit:
        """The exit code: the worst of all environments. Keys that nobody here writes break nothing here."""
        return worst(item.exit for item in self.environments)

    def to_json(self) -> CompatDocument:
        return {
            "schema": "bedplate.compat/v1",
            "before": self.before,
            "after": self.after,
            "exit": int(self.exit),
            "formats": list(self.formats),
            "keys": list(self.keys),
            "newKeys": list(self.new_keys),
            "environments": [item.to_json() for item in self.environments],
        }


def compat(before: RecordDocument, after: RecordDocument) -> Compat:
    """Hold `after` against `before`. Raises RecordError where they were not made of the same files."""
    if before["files"] != after["files"]:
        raise RecordError(
            "the record was made of other files than these: check out the commit that it was made of, or write it "
            "again with the version that is in use"
        )
    narrower = (
        text for name, old in before["keys"].items() for text in narrowed(name, old, after["keys"].get(name, {}))
    )
    return Compat(
        before["tool"],
        after["tool"],
        formats=tuple(sorted(set(before["formats"]) - set(after["formats"]))),
        keys=tuple(narrower),
        new_keys=tuple(f"{name}: {path}" for name, new in after["keys"].items() for path in _added(before, name, new)),
        environments=tuple(
            _environment(name, made, after["environments"].get(name))
            for name, made in sorted(before["environments"].items())
        ),
    )


def _added(before: RecordDocument, name: str, new: Mapping[str, object]) -> Iterator[str]:
    """Keys of a kind of file that are new; not those below one that is new."""
    old = before["keys"].get(name, {})
    for path in new:
        parent = path.rpartition(".")[0].removesuffix("[]")
        if path not in old and (not parent or parent in old):
            yield path


def _environment(name: str, old: MadeDocument, new: MadeDocument | None) -> EnvironmentCompat:
    if new is None:
        return EnvironmentCompat(name, "the newer version does not see it")
    if "problem" in new:
        return EnvironmentCompat(name, "" if "problem" in old else new["problem"])
    before, after = old["identities"], new["identities"]
    taken = {key.removeprefix(_ALIAS): urn for urn, made in after.items() for key in made if key.startswith(_ALIAS)}
    left = [urn for urn in before if urn not in after]
    return EnvironmentCompat(
        name,
        gone=tuple(urn for urn in left if urn not in taken),
        replaced=tuple(_replaced(before, after)),
        renamed=tuple(f"{urn} → {taken[urn]}" for urn in left if urn in taken),
        new=tuple(urn for urn in after if urn not in before and urn not in taken.values()),
        new_findings=tuple(item for item in new["findings"] if item not in old["findings"]),
        gone_findings=tuple(item for item in old["findings"] if item not in new["findings"]),
    )


def _replaced(before: Mapping[str, Mapping[str, str]], after: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for urn, old in before.items():
        new = after.get(urn, {})
        paths = [path for path in old if path in new and not path.startswith(_ALIAS) and old[path] != new[path]]
        if paths:
            yield f"{urn}: {', '.join(paths)}"
