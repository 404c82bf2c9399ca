"""The text of a lock is stable, and reads back as the same lock."""

from __future__ import annotations

from pathlib import Path

import yaml

from bedplate.environment.load import load
from bedplate.lock.write import lock_text
from bedplate.model.lockfile import Lock
from tests.lock.repositories import LOCK, vendored_repository
from tests.support.environments import PLATFORM, dev


def test_the_shipped_lock_is_the_text_of_what_it_holds() -> None:
    lock = dev().lock
    assert lock is not None
    assert lock_text(lock) == (PLATFORM / LOCK).read_text(encoding="utf-8")


def test_a_lock_with_vendored_charts_reads_back_as_it_was_written(tmp_path: Path) -> None:
    root, entry = vendored_repository(tmp_path)
    lock = load(root, "dev").lock
    assert lock is not None
    assert lock_text(lock) == (root / LOCK).read_text(encoding="utf-8")
    (chart,) = [item for item in lock.charts if item.vendored]
    assert chart.model_copy(update={"digest": None, "state": "unresolved"}) == entry


def test_what_is_absent_is_left_out_and_the_header_says_who_writes_the_file() -> None:
    lock = dev().lock
    assert lock is not None
    text = lock_text(lock)
    assert text.startswith("# Made by `bedplate lock`; do not edit.")
    assert "null" not in text
    assert Lock.model_validate(yaml.safe_load(text)) == lock
