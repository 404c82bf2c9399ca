"""Generated files in the repository are those that the code makes today."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden.outputs import ROOT, generated

FILES = dict(generated())


@pytest.mark.parametrize("path", sorted(FILES), ids=str)
def test_the_committed_file_is_up_to_date(path: Path) -> None:
    committed = (ROOT / path).read_text(encoding="utf-8") if (ROOT / path).is_file() else ""
    assert committed == FILES[path], "run `make golden` and have the difference reviewed"
