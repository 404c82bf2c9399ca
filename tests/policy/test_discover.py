"""Policies are found by their place, and a file that is not shaped like one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedplate.policy.discover import rules

GOOD = """
from bedplate.policy.policy import Policy, Severity

POLICY = Policy(title="t", severity=Severity.LOW, rationale="r", fix="f", targets=("*",))


def check(resource, context):
    yield from ()
"""


def _package(folder: Path, name: str, files: dict[str, str]) -> str:
    for path in ("__init__.py", "group_b/__init__.py", "group_a/__init__.py", *files):
        target = folder / name / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(files.get(path, ""), encoding="utf-8")
    return name


def test_rules_are_sorted_by_id_and_ids_have_hyphens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    name = _package(
        tmp_path, "found_policies", {"group_b/one.py": GOOD, "group_a/two_words.py": GOOD, "__main__.py": "1 / 0\n"}
    )
    assert [rule.id for rule in rules(name)] == ["group-a/two-words", "group-b/one"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("without_policy", "def check(resource, context):\n    yield from ()\n"),
        ("without_check", GOOD.partition("def check")[0]),
    ],
)
def test_a_module_that_is_not_shaped_like_a_policy_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    package = _package(tmp_path, name, {"group_a/broken.py": text})
    with pytest.raises(TypeError, match=rf"{name}\.group_a\.broken needs a constant POLICY .* and a function check"):
        rules(package)


def test_the_shipped_policies_are_found() -> None:
    assert "workloads/images-pinned" in [rule.id for rule in rules()]
