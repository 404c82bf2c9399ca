"""No document of 4 MiB takes more than two seconds of processor time or 100 MB of memory.

Each document is read in a process of its own, under limits that the kernel enforces. A document that breaks one ends
the process without an answer, and the test.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterable

import pytest

from bedplate.model.yaml_text import MAX_BYTES as N


def repeated(head: str, unit: str, tail: str = "") -> bytes:
    """`head`, as many whole `unit`s as fit into 4 MiB, `tail`."""
    left = N - len((head + tail).encode())
    return (head + unit * (left // len(unit.encode())) + tail).encode()


def numbered(head: str, units: Iterable[str]) -> bytes:
    """`head` and as many of the `units` as fit into 4 MiB."""
    parts, size = [head], len(head)
    for unit in units:
        size += len(unit)
        if size > N:
            break
        parts.append(unit)
    return "".join(parts).encode()


DEEP = "nested deeper than 64 levels"
MANY = "more than 100,000 keys and values"

HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "open brackets on one line": (lambda: repeated("", "["), DEEP),
    "open brackets on many lines": (lambda: repeated("", "[\n"), DEEP),
    "open mappings": (lambda: repeated("", "{a: "), DEEP),
    "lists in lists on one line": (lambda: repeated("", "- "), DEEP),
    "keys in keys": (lambda: repeated("", "? "), DEEP),
    "indentation that never ends": (lambda: numbered("", (" " * i + "k:\n" for i in range(N))), DEEP),
    "a chain of aliases": (
        lambda: numbered("a0: &a0 {x: y}\n", (f"a{i}: &a{i} {{x: *a{i - 1}}}\n" for i in range(1, N))),
        DEEP,
    ),
    "aliases that multiply": (
        lambda: numbered("a0: &a0 [x]\n", (f"a{i}: &a{i} [{f'*a{i - 1},' * 9}]\n" for i in range(1, N))),
        MANY,
    ),
    "one alias many times": (lambda: repeated("a: &a b\nc:\n", "- *a\n"), MANY),
    "many anchors": (lambda: numbered("a:\n", (f"- &a{i} x\n" for i in range(N))), MANY),
    "many items": (lambda: repeated("a:\n", "- a\n"), MANY),
    "many items below sixty brackets": (lambda: repeated("a: " + "[" * 60, "[],"), MANY),
    "many keys": (lambda: numbered("", (f"k{i}: 1\n" for i in range(N))), MANY),
    "equal keys": (lambda: repeated("", "a: 1\n"), MANY),
    "keys that are numbers": (lambda: repeated("", "1: 1\n"), MANY),
    "many tags": (lambda: repeated("a:\n", "- !!str a\n"), MANY),
    "many warnings": (lambda: repeated("a: [", "yes,", "]"), MANY),
    "merge keys": (lambda: repeated("", "<<: 1\n"), MANY),
    "a quote that is never closed": (lambda: repeated('a: "', "x"), "never closed"),
    "a quote of empty lines": (lambda: repeated('a: "', "\n"), "never closed"),
    "many documents": (lambda: repeated("", "---\n"), "second document"),
    "many ends of the document": (lambda: repeated("a: b\n", "... \n"), "read 1 keys"),
    "tag directives": (lambda: numbered("", (f"%TAG !{i}! b\n" for i in range(N))), "directive"),
    "tag directives for a second document": (
        lambda: numbered("a: b\n...\n", (f"%TAG !{i}! b\n" for i in range(N))),
        "second document",
    ),
    "many anchors on one value": (lambda: repeated("", "&a "), "expected the end of the file"),
    "comments only": (lambda: repeated("", "#\n"), "empty"),
    "spaces only": (lambda: repeated("", " "), "empty"),
    "one long line of text": (lambda: repeated("a: ", "x"), "read 1 keys, 0 warnings"),
    "one long number": (lambda: repeated("a: ", "1"), "loses digits"),
    "one long fraction": (lambda: repeated("a: 1.", "1"), "loses digits"),
    "one long time of day": (lambda: repeated("a: 1", ":1"), "read 1 keys, 0 warnings"),
    "one long text of many lines": (lambda: repeated("a: b", "\n c"), "read 1 keys"),
    "one long key": (lambda: repeated("", "k", ": 1"), "value of a key was expected"),
    "one long key with a question mark": (lambda: repeated("? ", "k", "\n: 1"), "1 to 1,024 characters"),
    "a long key above many warnings": (
        lambda: ("? " + "k" * (N // 2) + "\n: [" + "yes," * 200 + "]").encode(),
        "1,024",
    ),
    "text that widens in memory": (lambda: repeated('a: "😀', "x", '"'), "read 1 keys"),
    "nul characters": (lambda: repeated("a: ", "\0"), "NUL"),
    "a tab at the end": (lambda: repeated("", " ", "\t"), "a tab"),
    "a bad byte at the end": (lambda: repeated("a: ", "x")[:-1] + b"\xff", "not valid UTF-8"),
    "a large honest document": (
        lambda: numbered("", (f"key{i}: {'value' * 14}\n" for i in range(49_000))),
        "read 49000 keys, 0 warnings",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_the_document_is_answered_within_two_seconds_and_a_hundred_megabytes(case: str) -> None:
    make, answer = HOSTILE[case]
    data = make()
    assert len(data) <= N
    command = [sys.executable, "-m", "tests.model.limited_read"]
    run = subprocess.run(command, input=data, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode()[-2000:]
    assert answer in run.stdout.decode()


def test_the_limits_do_stop_a_process_that_breaks_them() -> None:
    hungry = "from tests.model.limited_read import ADDRESS_SPACE, limit\nlimit()\nbytes(ADDRESS_SPACE)"
    run = subprocess.run([sys.executable, "-c", hungry], capture_output=True, check=False)
    assert run.returncode != 0
    assert b"MemoryError" in run.stderr
    endless = "from tests.model.limited_read import limit\nlimit()\nwhile True: pass"
    assert subprocess.run([sys.executable, "-c", endless], check=False).returncode == -signal.SIGKILL
