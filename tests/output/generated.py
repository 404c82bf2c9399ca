"""Committed files that outputs make: golden texts, one comment, and the published schemas."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bedplate.output.markdown import comment
from bedplate.output.schemas import schema_files
from bedplate.output.text import comparison_text
from tests.output.cases import CASES
from tests.output.requests import request

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = Path("tests/output/golden")


def generated() -> Iterator[tuple[Path, str]]:
    """Path below the repository and text of every file. `make golden` writes them."""
    for name, comparison in CASES.items():
        yield GOLDEN / f"{name}.txt", comparison_text(comparison).plain
    yield GOLDEN / "comment.md", comment(request())
    for path, text in schema_files().items():
        yield Path(path), text
