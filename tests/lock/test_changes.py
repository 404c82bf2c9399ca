"""People see which entries of a lock change, and in what."""

from __future__ import annotations

from bedplate.lock.changes import changes
from bedplate.model.lockfile import LOCK_SCHEMA, Lock, LockedChart, LockedFile, LockedImage

DIGEST = "sha256:" + "a" * 64


def lock(*, images: tuple[LockedImage, ...] = (), charts: tuple[LockedChart, ...] = ()) -> Lock:
    file = LockedFile(release="chat@1.0.0", path="weights", bytes=1, digest=DIGEST, state="published")
    return Lock(schema_=LOCK_SCHEMA, environment="dev", images=images, charts=charts, files=(file,))


def image(reference: str, digest: str | None = None) -> LockedImage:
    state = "verified" if digest else "unresolved"
    return LockedImage.model_validate({"reference": reference, "digest": digest, "state": state, "neededBy": []})


def test_nothing_is_said_of_locks_that_are_equal() -> None:
    assert changes(lock(images=(image("a:1"),)), lock(images=(image("a:1"),))) == ()


def test_a_first_lock_is_all_new() -> None:
    assert changes(None, lock(images=(image("a:1"),))) == ("new      file chat@1.0.0/weights", "new      image a:1")


def test_entries_that_come_go_and_change_are_named_with_what_changed() -> None:
    chart = LockedChart(name="kserve", reference="oci://r/kserve:1", state="unresolved")
    moved = chart.model_copy(update={"reference": "oci://r/kserve:2"})
    before = lock(images=(image("a:1"), image("b:1")), charts=(chart,))
    after = lock(images=(image("b:1", DIGEST), image("c:1")), charts=(moved,))
    assert changes(before, after) == (
        "changed  chart kserve: reference",
        "changed  image b:1: digest, state",
        "gone     image a:1",
        "new      image c:1",
    )
