"""Two environments beside each other: what they say differently, and whether that is meant to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bedplate.environment.expected import DifferencesSpec, ExpectedSpec, matches
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.graph.properties import property_changes
from bedplate.graph.values import Json
from bedplate.output.documents.answers import DiffDocument
from bedplate.output.exits import Exit
from bedplate.output.lines import BLANK, Line, Lines, Segment, line, table
from bedplate.output.wording import many, value_text

_CELL = 40
# They name an environment and decide nothing.
_NAMES = frozenset({"name", "description"})
# A site's file can change nothing else (bedplate.environment.site).
_OF_A_SITE = ExpectedSpec(path="*", reason="each site has its own")


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that two environments have differently; None where one has none. `reason` is empty for a surprise."""

    path: str
    first: Json
    second: Json
    reason: str


@dataclass(frozen=True, slots=True)
class Differences:
    """Everything that differs between two environments, and what is listed as meant to and does not."""

    first: str
    second: str
    found: tuple[Difference, ...]
    stale: tuple[ExpectedSpec, ...]

    @property
    def surprises(self) -> tuple[Difference, ...]:
        """Differences that nobody gave a reason for."""
        return tuple(item for item in self.found if not item.reason)

    @property
    def verdict(self) -> str:
        """The first line that people read."""
        if not self.found:
            return f"{self.first} and {self.second} say the same"
        meant = len(self.found) - len(self.surprises)
        count = many(len(self.found), "difference")
        return f"{self.first} → {self.second}: {count}, {meant} expected, {len(self.surprises)} not"

    def exit_code(self, *, detailed: bool) -> Exit:
        """CHANGES where anything is unexpected and `detailed` is asked for."""
        return Exit.CHANGES if detailed and (self.surprises or self.stale) else Exit.OK

    def to_json(self) -> DiffDocument:
        return {
            "schema": "bedplate.diff/v1",
            "first": self.first,
            "second": self.second,
            "verdict": self.verdict,
            "differences": [
                {"path": item.path, "first": item.first, "second": item.second, "reason": item.reason}
                for item in self.found
            ],
            "stale": [item.path for item in self.stale],
        }


def differences(
    first: ResolvedEnvironment, second: ResolvedEnvironment, declared: DifferencesSpec | None
) -> Differences:
    """Compare what two environments say, defaults included, leaf by leaf; named items of lists by their names.

    Sites of one environment differ in nothing but what their files may say, so all of that is meant.
    """
    names = (first.environment.name, second.environment.name)
    sites = names[0] == names[1]
    expected = (_OF_A_SITE,) if sites else declared.between(*names) if declared else ()
    changes = property_changes(_said(first), _said(second))
    found = tuple(Difference(item.path, item.before, item.after, _reason(expected, item.path)) for item in changes)
    listed = () if sites else expected
    stale = tuple(item for item in listed if not any(matches(item, one.path) for one in found))
    return Differences(first.name, second.name, found, stale)


def differences_text(report: Differences) -> Lines:
    """What `bedplate diff` shows: surprises first."""
    return Lines(_text(report))


def _said(resolved: ResolvedEnvironment) -> dict[str, Json]:
    document = resolved.environment.model_dump(mode="json", by_alias=True)
    document["registry"] = resolved.registry or None
    return {key: value for key, value in document.items() if key not in _NAMES}


def _reason(expected: tuple[ExpectedSpec, ...], path: str) -> str:
    return next((item.reason for item in expected if matches(item, path)), "")


def _text(report: Differences) -> Iterator[Line]:
    yield line(Segment(report.verdict, "bad" if report.surprises else "strong"))
    if report.surprises:
        yield BLANK
        yield line(Segment("Not expected", "strong"))
        rows = [(item.path, _cell(item.first), _cell(item.second)) for item in report.surprises]
        yield from table(("path", report.first, report.second), rows)
    meant = [item for item in report.found if item.reason]
    if meant:
        yield BLANK
        yield line(Segment("Expected", "strong"))
        told = [(item.path, _cell(item.first), _cell(item.second), item.reason) for item in meant]
        yield from table(("path", report.first, report.second, "because"), told)
    if report.stale:
        yield BLANK
        yield line(Segment("Expected, and not there", "strong"))
        for item in report.stale:
            yield line(item.path, f"  ({item.reason})", indent=2)
    if report.surprises or report.stale:
        yield BLANK
        yield line(Segment("next: ", "strong"), "make them alike, or give the reason in environments/_differences.yaml")


def _cell(value: Json) -> str:
    return "absent" if value is None else value_text(value, limit=_CELL)
