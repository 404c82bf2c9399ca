"""The process behind `Rendering`: ``python -m bedplate.cli.render ROOT OUT DAY [NAME …]``.

Writes OUT/<environment>.json with {"review": …} or {"problem": …} for each name, or for every environment of ROOT. This
form is read by other versions of Bedplate, the newer ones: a pull request renders its base with the base's own code.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from bedplate.cli.errors import described
from bedplate.cli.pipeline import review
from bedplate.environment.targets import all_targets
from bedplate.graph.values import Json
from bedplate.units.process import expect_short_life


def main(arguments: Sequence[str]) -> None:
    """Render and write. A problem of one environment does not keep the others from being rendered."""
    root, out, day, *names = arguments
    for name in names or all_targets(Path(root)):
        answer = _answer(Path(root), name, date.fromisoformat(day))
        (Path(out) / f"{name}.json").write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")


def _answer(root: Path, name: str, today: date) -> dict[str, Json]:
    try:
        return {"review": review(root, name, today).to_json()}
    except Exception as error:  # the border of this process: the other side says what went wrong
        return {"problem": described(error)}


if __name__ == "__main__":
    expect_short_life()
    main(sys.argv[1:])
