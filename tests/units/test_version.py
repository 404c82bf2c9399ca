"""Dotted versions are compared number by number."""

from __future__ import annotations

import pytest

from bedplate.units.version import version_key


def test_versions_are_ordered_by_their_numbers_and_not_by_their_letters() -> None:
    versions = ["595.5", "580.65.06", "580", "1.10", "580.159.03", "1.9"]
    assert sorted(versions, key=version_key) == ["1.9", "1.10", "580", "580.65.06", "580.159.03", "595.5"]


@pytest.mark.parametrize("text", ["", "v1.2", "1.", "1.x", "1-2"])
def test_what_is_no_dotted_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a dotted version"):
        version_key(text)
