"""Settings of the whole suite, and what several folders of it share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.fakepulumi.control import FakePulumi

# No test asserts wall-clock time: on a busy machine a slow example would fail, and pass when it is tried again.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakePulumi:
    """A `pulumi` on PATH that answers as a test tells it, with no backend and no passphrase but its own."""
    fake = FakePulumi(tmp_path / "fake")
    monkeypatch.setenv("PATH", str(fake.programs), prepend=os.pathsep)
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "x")
    return fake
