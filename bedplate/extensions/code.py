"""Code of a platform repository: read below its root only, imported as ``extensions.…``, blamed by file and line.

What reviewers read is what runs: modules are compiled from their source each time, never from a compiled file that
may lie beside it, and nothing is written next to them. Their file name is the path below the repository, so that no
message holds where the repository lies.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType, TracebackType

from bedplate.model.files import confined, read_confined
from bedplate.model.source import InputError, Position, Problem
from bedplate.model.spec import Refusal

FOLDER = "extensions"
MAX_BYTES = 1024 * 1024
"""Largest source file that is read."""


def parsed(root: Path, relative: str) -> ast.Module:
    """The syntax tree of a source file. Raises InputError, with line and column, for what is not Python."""
    try:
        return ast.parse(read_confined(root, relative, limit=MAX_BYTES))
    except SyntaxError as error:
        place = Position(relative, error.lineno or 1, error.offset or 1)
        raise InputError([Problem(place, "", f"is not Python: {error.msg}")]) from None
    except ValueError as error:  # a NUL byte, or an encoding that is none
        raise InputError([Problem(Position(relative, 1, 1), "", f"is not Python: {error}")]) from None


def imports(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """Every module that a source file names in an import statement, with the statement."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node


def load_module(root: Path, relative: str) -> ModuleType:
    """The module at `relative`, a path below `root`. Raises InputError for one that cannot be imported."""
    _activate(root)
    with held_apart(relative, "cannot be imported"):
        return importlib.import_module(relative.removesuffix(".py").replace("/", "."))


@contextlib.contextmanager
def held_apart(relative: str, what: str) -> Iterator[None]:
    """Around code of the repository's own. Raises InputError, as `blamed`, for whatever it raises.

    To leave the program (`sys.exit`) is a mistake like any other: nobody would be told what was not looked at. What it
    prints goes to stderr: stdout holds bedplate's own answer, which programs read.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except (Exception, SystemExit) as error:
        raise blamed(error, relative, what) from error


def blamed(error: Exception | SystemExit, relative: str, what: str) -> InputError:
    """`error`, which the repository's own code caused, as a problem at the line of it that was reached last.

    `relative` is the file to name where no line of the repository's own code was reached. `what` went wrong.
    """
    if isinstance(error, InputError):
        return error
    place = place_of(error.__traceback__) or Position(relative, 1, 1)
    if isinstance(error, Refusal):
        return InputError([Problem(place, "", error.message, error.allowed, error.hint)])
    text = _text(error)
    if isinstance(error, ImportError) and error.path:
        # Where this machine keeps its packages says nothing about the mistake.
        text = text.removesuffix(f" ({error.path})")
    return InputError([Problem(place, "", f"{what}: {type(error).__name__}: {text}")])


def _text(error: BaseException) -> str:
    """What `error` says of itself, where it can say anything."""
    try:
        return str(error)
    except Exception:
        return "it cannot say why"


def place_of(trace: TracebackType | None) -> Position | None:
    """The last line of a repository's own code that a traceback passes; None where it passes none."""
    found: Position | None = None
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.startswith(f"{FOLDER}/"):
            found = Position(file, trace.tb_lineno, 1)
        trace = trace.tb_next
    return found


class _Loader(Loader):
    """Runs one source file of the repository at `root`."""

    def __init__(self, root: Path, relative: str) -> None:
        self._root = root
        self._relative = relative

    def exec_module(self, module: ModuleType) -> None:
        source = read_confined(self._root, self._relative, limit=MAX_BYTES)
        exec(compile(source, self._relative, "exec", dont_inherit=True), module.__dict__)


class _Finder(MetaPathFinder):
    """Finds ``extensions`` and what lies below it in one repository, whatever else is on the path."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.modules: dict[str, ModuleType] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not _is_ours(fullname):
            return None
        relative = fullname.replace(".", "/")
        if confined(self.root, f"{relative}.py").is_file():
            return spec_from_loader(fullname, _Loader(self.root, f"{relative}.py"), origin=f"{relative}.py")
        if confined(self.root, relative).is_dir():
            package = ModuleSpec(fullname, None, is_package=True)
            package.submodule_search_locations = [relative]
            return package
        return None


def _activate(root: Path) -> None:
    """Let ``extensions`` mean the repository at `root`. What another one has imported is put aside, not forgotten."""
    root = root.resolve()
    current = next((item for item in sys.meta_path if isinstance(item, _Finder)), None)
    if current is not None and current.root == root:
        return
    if current is not None:
        current.modules = {name: module for name, module in sys.modules.items() if _is_ours(name)}
        for name in current.modules:
            del sys.modules[name]
        sys.meta_path.remove(current)
    finder = _FINDERS.setdefault(root, _Finder(root))
    sys.modules.update(finder.modules)
    sys.meta_path.insert(0, finder)


_FINDERS: dict[Path, _Finder] = {}


def _is_ours(name: str) -> bool:
    return name == FOLDER or name.startswith(f"{FOLDER}.")
