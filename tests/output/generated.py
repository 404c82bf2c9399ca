"""Committed files that outputs make: golden texts, one comment, and the published schemas."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bedplate.output.markdown import comment
from bedplate.output.schemas import schema_files
from bedplate.output.text import comparison_text
from bedplate.output.upgrade import upgrade_text
from tests.output.cases import CASES
from tests.output.requests import request
from tests.upgrade.repositories import plan, small

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = Path("tests/output/golden")


def generated() -> Iterator[tuple[Path, str]]:
    """Path below the repository and text of every file. `make golden` writes them."""
    for name, comparison in CASES.items():
        yield GOLDEN / f"{name}.txt", comparison_text(comparison).plain
    yield GOLDEN / "comment.md", comment(request())
    yield Path("tests/upgrade/golden/dev.txt"), _upgrade()
    for path, text in schema_files().items():
        yield Path(path), text


def _upgrade() -> str:
    """What `bedplate upgrade` shows of `dev` on the older baseline."""
    with tempfile.TemporaryDirectory() as folder:
        return upgrade_text(plan(small(Path(folder)))).plain
