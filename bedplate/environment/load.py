"""The front door to an environment: resolved and cross-checked, or every problem at once."""

from __future__ import annotations

from pathlib import Path

from bedplate.environment.checks.every import cross_check
from bedplate.environment.resolve import ResolvedEnvironment, resolve
from bedplate.model.source import InputError


def load(root: Path, name: str, *, with_lock: bool = True) -> ResolvedEnvironment:
    """Environment `name` of the platform repository `root`. Raises InputError with every problem that is found.

    `with_lock` as in `resolve`.
    """
    resolved = resolve(root, name, with_lock=with_lock)
    problems = cross_check(resolved)
    if problems:
        raise InputError(problems)
    return resolved
