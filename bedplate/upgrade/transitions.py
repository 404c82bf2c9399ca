"""What it takes to move a part: what the catalogue states, and what follows from it for nodes. Unknown is blocked."""

from __future__ import annotations

from dataclasses import replace

from bedplate.catalog.catalog import Catalog
from bedplate.catalog.hardware import AmiType
from bedplate.upgrade.holds import Nodes
from bedplate.upgrade.steps import Transition


def transition(catalog: Catalog, part: str, old: str, new: str, subject: str = "") -> Transition:
    """The move of `part` from `old` to `new` as the catalogue states it.

    What cannot be taken back is never safe: people agree to it first.
    """
    row = catalog.upgrade(part, old, new)
    if row is None:
        what = f"from {old} to {new}" if old != new else f"to other images or charts of {old}"
        reason = f"nobody has stated what it takes to go {what}; a row of upgrades.yaml with its source would"
        return Transition(part, subject, old, new, "blocked", reason, "")
    if row.irreversible and row.kind == "safe":
        reason = f"agree that it cannot be taken back: {row.reason}"
        return Transition(part, subject, old, new, "manual", reason, row.source, irreversible=True)
    return Transition(part, subject, old, new, row.kind, row.reason, row.source, row.irreversible, row.reversible_days)


def node_transitions(catalog: Catalog, nodes: Nodes) -> tuple[Transition, ...]:
    """The move of a pool's nodes: their image's release, or for Bottlerocket what changes in the image."""
    if nodes.facts.pool.ami.family == "al2023" and nodes.now.release != nodes.goal.release:
        old, new = str(nodes.now.release), str(nodes.goal.release)
        return (transition(catalog, "amiRelease", old, new, nodes.name),)
    return (_kubelet(catalog.ami_types[nodes.now.ami_type], nodes),)


def kept_by_others(move: Transition) -> Transition:
    """The same move of a control plane that somebody else keeps: it is done there first."""
    if move.kind == "blocked":
        return move
    reason = f"whoever keeps the cluster moves its control plane first: {move.reason}"
    return replace(move, kind="manual", reason=reason, reversible_days=None)


def _kubelet(ami: AmiType, nodes: Nodes) -> Transition:
    """The same release for another Kubernetes: its driver and kernel may be others."""
    old, new = nodes.now.kubernetes, nodes.goal.kubernetes
    parts = [("kernel", ami.kernel(old), ami.kernel(new))]
    if nodes.facts.gpu is not None:
        parts.append(("driver", ami.driver(old), ami.driver(new)))
    unknown = [name for name, before, after in parts if before is None or after is None]
    changed = [f"{name} {before} → {after}" for name, before, after in parts if before != after]
    if unknown:
        reason = f"the {' and the '.join(unknown)} of {ami.name} on {old} or {new} are not in the catalogue"
        return Transition("nodes", nodes.name, old, new, "blocked", reason, "")
    if changed:
        reason = f"nodes are replaced, with {', '.join(changed)}: try the models on them first"
        return Transition("nodes", nodes.name, old, new, "manual", reason, ami.source)
    reason = "nodes are replaced; " + " and ".join(f"{name} {before}" for name, before, _ in parts) + " stay"
    return Transition("nodes", nodes.name, old, new, "safe", reason, ami.source)
