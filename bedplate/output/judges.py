"""Lines for the capacity proof, the cost, the lock and the charts of a review."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from bedplate.output.amounts import monthly
from bedplate.output.documents.review import (
    AmountDocument,
    CapacityDocument,
    CostDocument,
    CostLineDocument,
    MemoryDocument,
    QuotaDocument,
    ReviewDocument,
)
from bedplate.output.lines import BLANK, Line, Segment, Style, heading, indented, line, table
from bedplate.output.reasons import NO_LOCK
from bedplate.output.verdict import price
from bedplate.output.wording import listed, many, money
from bedplate.units.quantity import format_bytes, format_cpu

_NAMES_SHOWN = 8
# Where digests come from that no public source tells.
_DIGESTS = "a digest that it cannot find is a row of extensions/catalog/images.yaml or charts.yaml"
_FIT_STYLES: dict[str, Style] = {
    "fits in any order": "good",
    "fits only if packed": "warn",
    "fits once nodes are started": "warn",
    "not decided": "warn",
}


def capacity_lines(capacity: CapacityDocument) -> Iterator[Line]:
    """The section on capacity: placement, GPU memory, quotas, and what the proof leaves out."""
    yield BLANK
    most = capacity.get("mostNodes", {})
    counts = {pool: f"{count} to {most[pool]}" if pool in most else count for pool, count in capacity["nodes"].items()}
    nodes = ", ".join(f"{pool} {count}" for pool, count in counts.items())
    where = f"{many(capacity['pods'], 'pod')} on {many(sum(capacity['nodes'].values()), 'node')} ({nodes})"
    yield heading("Capacity", f"{capacity['fit']}: {where}", _FIT_STYLES.get(capacity["fit"], "bad"))
    if capacity["reason"]:
        yield line(f"{capacity['blockedPod']}: {capacity['reason']}".removeprefix(": "), indent=2)
    if capacity["memory"]:
        yield from indented(_memory_table(capacity["memory"]), 2)
    for share in capacity["gpuShares"]:
        text = f"pool {share['pool']}: runtimes may claim {share['worstUtilization']:.0%} of one GPU's memory at worst"
        yield line(_mark(share["fits"]), text, indent=2)
    if capacity["quotas"]:
        yield from indented(_quota_table(capacity["quotas"]), 2)
        for quota in capacity["quotas"]:
            asked, given = quota["requested"]["devices"], quota["allowed"]["devices"]
            for kind in sorted({*asked, *given}):
                yield line(f"team {quota['team']}: {asked.get(kind, 0)} of {given.get(kind, 0)} {kind}", indent=2)
    if capacity["uncounted"]:
        yield line(
            Segment(f"not counted ({len(capacity['uncounted'])}): ", "warn"), "; ".join(capacity["uncounted"]), indent=2
        )


def _memory_table(proofs: Sequence[MemoryDocument]) -> Iterator[Line]:
    header = ("model", "GPU", "runtime may use", "weights", "overhead", "KV tokens", "needed", "")
    rows = [
        (
            proof["model"],
            proof["gpu"],
            f"{format_bytes(proof['usableBytes'])} of {format_bytes(proof['gpuBytes'])}",
            format_bytes(proof["weightBytes"]),
            format_bytes(proof["overheadBytes"]),
            f"{proof['kvTokens']:,}",
            f"{proof['context']:,}",
            Segment("fits", "good") if proof["fits"] else Segment("does not fit", "bad"),
        )
        for proof in proofs
    ]
    return table(header, rows, numbers=(2, 3, 4, 5, 6))


def _quota_table(quotas: Sequence[QuotaDocument]) -> Iterator[Line]:
    rows: list[list[str | Segment]] = []
    for quota in quotas:
        pairs = zip(_amounts(quota["requested"]), _amounts(quota["allowed"]), strict=True)
        rows.append([quota["team"], *(f"{asked} of {given}" for asked, given in pairs), _quota_verdict(quota)])
    return table(("quota of team", "CPU", "memory", "GPUs", "pods", ""), rows, numbers=(1, 2, 3, 4))


def _quota_verdict(quota: QuotaDocument) -> Segment:
    if quota["fits"]:
        return Segment("fits", "good")
    return Segment("not decided", "bad") if quota["unknown"] else Segment("too much", "bad")


def _amounts(amount: AmountDocument) -> tuple[str, str, str, str]:
    cpu = format_cpu(Decimal(amount["cpuMillicores"]) / 1000)
    return cpu, format_bytes(amount["memoryBytes"]), str(amount["gpu"]), str(amount["pods"])


def cost_lines(cost: CostDocument, delta: str) -> Iterator[Line]:
    """The section on cost. `delta` is the difference to the base, in words."""
    yield BLANK
    yield heading("Cost", price(cost), "bad" if cost["overBudget"] else "")
    currency = cost["currency"]
    amount = monthly(cost)
    known = "" if cost["priced"] == cost["billable"] else " by what has a price"
    used = "used to an unknown part" if amount is None else f"{amount / Decimal(cost['budget']):.0%} used{known}"
    yield line(f"{delta}; budget {money(cost['budget'], currency)} a month, {used}", indent=2)
    as_of = f"prices of {cost['pricesAsOf']} and later; " if cost["pricesAsOf"] else ""
    yield line(
        f"{as_of}{cost['priced']} of {cost['billable']} billable resources priced; a month has 730 hours", indent=2
    )
    priced = [item for item in cost["lines"] if item["monthly"] is not None]
    if priced:
        yield from indented(_cost_table(priced, currency), 2)
    unpriced = [item for item in cost["lines"] if item["monthly"] is None]
    if unpriced:
        yield line(Segment(f"unpriced ({len(unpriced)})", "warn"), indent=2)
        reasons: dict[str, list[str]] = {}
        for item in unpriced:
            reasons.setdefault(item["note"] or "no price", []).append(item["object"])
        yield from (line(f"{', '.join(names)}: {note}", indent=4) for note, names in reasons.items())


def _cost_table(lines: Sequence[CostLineDocument], currency: str) -> Iterator[Line]:
    """Priced lines, the dearest first."""
    ordered = sorted(lines, key=lambda item: (-Decimal(item["monthly"] or 0), item["object"], item["item"]))
    rows = [
        (
            f"{'≤ ' if item['upperBound'] else ''}{money(item['monthly'] or '0', currency)}",
            f"{Decimal(item['quantity']).normalize():f}",
            f"{item['item']} per {item['unit']}",
            item["object"],
            Segment(item["note"], "dim"),
        )
        for item in ordered
    ]
    return table(("a month", "quantity", "item", "for", ""), rows, numbers=(0, 1))


def lock_lines(review: ReviewDocument) -> Iterator[Line]:
    """What is not pinned and what is not expanded, once each; nothing where all is."""
    name, unresolved, charts = review["environment"], review["unresolved"], review["notVendored"]
    lines: list[Line] = []
    if unresolved == [NO_LOCK]:
        lines.append(line(Segment("no lock: ", "warn"), f"nothing is pinned to a digest (bedplate lock {name})"))
    elif unresolved:
        lines.append(
            line(Segment(f"lock incomplete ({len(unresolved)}): ", "warn"), listed(unresolved, most=_NAMES_SHOWN))
        )
        lines.append(line(Segment(f"  mend: bedplate lock {name}; {_DIGESTS}", "dim")))
    if charts:
        text = f"{many(len(charts), 'chart')} not vendored: "
        lines.append(
            line(Segment(text, "warn"), listed(charts, most=_NAMES_SHOWN), "; their objects are not in this plan")
        )
    if lines:
        yield BLANK
        yield from lines


def _mark(good: bool) -> Segment:
    return Segment("fits  ", "good") if good else Segment("does not fit  ", "bad")
