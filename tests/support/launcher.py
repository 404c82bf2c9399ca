"""Small executables that run one of our modules: what the engine looks for by name is a file, not a Python module."""

import shlex
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def write_launcher(path: Path, module: str, *arguments: str, python: Path | None = None) -> Path:
    """Write an executable file at `path` that runs `python -m module arguments…` and return `path`.

    The shell replaces itself by Python, so the process id and the parent that the caller sees are those of the module.
    `python` defaults to the running interpreter.
    """
    command = shlex.join([str(python or sys.executable), "-m", module, *arguments])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"#!/bin/sh\nPYTHONPATH={shlex.quote(str(CHECKOUT))}${{PYTHONPATH:+:$PYTHONPATH}}\nexport PYTHONPATH\n"
        f'exec {command} "$@"\n',
        encoding="utf-8",
    )
    path.chmod(0o755)
    return path
