"""`make golden`: write every generated file again."""

from __future__ import annotations

from bedplate.model.files import write_atomic
from tests.golden.outputs import ROOT, generated


def main() -> None:
    """Write what differs and name it; the difference is for a reviewer."""
    for path, text in generated():
        target = ROOT / path
        if not target.is_file() or target.read_text(encoding="utf-8") != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(target, text.encode())
            print(f"wrote {path}")


if __name__ == "__main__":
    main()
