"""Render an environment in a process of its own: `python -m tests.laws.render ROOT NAME` prints the whole review."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from bedplate.cli.pipeline import review
from bedplate.graph.values import canonical

if __name__ == "__main__":
    root, name, today = sys.argv[1:]
    sys.stdout.buffer.write(canonical(review(Path(root), name, date.fromisoformat(today)).to_json()))
