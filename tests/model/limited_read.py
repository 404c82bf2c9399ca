"""Reads a document from standard input under hard limits: 100 MiB of address space, two seconds of processor time.

Run as a program by `test_yaml_hostile`. The limits hold for the whole process, Python and its imports included, so
what is proved is stricter than what the front door promises.
"""

from __future__ import annotations

import resource
import sys

from bedplate.model.source import InputError
from bedplate.model.yaml_reader import read_document

ADDRESS_SPACE = 100 * 1024 * 1024
CPU_SECONDS = 2


def limit() -> None:
    """Let the kernel end this process where it goes beyond a limit."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))


def main() -> None:
    limit()
    try:
        document = read_document(sys.stdin.buffer.read(), "hostile.yaml")
    except InputError as error:
        print(error.problems[-1].render())
    else:
        print(f"read {len(document.root.items)} keys, {len(document.warnings)} warnings")


if __name__ == "__main__":
    main()
