from __future__ import annotations

from pathlib import Path

import pytest

from tests.output.generated import ROOT, generated

FILES = dict(generated())


@pytest.mark.parametrize("path", sorted(FILES), ids=str)
def test_the_committed_file_is_what_the_code_makes(path: Path) -> None:
    committed = (ROOT / path).read_text(encoding="utf-8") if (ROOT / path).is_file() else ""
    assert committed == FILES[path], "run `make golden` and have the difference reviewed"


def test_no_schema_is_left_of_a_document_that_is_gone() -> None:
    folder = Path("docs/reference/schemas")
    assert {folder / path.name for path in (ROOT / folder).iterdir()} == {p for p in FILES if p.parent == folder}
