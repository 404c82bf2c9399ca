"""What a reviewer must not miss: data lost, objects replaced, capacity, money and guardrails given up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from bedplate.graph.diff import WRITER_PATH, Action, Change
from bedplate.graph.kubernetes import as_object
from bedplate.graph.properties import PropertyChange, property_changes
from bedplate.graph.replacement import Replacement, ReplacementRule
from bedplate.graph.values import Json
from bedplate.output.amounts import monthly, total
from bedplate.output.documents.review import ReviewDocument, ViolationDocument
from bedplate.output.karpenter import of_karpenter
from bedplate.output.node_groups import of_node_group
from bedplate.output.one_way import one_way
from bedplate.output.wording import listed, many, money, value_text

# Kinds whose deletion takes other objects or data along, whatever the catalogue says.
_TAKES_ALONG = frozenset({"CustomResourceDefinition", "Namespace", "PersistentVolume", "PersistentVolumeClaim"})
# Paths that count capacity: fewer of them serve fewer requests.
_CAPACITY = ("desiredSize", "minReplicas")
_GPU_QUOTA = "hard.requests.nvidia.com/"
# What keeps an object from being deleted: the engine's option, and EKS's own.
_PROTECTION = ("(option) protect", "deletionProtection")
# Decisions that are looked at on their own, and words that decide nothing.
_NO_DANGER = ("baselineOverrides", "description", "levels", "ownership", "releases", "waivers")
_AWS_PROVIDER = "pulumi:providers:aws"
# Objects that a sentence on many of them names.
_NAMED = 6
# A monthly cost that rises by this part of the base or more is worth a second look.
_RISE = Decimal("0.1")


def dangers(
    head: ReviewDocument | None,
    base: ReviewDocument | None,
    changes: Sequence[Change],
    new: Sequence[ViolationDocument],
    rules: Mapping[str, ReplacementRule],
) -> tuple[str, ...]:
    """Sentences for the danger list, the irreversible first, none twice. `rules` are facts by resource type."""
    ordered = _worst_first(changes)
    if head is None:
        kept = [f"left behind, and it holds data: {change.label}" for change in ordered if change.stateful]
        return ("the environment leaves the repository; what it made stays until `bedplate destroy`", *kept)
    texts = [text for change in ordered for text in _of_change(change, rules)]
    texts += _of_twins(ordered, rules)
    texts += _of_followers(ordered)
    texts += _of_writers(ordered)
    texts += _of_decisions(head, base)
    texts += _of_money(head, base)
    texts += [_of_finding(item) for item in new if base or item["blocks"]]
    return tuple(dict.fromkeys(texts))


def _of_finding(item: ViolationDocument) -> str:
    remark = "" if item["blocks"] else " (waived)" if item["waivedUntil"] else " (advisory)"
    return f"policy {item['verdict']} {item['policy']}: {item['object']}{remark}"


def _worst_first(changes: Sequence[Change]) -> list[Change]:
    order = (Action.DELETE, Action.REPLACE, Action.UPDATE, Action.CREATE)
    registered = [change for change in changes if change.resource.derived_from is None]
    return sorted(registered, key=lambda change: order.index(change.action))


def _of_change(change: Change, rules: Mapping[str, ReplacementRule]) -> Iterator[str]:
    holds_data = ": it holds data" if change.stateful else ""
    if change.action is Action.DELETE:
        if change.stateful:
            yield f"delete {change.label}{holds_data}"
        elif change.resource.is_kubernetes and as_object(change.resource).kind in _TAKES_ALONG:
            yield f"delete {change.label}: everything in it goes too"
    elif change.action is Action.REPLACE and not _follows(change):
        yield f"replace {change.label}{holds_data}"
    elif change.replacement is Replacement.UNKNOWN and change.resource.is_aws:
        yield f"update {change.label}: whether AWS replaces it is unknown{holds_data and ', and it holds data'}"
    yield from one_way(change, rules.get(change.resource.type))
    yield from of_karpenter(change)
    yield from of_node_group(change)
    for item in change.properties:
        if (item.path.endswith(_CAPACITY) or _GPU_QUOTA in item.path) and _falls(item):
            yield f"less capacity: {change.label} {item.path} {value_text(item.before)} → {value_text(item.after)}"
        if item.path in _PROTECTION and item.before is True and not item.after:
            yield f"protection ends: {change.label}"
        if change.resource.type == _AWS_PROVIDER and item.path == "region":
            yield f"{change.label} moves to {value_text(item.after)}: what is there stays in {value_text(item.before)}"


def _follows(change: Change) -> bool:
    """Whether an object is replaced because others are, and loses nothing by it."""
    return change.action is Action.REPLACE and bool(change.causes) and not change.stateful


def _of_followers(changes: Sequence[Change]) -> Iterator[str]:
    """One sentence on all that is replaced along: one edit may reach half of the environment."""
    labels = [change.label for change in changes if _follows(change)]
    if labels:
        yield f"replace {many(len(labels), 'object')} along, because others are: {listed(labels, most=_NAMED)}"


def _of_twins(changes: Sequence[Change], rules: Mapping[str, ReplacementRule]) -> Iterator[str]:
    """Objects that are made while another goes which AWS cannot tell from them: the engine makes before it deletes."""
    going = {_twin(change, rules): change for change in changes if change.action is Action.DELETE}
    for change in changes:
        twin = _twin(change, rules)
        other = going.get(twin) if twin and change.action is Action.CREATE else None
        if other is not None:
            shared = ", ".join(rules[change.resource.type].identity)
            yield (
                f"create {change.label} fails while {other.label}, which goes, is there: both have the same {shared}. "
                "Keep the old name, or apply without it first"
            )


def _twin(change: Change, rules: Mapping[str, ReplacementRule]) -> tuple[str, ...] | None:
    """What AWS tells the object apart by; None where it has an id of its own, or where it is not known yet."""
    rule = rules.get(change.resource.type)
    values = [change.resource.inputs.get(key) for key in rule.identity] if rule else []
    texts = [value for value in values if isinstance(value, str)]
    return (change.resource.type, *texts) if texts and len(texts) == len(values) else None


def _of_writers(changes: Sequence[Change]) -> Iterator[str]:
    """One sentence for each layer that changes hands."""
    moved = Counter(
        (change.resource.layer, str(item.before), str(item.after))
        for change in changes
        for item in change.properties
        if item.path == WRITER_PATH
    )
    for (layer, before, after), count in sorted(moved.items()):
        yield f"layer {layer} changes hands: {before} → {after}, {many(count, 'object')}"


def _falls(item: PropertyChange) -> bool:
    """Whether a number goes down; an absent one after means none is asked for."""
    try:
        return Decimal(str(item.after if item.after is not None else 0)) < Decimal(str(item.before))
    except ArithmeticError:
        return False


def _of_money(head: ReviewDocument, base: ReviewDocument | None) -> Iterator[str]:
    cost = head["cost"]
    after, currency = monthly(cost), cost["currency"]
    if cost["overBudget"]:
        yield f"over budget: {total(cost)} a month, budget {money(cost['budget'], currency)}"
    if base is not None and base["cost"]["currency"] == currency:
        before = monthly(base["cost"])
        if before is not None and after is None:
            yield f"cost is not known any more: {money(before, currency)} → unknown"
        elif before is not None and after is not None and after > before and after - before >= before * _RISE:
            yield f"cost rises: {money(before, currency)} → {money(after, currency)} a month"


def _of_decisions(head: ReviewDocument, base: ReviewDocument | None) -> Iterator[str]:
    """Waivers, levels and everything else that decides without being a resource."""
    before: Mapping[str, Json] = base["decisions"] if base else {}
    after = head["decisions"]
    yield from _of_waivers(before.get("waivers", ()), after["waivers"])
    yield from _of_levels(before.get("levels", ()), after["levels"])
    yield from _of_overrides(before.get("baselineOverrides", ()), after.get("baselineOverrides", ()))
    yield from _of_releases(before.get("releases", {}), after.get("releases", {}))
    if base is not None:
        single = [key for key in sorted(before.keys() | after.keys()) if key not in _NO_DANGER]
        for key in single:
            for item in property_changes({key: before.get(key)}, {key: after.get(key)}):
                yield f"{item.path} {value_text(item.before)} → {value_text(item.after)}"


def _of_releases(before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[str]:
    """A release that both sides use must be the same on both: environments elsewhere trust its version."""
    for reference in sorted(before.keys() & after.keys()):
        if before[reference] != after[reference]:
            yield f"release {reference} is not what it was: releases are immutable, write a new version"


def _of_waivers(before: Sequence[Json], after: Sequence[Json]) -> Iterator[str]:
    """Waivers that are new, or that read differently than before."""
    for item in after:
        if item not in before:
            who = f"{item['owner']}, approved by {item['approver']}"
            yield f"waiver of {item['policy']} for {item['target']} until {item['expires']} ({who}): {item['reason']}"


def _of_overrides(before: Sequence[Json], after: Sequence[Json]) -> Iterator[str]:
    """Versions that were not tested with the rest of the baseline."""
    old = {item["part"]: item for item in before}
    new = {item["part"]: item for item in after}
    for part in sorted(old.keys() | new.keys()):
        if part not in new:
            yield f"override of {part}: {old[part]['value']} → the baseline's"
        elif new[part] != old.get(part):
            was = old[part]["value"] if part in old else "the baseline's"
            yield f"override of {part}: {was} → {new[part]['value']}: {new[part]['reason']}"


def _of_levels(before: Sequence[Json], after: Sequence[Json]) -> Iterator[str]:
    old = {item["policy"]: item for item in before}
    new = {item["policy"]: item for item in after}
    for policy in sorted(old.keys() | new.keys()):
        if policy not in new:
            yield f"level of {policy}: {old[policy]['level']} → its own"
        elif new[policy] != old.get(policy):
            was = old[policy]["level"] if policy in old else "its own"
            yield f"level of {policy}: {was} → {new[policy]['level']}: {new[policy]['reason']}"
