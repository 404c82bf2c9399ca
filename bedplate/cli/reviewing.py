"""Make a pull request's comment: both sides of every environment, each side rendered by its own code."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from bedplate.cli.base import (
    Checkout,
    Commit,
    commit_of,
    merge_base,
    other_dependencies,
    unchanged_between,
    unchanged_since,
)
from bedplate.cli.errors import CommandError
from bedplate.cli.rendering import RenderError, Rendering
from bedplate.output.exits import Exit
from bedplate.output.sides import Side

if TYPE_CHECKING:
    from bedplate.output.pull_request import PullRequest

# Where both sides are the same, there is nothing to render: only the names are needed.
_SAME = "both sides hold the same code and data"


def pull_request(root: Path, *, base: str | None, head: str | None, today: date) -> PullRequest:
    """Compare all environments of `base` (default: the merge base) with `head` (default: the working tree)."""
    after = commit_of(root, head) if head is not None else None
    before = commit_of(root, base) if base is not None else merge_base(root, after.id if after else "HEAD")
    if before is None:
        raise CommandError("there is no commit to compare with: bedplate pr needs a git repository", Exit.USAGE)
    label = after.label if after else "the working tree"
    same = unchanged_between(root, before.id, after.id) if after else unchanged_since(root, before.id)
    if same:
        from bedplate.output.pull_request import PullRequest

        return PullRequest(before.label, label, (_SAME,), ())
    notes = other_dependencies(root, before.id, after.id if after else None)
    with ExitStack() as stack:
        old = _rendering(stack, root, before, today)
        new = _rendering(stack, root, after, today)

        from bedplate.cli.planning import replacement_rules
        from bedplate.output.pull_request import PullRequest, environment_change

        olds, news = _both(old, new, label)
    rules = replacement_rules(root)
    environments = tuple(
        environment_change(name, olds.get(name, Side()), news.get(name, Side()), before.label, rules)
        for name in sorted(olds.keys() | news.keys())
    )
    ordered = tuple(sorted(environments, key=lambda item: item.order))
    return PullRequest(before.label, label, notes, ordered)


def _rendering(stack: ExitStack, root: Path, commit: Commit | None, today: date) -> Rendering:
    """Start rendering every environment of `commit`, or of the working tree."""
    folder = root if commit is None else stack.enter_context(Checkout(root, commit.id)).root
    rendering = Rendering(folder, (), today, own_code=commit is not None)
    stack.callback(rendering.stop)
    return rendering


def _both(old: Rendering, new: Rendering, label: str) -> tuple[dict[str, Side], dict[str, Side]]:
    """Both sides. A base whose code does not run leaves every environment without a base to compare with."""
    try:
        news = new.finish()
    except RenderError as error:
        raise CommandError(f"the head {label} cannot be rendered at all:\n{error}") from error
    try:
        return old.finish(), news
    except RenderError as error:
        return {name: Side(problem=str(error)) for name in news}, news
