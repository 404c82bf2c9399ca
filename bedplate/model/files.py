"""Files that data names: read and written inside one folder only, and never left half-written."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from bedplate.model.source import InputError, Problem


def confined(root: Path, relative: str) -> Path:
    """The path of `relative` (posix) below `root`; the file need not exist.

    Raises InputError when the path is absolute, climbs with '..', or passes through a symbolic link.
    """
    path = root
    for part in _parts(relative):
        path = path / part
        try:
            linked = path.is_symlink()
        except OSError as error:
            raise _refused(relative, f"cannot be used: {error.strerror}") from None
        if linked:
            raise _refused(relative, "is or passes through a symbolic link")
    return path


def present(root: Path, relative: str) -> bool:
    """Whether anything stands at `relative` below `root`, a folder or what cannot be read included.

    A file that may be absent is asked for so: what is there and is no file is refused by its reader, and never counts
    as absent. Raises InputError as `confined` does.
    """
    try:
        os.lstat(confined(root, relative))
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise _refused(relative, f"cannot be used: {error.strerror}") from None
    return True


def read_confined(root: Path, relative: str, *, limit: int) -> bytes:
    """The bytes of a regular file below `root`. Raises InputError when it cannot be read or exceeds `limit` bytes.

    Each folder is opened from its parent without following links, so nothing can be swapped between check and use.
    """
    try:
        with _opened(root, _parts(relative)) as descriptor:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _refused(relative, "is not a regular file")
            with open(descriptor, "rb", closefd=False) as file:
                data = file.read(limit + 1)
    except OSError as error:
        confined(root, relative)  # says so when the cause is a symbolic link
        raise _refused(relative, f"cannot be read: {error.strerror}") from None
    if len(data) > limit:
        raise _refused(relative, f"has more than {limit:,} bytes, which is the most that is read")
    return data


@contextlib.contextmanager
def _opened(root: Path, parts: tuple[str, ...]) -> Iterator[int]:
    """A read-only descriptor of the last part, reached folder by folder."""
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for index, part in enumerate(parts):
            kind = os.O_NONBLOCK if index == len(parts) - 1 else os.O_DIRECTORY
            inner = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | kind, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def write_atomic(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Replace the content of `path`: readers, and a machine that loses power, see the old bytes or the new, whole.

    The folder must exist. On any error the old content stays and the temporary file goes.
    """
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable: it is an entry of the folder, not of the file."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _parts(relative: str) -> tuple[str, ...]:
    path = PurePosixPath(relative)
    if not relative or "\0" in relative or path.is_absolute() or ".." in path.parts or not path.parts:
        raise _refused(relative, "is not a path below the platform repository", hint="write it relative to the root")
    return path.parts


def _refused(relative: str, reason: str, *, hint: str = "") -> InputError:
    return InputError([Problem(None, "", f"{relative or 'an empty path'} {reason}", hint=hint)])
