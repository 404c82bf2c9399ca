"""The lock between processes."""

import subprocess
import sys
from pathlib import Path

from tests.toolchain.lock import exclusive

HOLDER = """
import sys
from pathlib import Path
from tests.toolchain.lock import exclusive

with exclusive(Path(sys.argv[1]), print):
    print("held", flush=True)
    sys.stdin.read()
"""


def start_holder(path: Path) -> subprocess.Popen[str]:
    """A process that holds the lock until its standard input ends."""
    root = Path(__file__).resolve().parents[2]
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_a_free_lock_is_taken_without_waiting_and_can_be_taken_again(tmp_path: Path) -> None:
    waits: list[str] = []
    for _ in range(2):
        with exclusive(tmp_path / "locks" / "etcd.lock", waits.append):
            pass
    assert waits == []


def test_a_second_process_waits_is_told_the_owner_and_goes_on_after_the_release(tmp_path: Path) -> None:
    path = tmp_path / "etcd.lock"
    with start_holder(path) as holder:
        waits: list[str] = []

        def release(owner: str) -> None:
            waits.append(owner)
            assert holder.stdin is not None
            holder.stdin.close()

        with exclusive(path, release):
            assert waits == [str(holder.pid)]


def test_the_lock_of_a_killed_process_is_free_at_once(tmp_path: Path) -> None:
    path = tmp_path / "etcd.lock"
    with start_holder(path) as holder:
        holder.kill()
        holder.wait()
    assert path.read_text(encoding="ascii") == f"{holder.pid}\n"
    waits: list[str] = []
    with exclusive(path, waits.append):
        assert waits == []
