"""A folder that is written as a whole: readers see the old one or the new one, never a mixture.

The new folder is written beside the old one and takes its place by renaming. Between the two renames the folder is
missing for an instant; whoever is stopped there finds the old one again at the next run.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bedplate.graph.values import Json

MARKER = ".bedplate.json"
_SCHEMA = "bedplate.folder/v1"
_SHOWN = 5


class FolderError(Exception):
    """The folder is not ours to replace; the message says why and what to do."""


def replace_folder(target: Path, owner: str, files: Mapping[str, str]) -> None:
    """Make `files` (by posix path) the whole content of `target`, which belongs to `owner`.

    Raises FolderError where `target` holds anything that an earlier call for the same owner did not write.
    """
    target = target.absolute()
    old = target.with_name(f".{target.name}.bedplate-old")
    if old.is_dir() and not target.exists():
        old.rename(target)
    _check(target, owner)
    target.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".new", dir=target.parent))
    try:
        _fill(new, {**files, MARKER: _marker(owner, files)})
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
            target.rename(old)
        new.rename(target)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    _sync(target.parent)
    shutil.rmtree(old, ignore_errors=True)


def differences(target: Path, owner: str, files: Mapping[str, str]) -> tuple[str, ...]:
    """Paths below `target` that `replace_folder` would write, change or remove, sorted.

    Raises FolderError as it does.
    """
    _check(target.absolute(), owner)
    wanted = {**files, MARKER: _marker(owner, files)}
    there = {path: (target / path).read_bytes() for path in _paths(target)} if target.exists() else {}
    both = wanted.keys() | there.keys()
    texts = {path: text.encode() for path, text in wanted.items()}
    return tuple(sorted(path for path in both if texts.get(path) != there.get(path)))


def _marker(owner: str, files: Mapping[str, str]) -> str:
    content = {"schema": _SCHEMA, "owner": owner, "files": sorted(files)}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _check(target: Path, owner: str) -> None:
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise FolderError(f"{target.name} is not a folder: name one that is, or that does not exist yet")
    if not target.exists() or not any(target.iterdir()):
        return
    marker = _read_marker(target)
    if marker is None:
        raise FolderError(f"{target.name} is not empty and was not written by bedplate: name an empty folder")
    if marker.get("owner") != owner:
        raise FolderError(f"{target.name} holds {marker.get('owner')!r}, not {owner!r}: name another folder")
    known = {MARKER, *marker.get("files", ())}
    foreign = sorted(path for path in _paths(target) if path not in known)
    if foreign:
        shown = ", ".join(foreign[:_SHOWN]) + (" …" if len(foreign) > _SHOWN else "")
        raise FolderError(f"{target.name} holds files that bedplate did not write and would lose ({shown}): move them")


def _read_marker(target: Path) -> dict[str, Json] | None:
    try:
        marker = json.loads((target / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return marker if isinstance(marker, dict) and marker.get("schema") == _SCHEMA else None


def _paths(target: Path) -> list[str]:
    return [path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_symlink() or not path.is_dir()]


def _fill(folder: Path, files: Mapping[str, str]) -> None:
    """Write `files`, and wait until they are on disk: a rename must not become durable before what it shows."""
    folder.chmod(0o755)
    for name in sorted({Path(path).parent for path in files}):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for path, text in sorted(files.items()):
        (folder / path).write_bytes(text.encode())
    # Once for all: syncing a thousand files one by one takes seconds.
    os.sync()


def _sync(folder: Path) -> None:
    """Make the entries of a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
