"""Make a plan: the review of the working tree beside the review of its base."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from bedplate.cli.base import BaseRender, Commit, choose, unchanged_since
from bedplate.output.sides import Base

if TYPE_CHECKING:
    from bedplate.graph.replacement import ReplacementRule
    from bedplate.output.plan import Plan


def plan_environment(root: Path, name: str, *, base: str | None, no_base: bool, today: date) -> Plan:
    """Plan environment `name` of `root` against `base` (see `choose`), or against nothing where `no_base` is set."""
    commit = None if no_base else choose(root, name, base)
    note = "" if no_base else "there is no commit to compare with"
    return plan_against(root, name, commit, today, note)


def plan_against(root: Path, name: str, commit: Commit | None, today: date, note: str = "") -> Plan:
    """Plan environment `name` of `root` against `commit`; against nothing where it is None, and `note` says why."""
    same = commit is not None and unchanged_since(root, commit.id)
    with ExitStack() as stack:
        render = None
        if commit is not None and not same:
            render = stack.enter_context(BaseRender(root, commit, name, today))

        # Only now the slow imports: the base side already renders beside them.
        from bedplate.cli.pipeline import review
        from bedplate.output.plan import make_plan

        head = review(root, name, today)
        if render is not None:
            before = render.finish()
        elif commit is not None:
            notes = ("nothing that a plan depends on has changed since",)
            before = Base(commit.label, head.to_json(), notes, commit.id)
        else:
            before = Base("nothing", None, (note,) if note else ())
    return make_plan(head, before, replacement_rules(root))


def replacement_rules(root: Path) -> dict[str, ReplacementRule]:
    """Replacement rules of the catalogue with the rows of the repository at `root`, by resource type."""
    from bedplate.catalog.catalog import load_for
    from bedplate.graph.replacement import OneWay, ReplacementRule

    catalog = load_for(root)
    one_way: dict[str, list[OneWay]] = {}
    for line in catalog.one_way:
        one_way.setdefault(line.type, []).append(OneWay(line.path, line.says, line.before, line.after))
    return {
        row.type: ReplacementRule(
            paths=row.paths,
            removed=row.removed,
            stateful=row.stateful,
            name=row.name,
            versions=row.versions,
            identity=row.identity,
            tagged=row.tagged,
            one_way=tuple(one_way.get(row.type, ())),
        )
        for row in catalog.replacement_rules.values()
    }
