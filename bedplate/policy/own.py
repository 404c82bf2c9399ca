"""Policies of a platform repository's own: ``extensions/policies/<group>/<slug>.py``, shaped like the shipped ones."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path

from bedplate.extensions.code import FOLDER, held_apart, imports, load_module, parsed
from bedplate.extensions.folders import check_kinds, named_files, named_folders
from bedplate.graph.diff import object_label
from bedplate.graph.resource import Resource
from bedplate.graph.values import canonical
from bedplate.model.source import InputError, Position, Problem
from bedplate.policy.discover import rules
from bedplate.policy.policy import Check, Finding, Policy, PolicyContext, Rule, Verdict

POLICIES = f"{FOLDER}/policies"

MOST_FINDINGS = 1000
"""Findings of one policy about one object; nobody reads more, and a check that never ends is told here."""


def rules_for(root: Path | None) -> tuple[Rule, ...]:
    """The shipped rules and those of the repository at `root`, sorted by id. Raises InputError for one that is wrong.

    The repository's rules are judged like any other; none takes the place of a shipped one.
    """
    return rules() if root is None else _rules_for(root.resolve())


@cache
def _rules_for(root: Path) -> tuple[Rule, ...]:
    check_kinds(root)
    found: list[Rule] = []
    problems: list[Problem] = []
    for group in named_folders(root, POLICIES):
        for slug in named_files(root, f"{POLICIES}/{group}"):
            try:
                found.append(_rule(root, group, slug))
            except InputError as error:
                problems += error.problems
    if problems:
        raise InputError(problems)
    return tuple(sorted((*rules(), *found), key=lambda rule: rule.id)) if found else rules()


def _rule(root: Path, group: str, slug: str) -> Rule:
    file = f"{POLICIES}/{group}/{slug}.py"
    name = f"{group}/{slug}".replace("_", "-")
    if name in {rule.id for rule in rules()}:
        message = f"{name} is a policy of Bedplate's own: call it differently, or set the level of that one"
        raise InputError([Problem(Position(file, 1, 1), "", message)])
    strange = [
        Problem(Position(file, statement.lineno, statement.col_offset + 1), "", f"imports {module}: {_PURE}")
        for module, statement in imports(parsed(root, file))
        if module.startswith("pulumi") or module in ("components.base", "stacks") or module.endswith(".component")
    ]
    if strange:
        raise InputError(strange)
    module = load_module(root, file)
    policy, check = getattr(module, "POLICY", None), getattr(module, "check", None)
    if not isinstance(policy, Policy) or not callable(check):
        message = "needs a constant POLICY of type Policy and a function check (bedplate.policy.policy)"
        raise InputError([Problem(Position(file, 1, 1), "", message)])
    return Rule(id=name, policy=policy, check=_answering(check, name, file))


_PURE = "policies look at what was recorded, and know no Pulumi"


def _answering(check: Check, name: str, file: str) -> Check:
    """`check`, whose own mistakes are told at their line: a policy that cannot be asked never counts as one that
    passes.
    """

    def checked(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
        with held_apart(file, f"{name} fails on {object_label(resource)}"):
            findings = tuple(islice(check(resource, context), MOST_FINDINGS + 1))
        if len(findings) > MOST_FINDINGS:
            message = f"{name} gives more than {MOST_FINDINGS:,} findings for {object_label(resource)}"
            raise InputError([Problem(Position(file, 1, 1), "", message)])
        for finding in findings:
            strange = _strange(finding)
            if strange:
                message = f"{name} gives {finding!r} for {object_label(resource)}, {strange}"
                raise InputError([Problem(Position(file, 1, 1), "", message)])
            yield finding

    return checked


def _strange(finding: object) -> str:
    """Why `finding` cannot be shown; empty where it can."""
    if not isinstance(finding, Finding):
        return "which is no Finding"
    for name in ("path", "want", "fix"):
        if not isinstance(getattr(finding, name), str):
            return f"whose {name} is no text"
    if not finding.want:
        return "which does not say what is wanted"
    if not isinstance(finding.verdict, Verdict) or finding.verdict is Verdict.PASS:
        return "whose verdict is neither fail nor unknown"
    try:
        canonical(finding.got)
    except (TypeError, ValueError, RecursionError):
        return "whose got is no JSON"
    return ""
