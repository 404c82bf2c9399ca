"""Small executables that run one of our modules: what the engine looks for by name is a file, not a Python module."""

import shlex
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def write_launcher(path: Path, module: str, *arguments: str, python: Path | None = None) -> Path:
    """Write an executable file at `path` that runs `python -m module arguments…` and return `path`.

    The shell replaces itself by Python, so the process id and the parent that the caller sees are those of the module.
    `python` defaults to the running interpreter. Its environment is the caller's: what the module starts in turn, such
    as a program with packages of its own, must not find this checkout.
    """
    program = (
        f"import runpy, sys; sys.path.insert(0, {str(CHECKOUT)!r}); "
        f"runpy.run_module({module!r}, run_name='__main__', alter_sys=True)"
    )
    command = shlex.join([str(python or sys.executable), "-c", program, *arguments])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return path
