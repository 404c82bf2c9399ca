"""Every document in tests/invalid/yaml is refused with exactly the message that stands beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedplate.model.source import InputError
from bedplate.model.yaml_reader import read_document

CASES = Path(__file__).parent.parent / "invalid" / "yaml"
DOCUMENTS = sorted(CASES.glob("*.yaml"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_the_document_is_refused_with_this_message(document: Path) -> None:
    with pytest.raises(InputError) as refused:
        read_document(document.read_bytes(), document.name)
    assert f"{refused.value}\n" == document.with_suffix(".txt").read_text(encoding="utf-8")


def test_every_message_belongs_to_a_document() -> None:
    assert len(DOCUMENTS) >= 40
    assert [path.stem for path in sorted(CASES.glob("*.txt"))] == [path.stem for path in DOCUMENTS]
