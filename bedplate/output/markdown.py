"""A pull request as one Markdown comment: verdict, table, danger, then every environment folded.

A comment may hold 65,536 characters. What does not fit is left out line by line, and the comment says how much and
which command shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bedplate.graph.diff import Action
from bedplate.output.amounts import total
from bedplate.output.approval_lines import NOBODY
from bedplate.output.documents.review import ReviewDocument
from bedplate.output.lines import Lines
from bedplate.output.markup import code, details, fenced, table
from bedplate.output.pull_request import EnvironmentChange, PullRequest, State
from bedplate.output.reasons import must_go
from bedplate.output.text import detail_lines
from bedplate.output.verdict import fits
from bedplate.output.wording import many, signed_money

# Characters of a whole comment, a little below the limit of 65,536.
LIMIT = 65_000
# Of these, what the table and the danger list may take at most.
_TABLE = 14_000
_DANGER = 14_000
_APPROVALS = 6_000
_UNCHANGED = 4_000
# Longest text of one danger, before escaping.
_LONGEST_DANGER = 300
# Room for the frame of a folded section and for the sentence on what is left out.
_FRAME = 900

# Lets a bot find its comment of the last push and replace it.
MARKER = "<!-- bedplate pr -->\n"

_HEADER = (
    "environment",
    "verdict",
    "create",
    "change",
    "replace",
    "delete",
    "policy",
    "fits",
    "cost a month",
    "cost change",
)


def comment(request: PullRequest) -> str:
    """The comment, at most `LIMIT` characters."""
    top = "".join(_top(request))
    bottom = f"{_next(request)}{MARKER}"
    room = LIMIT - len(top) - len(bottom)
    return top + _sections(request.changed, room) + bottom


def _top(request: PullRequest) -> Iterator[str]:
    yield f"## {_title(request)}\n\n"
    yield f"Base {code(request.base)}, head {code(request.head)}.\n"
    for note in request.notes:
        yield f"{code(note)}\n"
    yield "\n"
    if request.changed:
        yield from _table(request.changed)
        yield "\n"
        yield from _danger(request.changed)
        yield from _approvals(request.changed)
    same = [item for item in request.environments if item.state is State.UNCHANGED]
    unchanged = [f"{code(item.name)}{' (blocked)' if item.blocked else ''}" for item in same]
    if unchanged:
        kept = _within(unchanged, _UNCHANGED)
        more = f" and {len(unchanged) - len(kept)} more" if len(kept) < len(unchanged) else ""
        yield f"Unchanged: {', '.join(kept)}{more}\n\n"


def _title(request: PullRequest) -> str:
    """The verdict on everything."""
    changed = request.changed
    blocked = sum(1 for item in request.environments if item.blocked)
    if not changed:
        return "Bedplate: nothing changes" + (f", {blocked} blocked" if blocked else "")
    words = f"{len(changed)} of {many(len(request.environments), 'environment')} differ, {blocked or 'none'} blocked"
    if len(changed) == 1 and blocked == int(changed[0].blocked):
        words = f"{'blocked: ' if blocked else ''}{code(changed[0].name)} {changed[0].verdict}"
    return f"Bedplate: {words}"


def _table(items: Sequence[EnvironmentChange]) -> Iterator[str]:
    rows = [_row(item) for item in items]
    kept = _within(["".join(row) for row in rows], _TABLE)
    yield table(_HEADER, rows[: len(kept)], numbers=(2, 3, 4, 5, 8, 9))
    if len(kept) < len(rows):
        yield f"\n{many(len(rows) - len(kept), 'more environment')} left out; `bedplate pr --json` has all\n"


def _row(item: EnvironmentChange) -> tuple[str, ...]:
    verdict = f"**{'blocked' if item.blocked else 'allowed'}**"
    if item.state in (State.BROKEN, State.NOT_COMPARABLE, State.REMOVED):
        verdict = f"**{item.state}**"
    elif item.state is State.NEW:
        verdict += ", new"
    if item.state is State.REMOVED:
        counts = ["–"] * len(_COLUMNS)
    elif item.comparison is not None:
        counts = [f"{item.comparison.count(action):,}" for action in _COLUMNS]
    else:
        counts = ["unknown"] * len(_COLUMNS)
    return (code(item.name), verdict, *counts, *_judges(item.head), _cost_change(item))


_COLUMNS = (Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE)


def _judges(review: ReviewDocument | None) -> tuple[str, str, str]:
    """Cells on policy, capacity and cost."""
    if review is None:
        return ("–", "–", "–")
    cost, found = review["cost"], len(review["policies"]["violations"])
    policy = f"{many(must_go(review['policies']), 'finding')} block" if review["policies"]["blocked"] else "pass"
    policy += f" ({many(found, 'finding')})" if found and policy == "pass" else ""
    part = "" if cost["priced"] == cost["billable"] else f" ({cost['priced']} of {cost['billable']} priced)"
    return (policy, fits(review["capacity"]), f"{total(cost)}{part}")


def _cost_change(item: EnvironmentChange) -> str:
    if item.comparison is None or item.head is None:
        return "unknown" if item.comparison is None else "–"
    change = item.comparison.cost_change
    if change is None:
        return "new" if item.comparison.base.review is None else "unknown"
    return signed_money(change, item.head["cost"]["currency"])


def _danger(items: Sequence[EnvironmentChange]) -> Iterator[str]:
    texts = [
        f"- {code(item.name)} {code(text if len(text) <= _LONGEST_DANGER else text[:_LONGEST_DANGER] + '…')}\n"
        for item in items
        for text in (item.comparison.dangers if item.comparison else (item.verdict,))
    ]
    if not texts:
        return
    yield f"**Danger** ({len(texts)})\n\n"
    kept = _within(texts, _DANGER)
    yield from kept
    if len(kept) < len(texts):
        yield f"- {len(texts) - len(kept)} more; `bedplate pr --json` has all\n"
    yield "\n"


def _approvals(items: Sequence[EnvironmentChange]) -> Iterator[str]:
    """Whose approval each environment needs. Code spans, so that a comment calls nobody by itself."""
    texts = [
        f"- {code(item.name)} {need.area}{f', team {code(need.team)}' if need.team else ''}: "
        f"{' or '.join(code(who) for who in need.approvers) or f'**{NOBODY}**'} ({len(need.subjects):,})\n"
        for item in items
        for need in (item.comparison.approvals if item.comparison else ())
    ]
    kept = _within(texts, _APPROVALS)
    if kept:
        yield f"**Approvals** ({len(texts)})\n\n"
        yield from kept
        if len(kept) < len(texts):
            yield f"- {len(texts) - len(kept)} more; `bedplate pr --json` has all\n"
        yield "\n"


def _sections(items: Sequence[EnvironmentChange], room: int) -> str:
    """A folded section per environment. Short ones are whole; the long ones share what is left equally."""
    bodies = {item.name: _body(item) for item in items}
    shares: dict[str, int] = {}
    for index, name in enumerate(sorted(bodies, key=lambda name: (_size(bodies[name]), name))):
        shares[name] = min(_size(bodies[name]), room // (len(bodies) - index))
        room -= shares[name]
    shown = [item for item in items if shares[item.name] > _FRAME]
    text = "".join(_section(item, bodies[item.name], shares[item.name]) for item in shown)
    if len(shown) < len(items):
        text += f"Details of {many(len(items) - len(shown), 'environment')} left out; `bedplate plan` shows them.\n\n"
    return text


def _body(item: EnvironmentChange) -> list[str]:
    if item.comparison is None:
        return item.problem.splitlines()
    return Lines(detail_lines(item.comparison)).plain.strip("\n").splitlines()


def _size(body: Sequence[str]) -> int:
    return sum(len(text) + 1 for text in body) + _FRAME


def _section(item: EnvironmentChange, body: Sequence[str], share: int) -> str:
    kept = _within([f"{text}\n" for text in body], share - _FRAME)
    inside = fenced([text.removesuffix("\n") for text in kept])
    if len(kept) < len(body):
        command = f"bedplate plan {item.name}"
        inside += f"\n{len(body) - len(kept):,} of {len(body):,} lines are left out; {code(command)} shows all.\n"
    return details(f"{code(item.name)}: {item.verdict}", inside) + "\n"


def _within(texts: Sequence[str], room: int) -> list[str]:
    """The first of `texts` that fit into `room` characters together."""
    kept: list[str] = []
    for text in texts:
        room -= len(text)
        if room < 0:
            break
        kept.append(text)
    return kept


def _next(request: PullRequest) -> str:
    blocked = [item for item in request.environments if item.blocked]
    todo = blocked or [item for item in request.changed if item.state is not State.REMOVED]
    if not todo:
        return "Next: nothing to do.\n"
    command = "validate" if todo[0].state is State.BROKEN else "plan"
    return f"Next: {code(f'bedplate {command} {todo[0].name}')}{' for what blocks it' if blocked else ''}.\n"
