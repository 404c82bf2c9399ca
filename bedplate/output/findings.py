"""Lines for policies: counts by verdict, then every finding with where, got, want and the fix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

from bedplate.output.compare import FindingKey, finding_key
from bedplate.output.documents.review import PoliciesDocument, RuleResultDocument, ViolationDocument
from bedplate.output.lines import BLANK, Line, Segment, Style, heading, line
from bedplate.output.wording import many, value_text

_STYLES: dict[str, Style] = {"fail": "bad", "unknown": "warn"}


def policy_lines(policies: PoliciesDocument, new: Collection[FindingKey] = ()) -> Iterator[Line]:
    """The section on policies; findings whose key is in `new` are marked."""
    yield BLANK
    yield heading("Policies", _counts(policies["results"]), "bad" if policies["blocked"] else "")
    for problem in policies["problems"]:
        yield line(Segment("blocks ", "bad"), problem, indent=2)
    titles = {result["policy"]: result["title"] for result in policies["results"]}
    for policy, group in groupby(policies["violations"], key=lambda item: item["policy"]):
        found = list(group)
        first = found[0]
        about = f"  {first['level']}, {first['severity']}: {titles.get(policy, '')}"
        yield line(Segment(policy, "strong"), about, indent=2)
        yield from _findings(found, new)


def _counts(results: Sequence[RuleResultDocument]) -> str:
    on = [result for result in results if result["level"] != "off"]
    verdicts = Counter(result["verdict"] for result in on)
    idle = sum(1 for result in on if not result["evaluated"])
    parts = [f"{verdicts['pass']} pass", f"{verdicts['fail']} fail", f"{verdicts['unknown']} unknown"]
    parts += [f"{idle} found nothing to look at"] if idle else []
    parts += [f"{len(results) - len(on)} off"] if len(on) < len(results) else []
    return f"{many(len(results), 'policy', 'policies')}: {', '.join(parts)}"


def _findings(found: Sequence[ViolationDocument], new: Collection[FindingKey]) -> Iterator[Line]:
    """Findings of one policy. A fix that all share is said once."""
    fixes = {item["fix"] for item in found}
    for item in found:
        parts: list[str | Segment] = [Segment(item["verdict"], _STYLES[item["verdict"]]), f" {item['object']}"]
        if item["waivedUntil"]:
            parts.append(Segment(f"  waived until {item['waivedUntil']}", "dim"))
        if finding_key(item) in new:
            parts.append(Segment("  new", "warn"))
        yield line(*parts, indent=4)
        if item.get("path"):
            yield _detail("where", item["path"])
        yield _detail("got", _got(item))
        yield _detail("want", item["want"])
        if item["entry"]:
            yield _detail("entry", item["entry"])
        if len(fixes) > 1:
            yield _detail("fix", item["fix"])
    if len(fixes) == 1:
        yield line(Segment("fix", "good"), f"  {found[0]['fix']}", indent=4)


def _got(item: ViolationDocument) -> str:
    if item.get("got") is None:
        return "(nothing)" if item["verdict"] == "fail" else "(cannot be told)"
    return value_text(item["got"])


def _detail(name: str, text: str) -> Line:
    return line(Segment(name.ljust(5), "dim"), f"  {text}", indent=6)
