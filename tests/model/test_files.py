"""Files that data names stay inside their folder, and writes are whole or not at all."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bedplate.model.files import confined, read_confined, write_atomic
from bedplate.model.source import InputError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "platform"
    (folder / "environments").mkdir(parents=True)
    (folder / "environments" / "dev.yaml").write_bytes(b"name: dev\n")
    (tmp_path / "secret").write_bytes(b"secret")
    return folder


def refusal(root: Path, relative: str) -> str:
    with pytest.raises(InputError) as refused:
        read_confined(root, relative, limit=100)
    return str(refused.value)


def test_a_file_below_the_root_is_read_whole(root: Path) -> None:
    assert read_confined(root, "environments/dev.yaml", limit=10) == b"name: dev\n"
    assert confined(root, "environments/dev.yaml") == root / "environments" / "dev.yaml"
    assert confined(root, "environments/./new/file.yaml") == root / "environments" / "new" / "file.yaml"


@pytest.mark.parametrize("relative", ["", ".", "/etc/passwd", "../secret", "environments/../../secret", "a\0b"])
def test_a_path_that_leaves_the_root_is_refused(root: Path, relative: str) -> None:
    assert "is not a path below the platform repository" in refusal(root, relative)
    with pytest.raises(InputError, match="hint: write it relative to the root"):
        confined(root, relative)


def test_a_symbolic_link_is_refused_wherever_it_stands(root: Path) -> None:
    (root / "environments" / "link.yaml").symlink_to(root / "environments" / "dev.yaml")
    (root / "outside").symlink_to(root.parent)
    (root / "broken").symlink_to("nowhere")
    for relative in ("environments/link.yaml", "outside/secret", "broken"):
        assert refusal(root, relative) == f"{relative} is or passes through a symbolic link"
        with pytest.raises(InputError, match="symbolic link"):
            confined(root, relative)


def test_the_root_itself_may_be_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to(root)
    assert read_confined(tmp_path / "current", "environments/dev.yaml", limit=100) == b"name: dev\n"


def test_what_is_no_regular_file_is_refused_without_waiting_for_it(root: Path) -> None:
    os.mkfifo(root / "pipe.yaml")
    assert refusal(root, "pipe.yaml") == "pipe.yaml is not a regular file"
    assert refusal(root, "environments") == "environments is not a regular file"


def test_a_file_that_cannot_be_read_is_said_with_the_reason(root: Path) -> None:
    assert refusal(root, "missing.yaml") == "missing.yaml cannot be read: No such file or directory"
    assert refusal(root, "environments/dev.yaml/x") == "environments/dev.yaml/x cannot be read: Not a directory"
    with pytest.raises(InputError, match="File name too long"):
        confined(root, "x" * 300)


def test_a_file_above_the_limit_is_refused(root: Path) -> None:
    with pytest.raises(InputError, match=r"^environments/dev\.yaml has more than 9 bytes"):
        read_confined(root, "environments/dev.yaml", limit=9)


def test_no_descriptor_is_left_open(root: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for relative in ("environments/dev.yaml", "missing.yaml", "environments", "../secret"):
        try:
            read_confined(root, relative, limit=100)
        except InputError:
            continue
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_written_file_has_the_new_bytes_and_mode_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    write_atomic(path, b"old")
    write_atomic(path, b"new", mode=0o600)
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["plan.json"]


def test_a_file_has_the_usual_mode_unless_told_otherwise(tmp_path: Path) -> None:
    write_atomic(tmp_path / "plan.json", b"x")
    assert stat.S_IMODE((tmp_path / "plan.json").stat().st_mode) == 0o644


def test_a_write_that_fails_leaves_no_temporary_file(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(IsADirectoryError):
        write_atomic(tmp_path / "taken", b"new")
    with pytest.raises(FileNotFoundError):
        write_atomic(tmp_path / "missing" / "plan.json", b"new")
    assert os.listdir(tmp_path) == ["taken"]


def test_a_full_disk_leaves_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(b"old")
    program = (
        "import pathlib, resource, signal, sys\n"
        "from bedplate.model.files import write_atomic\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
        "write_atomic(pathlib.Path(sys.argv[1]), b'x' * 100)\n"
    )
    run = subprocess.run([sys.executable, "-B", "-c", program, str(path)], capture_output=True, check=False)
    assert b"File too large" in run.stderr
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["plan.json"]


KILLED_AT = """
import os, pathlib, signal, sys
from bedplate.model.files import write_atomic
path, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
def hook(event, args):
    global count
    count -= 1
    if count == 0:
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
write_atomic(path, b"new")
"""


def test_a_process_killed_at_any_step_leaves_the_old_bytes_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    seen: list[bytes] = []
    for step in range(1, 100):
        path.write_bytes(b"old")
        run = subprocess.run([sys.executable, "-B", "-c", KILLED_AT, str(path), str(step)], check=False)
        seen.append(path.read_bytes())
        if run.returncode == 0:
            break
        assert run.returncode == -signal.SIGKILL
    assert set(seen) == {b"old", b"new"}
    assert seen[-1] == b"new"
    assert len(seen) > 3
