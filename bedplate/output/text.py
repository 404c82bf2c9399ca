"""A plan as text: the verdict, danger, changes, detail, and the next command."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.output.approval_lines import approval_lines
from bedplate.output.changes import change_sections
from bedplate.output.compare import Comparison, finding_key
from bedplate.output.findings import policy_lines
from bedplate.output.judges import capacity_lines, cost_lines, lock_lines
from bedplate.output.lines import BLANK, Line, Lines, Segment, line
from bedplate.output.mends import lacks, mends
from bedplate.output.plan import Plan
from bedplate.output.wording import signed_money


def plan_text(plan: Plan) -> Lines:
    """What `bedplate plan` shows."""
    return comparison_text(plan.comparison)


def comparison_text(comparison: Comparison) -> Lines:
    """A whole comparison as text: the verdict first, the next command last."""
    return Lines(_comparison(comparison))


def _comparison(comparison: Comparison) -> Iterator[Line]:
    yield verdict_line(comparison)
    yield line(Segment(f"compared with {comparison.base.label}", "dim"))
    for note in comparison.base.notes:
        yield line(Segment(f"  {note}", "dim"))
    yield from danger_lines(comparison)
    yield from detail_lines(comparison)
    yield BLANK
    yield line(Segment("next: ", "strong"), next_command(comparison))


def verdict_line(comparison: Comparison) -> Line:
    """The environment's name and what is to be said of it."""
    return line(Segment(f"{comparison.name}: {comparison.verdict}", "bad" if comparison.blocked else "strong"))


def danger_lines(comparison: Comparison) -> Iterator[Line]:
    """What a reviewer must not miss; nothing where nothing is dangerous."""
    if comparison.dangers:
        yield BLANK
        yield line(Segment(f"Danger ({len(comparison.dangers)})", "bad"))
        for text in comparison.dangers:
            yield line(Segment("! ", "bad"), text, indent=2)


def detail_lines(comparison: Comparison) -> Iterator[Line]:
    """Changes, who approves them, then what each judge says of the head."""
    yield from change_sections(comparison)
    yield from approval_lines(comparison.approvals)
    if comparison.head is None:
        return
    new = {finding_key(item) for item in comparison.new_findings} if comparison.base.review else set()
    yield from policy_lines(comparison.head["policies"], new)
    for item in comparison.gone_findings:
        yield line(Segment("gone ", "good"), f"{item['policy']} {item['object']}", indent=2)
    yield from capacity_lines(comparison.head["capacity"])
    yield from cost_lines(comparison.head["cost"], _cost_delta(comparison, comparison.head["cost"]["currency"]))
    yield from lock_lines(comparison.head)


def _cost_delta(comparison: Comparison, currency: str) -> str:
    if comparison.base.review is None:
        return "nothing to compare with"
    change = comparison.cost_change
    return "change against the base unknown" if change is None else f"{signed_money(change, currency)} against the base"


def next_command(comparison: Comparison) -> str:
    """What to do now."""
    name = comparison.name
    if comparison.blocked:
        what = "; ".join(reason.text for reason in comparison.reasons if reason.blocks)
        steps = (*mends(comparison.reasons, comparison.head, name), f"bedplate plan {name}")
        return f"{', then '.join(steps)}  (blocked: {what})"
    if comparison.head is not None and any(item.get("writer") for item in comparison.head["graph"]["resources"]):
        return f"bedplate apply {name}, and commit what `bedplate manifests {name}` writes"
    if not comparison.changes:
        return f"bedplate apply {name}  (nothing to change here; it still compares with what is there)"
    return ", then ".join((*lacks(comparison.head, name), f"bedplate apply {name}"))
