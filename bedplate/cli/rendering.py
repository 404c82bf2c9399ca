"""Renders environments of a folder in a process of its own, so that the folder's own code makes them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import bedplate
from bedplate.output.sides import Side


class Rendering:
    """One process that renders `names`, or every environment where `names` is empty.

    With `own_code` the code of the folder is used where it has any; else the code that is running now.
    """

    def __init__(self, root: Path, names: Sequence[str], today: date, *, own_code: bool) -> None:
        self._names = tuple(names)
        self._folder = tempfile.TemporaryDirectory(prefix="bedplate-render-")
        self._out = Path(self._folder.name) / "out"
        self._out.mkdir()
        code = root if own_code and (root / "bedplate" / "__init__.py").is_file() else Path(bedplate.__path__[0]).parent
        paths = [str(code.resolve()), *filter(None, [os.environ.get("PYTHONPATH")])]
        argv = [sys.executable, "-m", "bedplate.cli.render", str(root.resolve()), str(self._out), today.isoformat()]
        # Its own folder as working directory: else packages in the current one would be imported first.
        self._process = subprocess.Popen(
            [*argv, *self._names],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            cwd=self._folder.name,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def finish(self) -> dict[str, Side]:
        """Wait, and return both what was rendered and what could not be, by environment."""
        try:
            _, errors = self._process.communicate()
            sides = {path.stem: _side(path) for path in sorted(self._out.glob("*.json"))}
        finally:
            self.stop()
        text = errors.decode(errors="replace").strip() or f"the process ended with {self._process.returncode}"
        if self._process.returncode != 0 and not self._names:
            raise RenderError(text)
        return {**{name: Side(problem=text) for name in self._names}, **sides}

    def stop(self) -> None:
        """End the process where it still runs, and remove its folder."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()
        self._folder.cleanup()


class RenderError(Exception):
    """Nothing of a folder can be rendered: its code does not run. The message is what the process said."""


def _side(path: Path) -> Side:
    data = json.loads(path.read_bytes())
    return Side(review=data.get("review"), problem=data.get("problem", ""))
