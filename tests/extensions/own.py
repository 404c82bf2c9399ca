"""Platform repositories with components and policies of their own."""

from __future__ import annotations

import textwrap
from pathlib import Path

from tests.invalid.cases import begin
from tests.support.environments import repository

POLICY = """
    from bedplate.policy.policy import Finding, Policy, Severity

    POLICY = Policy(
        title="Numbers are German",
        severity=Severity.LOW,
        rationale="People speak German.",
        fix="state a German number",
        targets=("kubernetes:core/v1:ConfigMap",),
    )


    def check(resource, context):
        if resource.name.startswith("on-call") and not resource.inputs["data"]["phone"].startswith("+49"):
            yield Finding(path="data.phone", got=resource.inputs["data"]["phone"], want="+49…")
"""


def with_on_call(folder: Path) -> Path:
    """A repository below `folder` whose `dev` uses a component of its own: a ConfigMap in every team's namespace."""
    root = repository(folder)
    begin("extensions", root)
    return root


def put(root: Path, relative: str, text: str) -> Path:
    """Write a file below `root`; the text may be indented."""
    file = root / relative
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(textwrap.dedent(text), encoding="utf-8")
    return file


def change(root: Path, relative: str, find: str, replace: str) -> None:
    """Change the one place of a file where `find` stands."""
    file = root / relative
    text = file.read_text(encoding="utf-8")
    assert text.count(find) == 1, f"{find!r} stands {text.count(find)} times in {relative}"
    file.write_text(text.replace(find, replace), encoding="utf-8")
