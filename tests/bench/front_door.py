"""Reads an honest document of 4 MiB through the front door: ``python -m tests.bench.front_door``.

Hostile documents are held to the same limits, by the kernel, in tests/model/test_yaml_hostile.py.
"""

from __future__ import annotations

from bedplate.model.yaml_builder import MAX_NODES
from bedplate.model.yaml_reader import read_document
from bedplate.model.yaml_text import MAX_BYTES

# The document itself, each key and each value count.
_LINES = MAX_NODES // 2 - 1


def document() -> bytes:
    """As many keys and as many bytes as the front door takes."""
    width = MAX_BYTES // _LINES - len("key-00000: \n")
    return "".join(f"key-{number:05}: {'v' * width}\n" for number in range(_LINES)).encode()


if __name__ == "__main__":
    assert len(read_document(document(), "large.yaml").root.items) == _LINES
