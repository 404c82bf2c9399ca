from __future__ import annotations

import pytest

from tests.support.environments import PLATFORM


@pytest.fixture(autouse=True)
def in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands work on the folder that they stand in: here, the repository itself."""
    monkeypatch.chdir(PLATFORM)
