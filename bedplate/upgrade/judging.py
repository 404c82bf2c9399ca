"""Whether gates hold. Pure: what a cluster says comes in, a verdict for each gate goes out. Unknown is never open."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bedplate.environment.gates import Observed, Verdict, judge
from bedplate.upgrade.steps import Gate

POOL_LABEL = "bedplate.dev/pool"
"""Label of nodes with their pool's name, as components write it."""

_MINOR = re.compile(r"v?(\d+\.\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What was seen of a cluster: the version of its API server (v1.35.4), all its nodes, and what health gates need.

    None stands for what could not be read.
    """

    version: str | None
    nodes: Sequence[Mapping[str, Any]] | None
    health: Observed


@dataclass(frozen=True, slots=True)
class Judged:
    """How one gate stands; `reasons` name what keeps it closed, or why nobody can tell."""

    gate: Gate
    verdict: Verdict
    reasons: tuple[str, ...] = ()


def judged(gates: Iterable[Gate], sight: Sight) -> tuple[Judged, ...]:
    """A verdict for each of `gates`."""
    return tuple(_judged(gate, sight) for gate in gates)


def _judged(gate: Gate, sight: Sight) -> Judged:
    if gate.kind == "health":
        (result,) = judge([gate.subject], sight.health, minimum=gate.least)
        return Judged(gate, result.verdict, result.reasons)
    if gate.kind == "controlPlane":
        if sight.version is None:
            return Judged(gate, "unknown", ("the API server does not tell its version",))
        open_ = _minor(sight.version) == gate.version
        return Judged(gate, "open" if open_ else "closed", () if open_ else (f"it runs {sight.version}",))
    if sight.nodes is None:
        return Judged(gate, "unknown", ("the nodes could not be read",))
    reasons = tuple(_nodes(gate, sight.nodes))
    return Judged(gate, "closed" if reasons else "open", reasons)


def _nodes(gate: Gate, nodes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    own = [node for node in nodes if node["metadata"].get("labels", {}).get(POOL_LABEL) == gate.subject]
    ready = [node for node in own if _is_ready(node)]
    if len(ready) < gate.least:
        yield f"{len(ready)} of {gate.least} nodes are Ready"
    for node in own:
        version = str(node.get("status", {}).get("nodeInfo", {}).get("kubeletVersion", ""))
        if _minor(version) != gate.version:
            yield f"{node['metadata']['name']} runs {version or 'an unknown version'}"


def _is_ready(node: Mapping[str, Any]) -> bool:
    conditions = node.get("status", {}).get("conditions", ())
    ready = any(item["type"] == "Ready" and item["status"] == "True" for item in conditions)
    return ready and not node.get("spec", {}).get("unschedulable")


def _minor(version: str) -> str:
    found = _MINOR.match(version)
    return found[1] if found else ""
