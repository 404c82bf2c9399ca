"""Pull requests for tests of the comment."""

from __future__ import annotations

from collections.abc import Mapping

from bedplate.output.documents.review import ReviewDocument
from bedplate.output.pull_request import EnvironmentChange, PullRequest, environment_change
from bedplate.output.sides import Side
from tests.output.builders import RULES, platform, review
from tests.output.cases import CASES

BASE = "1a2b3c4 (main)"


def change(
    name: str, before: ReviewDocument | None, after: ReviewDocument | None, *, broken: str = "", unread: str = ""
) -> EnvironmentChange:
    """Environment `name` with its two sides; `broken` and `unread` say why head and base cannot be rendered."""
    return environment_change(name, Side(before, unread), Side(after, broken), BASE, RULES)


def of(environments: Mapping[str, EnvironmentChange]) -> PullRequest:
    """A pull request of `environments`."""
    return PullRequest(BASE, "the working tree", (), tuple(environments[name] for name in sorted(environments)))


def request() -> PullRequest:
    """One environment of every state."""
    same, busy = review(platform()), CASES["everything-at-once"]
    return of(
        {
            "broken": change("broken", same, None, broken="environments/broken.yaml:3:1: unknown key 'nodepools'"),
            "busy": change("busy", busy.base.review, busy.head),
            "gone": change("gone", same, None),
            "new": change("new", None, same),
            "quiet": change("quiet", same, same),
            "unread": change("unread", None, same, unread="error: its code does not run"),
        }
    )
