"""Lines for policies: counts by verdict, then every finding with where, got, want and the fix; documents hold each."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

from bedplate.output.compare import FindingKey, finding_key
from bedplate.output.documents.review import PoliciesDocument, RuleResultDocument, ViolationDocument
from bedplate.output.lines import BLANK, Line, Segment, Style, heading, indented, line, table
from bedplate.output.wording import listed, many, value_text

# Findings that say the same and still stand apart, and objects that one line on many of them names.
_APART, _NAMED = 3, 4
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
    # What has looked at nothing has found nothing wrong either, which is not to be taken for a pass.
    idle = sum(1 for result in on if result["verdict"] == "pass" and not result["evaluated"])
    verdicts = Counter(result["verdict"] for result in on)
    verdicts["pass"] -= idle
    parts = [f"{verdicts['pass']} pass", f"{verdicts['fail']} fail", f"{verdicts['unknown']} unknown"]
    parts += [f"{idle} found nothing to look at"] if idle else []
    parts += [f"{len(results) - len(on)} off"] if len(on) < len(results) else []
    return f"{many(len(results), 'policy', 'policies')}: {', '.join(parts)}"


def _findings(found: Sequence[ViolationDocument], new: Collection[FindingKey]) -> Iterator[Line]:
    """Findings of one policy. Many that say the same are one, with some of their objects; a fix that all share is said
    once."""
    fixes = {item["fix"] for item in found}
    alike: dict[str, list[ViolationDocument]] = {}
    for item in found:
        alike.setdefault(_message(item, is_new=finding_key(item) in new), []).append(item)
    apart: dict[str, list[ViolationDocument]] = {}
    for group in alike.values():
        if len(group) > _APART:
            yield _head(group, is_new=finding_key(group[0]) in new)
            yield from _details(group, with_fix=len(fixes) > 1)
        else:
            for item in group:
                apart.setdefault(_whom(item, is_new=finding_key(item) in new), []).append(item)
    for group in apart.values():
        if len(group) > _APART:
            yield _head(group[:1], is_new=finding_key(group[0]) in new)
            yield from _table(group, with_fix=len(fixes) > 1)
            continue
        for item in group:
            yield _head([item], is_new=finding_key(item) in new)
            yield from _details([item], with_fix=len(fixes) > 1)
    if len(fixes) == 1:
        yield line(Segment("fix", "good"), f"  {found[0]['fix']}", indent=4)


def _message(item: ViolationDocument, *, is_new: bool) -> str:
    """All that a finding says, without whom it says it of."""
    own = {key: value for key, value in item.items() if key not in ("object", "entry", "urn")}
    return json.dumps([own, is_new], sort_keys=True, default=str)


def _whom(item: ViolationDocument, *, is_new: bool) -> str:
    """Whom a finding is said of, without what it says."""
    return json.dumps([item["object"], item["verdict"], item["entry"], item["fix"], item["waivedUntil"], is_new])


def _table(items: Sequence[ViolationDocument], *, with_fix: bool) -> Iterator[Line]:
    """Many findings of one object, a row each."""
    rows = dict.fromkeys((item.get("path", ""), _got(item), item["want"]) for item in items)
    yield from indented(table(("where", "got", "want"), rows), 6)
    if items[0]["entry"]:
        yield _detail("entry", items[0]["entry"])
    if with_fix:
        yield _detail("fix", items[0]["fix"])


def _head(items: Sequence[ViolationDocument], *, is_new: bool) -> Line:
    first = items[0]
    objects = list(dict.fromkeys(item["object"] for item in items))
    whom = objects[0] if len(items) == 1 else f"{many(len(items), 'object')}: {listed(objects, most=_NAMED)}"
    parts: list[str | Segment] = [Segment(first["verdict"], _STYLES[first["verdict"]]), f" {whom}"]
    if first["waivedUntil"]:
        parts.append(Segment(f"  waived until {first['waivedUntil']}", "dim"))
    if is_new:
        parts.append(Segment("  new", "warn"))
    return line(*parts, indent=4)


def _details(items: Sequence[ViolationDocument], *, with_fix: bool) -> Iterator[Line]:
    first = items[0]
    if first.get("path"):
        yield _detail("where", first["path"])
    yield _detail("got", _got(first))
    yield _detail("want", first["want"])
    entries = list(dict.fromkeys(item["entry"] for item in items if item["entry"]))
    if entries:
        yield _detail("entry", listed(entries, most=_NAMED))
    if with_fix:
        yield _detail("fix", first["fix"])


def _got(item: ViolationDocument) -> str:
    if item.get("got") is None:
        return "(nothing)" if item["verdict"] == "fail" else "(cannot be told)"
    return value_text(item["got"])


def _detail(name: str, text: str) -> Line:
    return line(Segment(name.ljust(5), "dim"), f"  {text}", indent=6)
