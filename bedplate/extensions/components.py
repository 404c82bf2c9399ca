"""Components of a platform repository's own: ``extensions/components/<name>/{spec,component}.py``, found by folder.

What they say is read without Pulumi, so that environments that use them are validated as quickly as any other: the
spec is imported, the component is looked at as text.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic.alias_generators import to_camel, to_pascal

from bedplate.extensions.code import FOLDER, imports, load_module, parsed
from bedplate.extensions.extension import HANDLES, Extension
from bedplate.extensions.folders import check_kinds, named_folders
from bedplate.model.files import confined
from bedplate.model.source import InputError, Position, Problem, did_you_mean
from bedplate.model.spec import Spec, check_described

COMPONENTS = f"{FOLDER}/components"
_POSITIONAL = ("self", "name", "spec")


@dataclass(frozen=True, slots=True)
class OwnComponent:
    """One of them. `asks` are the handles that its class takes by keyword; `root` is its repository."""

    root: Path
    name: str
    extension: Extension
    spec: type[Spec]
    asks: tuple[str, ...]

    @property
    def key(self) -> str:
        """Its key below `extensions` of an environment: ``onCall`` for the folder ``on_call``."""
        return to_camel(self.name)

    @property
    def entry(self) -> str:
        """The entry of the environment that its objects answer to."""
        return f"extensions.{self.key}"

    @property
    def label(self) -> str:
        """What the engine calls it."""
        return self.name.replace("_", "-")

    @property
    def file(self) -> str:
        """Where its class stands, below the root."""
        return f"{COMPONENTS}/{self.name}/component.py"

    @property
    def class_name(self) -> str:
        """What its class is called."""
        return to_pascal(self.name)

    def load_class(self) -> type:
        """Its class, for which Pulumi is imported. Raises InputError with the line that fails."""
        found = getattr(load_module(self.root, self.file), self.class_name)
        assert isinstance(found, type)  # it was looked at
        return found


def own_components(root: Path) -> tuple[OwnComponent, ...]:
    """Components of the repository at `root`, sorted; read once. Raises InputError with everything that is wrong."""
    return _own_components(root.resolve())


@cache
def _own_components(root: Path) -> tuple[OwnComponent, ...]:
    check_kinds(root)
    found: list[OwnComponent] = []
    problems: list[Problem] = []
    for name in named_folders(root, COMPONENTS):
        try:
            found.append(_component(root, name))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return tuple(found)


def _component(root: Path, name: str) -> OwnComponent:
    folder = f"{COMPONENTS}/{name}"
    if hasattr(Spec, name):
        message = f"{name!r} is a name that every spec has already: call the component differently"
        raise InputError([Problem(Position(folder, 1, 1), "", message)])
    missing = [name for name in ("spec.py", "component.py") if not confined(root, f"{folder}/{name}").is_file()]
    if missing:
        message = f"has no {' and no '.join(missing)}: a component is both"
        raise InputError([Problem(Position(folder, 1, 1), "", message)])
    spec_file = f"{folder}/spec.py"
    tree = parsed(root, spec_file)
    _check_imports(tree, spec_file)
    module = load_module(root, spec_file)
    extension = getattr(module, "EXTENSION", None)
    if not isinstance(extension, Extension):
        message = "needs a constant EXTENSION of type Extension (bedplate.extensions.extension)"
        raise InputError([Problem(Position(spec_file, 1, 1), "", message)])
    wanted = f"{to_pascal(name)}Spec"
    spec = getattr(module, wanted, None)
    if wanted not in _classes(tree) or not (isinstance(spec, type) and issubclass(spec, Spec)):
        raise _no_class(tree, spec_file, wanted, "Spec")
    _check_explained(spec, tree, spec_file)
    asks = _asks(root, f"{folder}/component.py", to_pascal(name), extension)
    return OwnComponent(root, name, extension, spec, asks)


def _check_imports(tree: ast.Module, file: str) -> None:
    problems = [
        Problem(
            _position(file, statement),
            "",
            f"imports {name}: specs are read where there is no Pulumi",
            hint="what needs it belongs into component.py",
        )
        for name, statement in imports(tree)
        if name.startswith("pulumi") or name in ("components.base", "stacks") or name.endswith(".component")
    ]
    if problems:
        raise InputError(problems)


def _check_explained(spec: type[Spec], tree: ast.Module, file: str) -> None:
    """The spec says what its keys mean, as every file that people write does."""
    problems = [] if spec.__doc__ else [Problem(_line_of(tree, file, spec.__name__), "", "has no docstring")]
    for text in check_described(spec):
        place = text.partition(" ")[0]
        here = place if place.partition(".")[0] in _classes(tree) else spec.__name__
        problems.append(Problem(_line_of(tree, file, here), "", text))
    if problems:
        raise InputError(problems)


def _asks(root: Path, file: str, wanted: str, extension: Extension) -> tuple[str, ...]:
    """The handles that class `wanted` takes. Raises InputError where its constructor has another shape."""
    tree = parsed(root, file)
    cls = _classes(tree).get(wanted)
    if cls is None:
        raise _no_class(tree, file, wanted, "PlatformComponent")
    init = next((item for item in cls.body if isinstance(item, ast.FunctionDef) and item.name == "__init__"), None)
    names = [item.arg for item in init.args.args] if init else []
    free = init is not None and (init.args.vararg or init.args.kwarg or init.args.posonlyargs)
    keywords = init.args.kwonlyargs if init else []
    if init is None or free or tuple(names) != _POSITIONAL or "opts" not in [item.arg for item in keywords]:
        message = f"{wanted} needs a constructor (self, name, spec, *, …, opts=None): handles are passed by keyword"
        raise InputError([Problem(_position(file, init or cls), "", message)])
    problems = list(_strange(file, [item for item in keywords if item.arg != "opts"], extension))
    if problems:
        raise InputError(problems)
    return tuple(item.arg for item in keywords if item.arg != "opts")


def _strange(file: str, keywords: list[ast.arg], extension: Extension) -> Iterator[Problem]:
    known = HANDLES[extension.layer]
    for item in keywords:
        if item.arg not in known:
            message = f"asks for {item.arg!r}, which the layer {extension.layer} does not have"
            yield Problem(_position(file, item), "", message, known, did_you_mean(item.arg, known))
        elif item.arg == "network" and "account" not in extension.makes_in:
            message = "asks for 'network', which is there with an account only"
            yield Problem(_position(file, item), "", message, hint="add account to makes_in of its EXTENSION")


def _no_class(tree: ast.Module, file: str, wanted: str, base: str) -> InputError:
    hint = did_you_mean(wanted, _classes(tree))
    return InputError([Problem(Position(file, 1, 1), "", f"needs a class {wanted}({base})", hint=hint)])


def _classes(tree: ast.Module) -> dict[str, ast.ClassDef]:
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}


def _line_of(tree: ast.Module, file: str, place: str) -> Position:
    """Where ``Class`` or ``Class.field`` is written."""
    name, _, field = place.partition(".")
    cls = _classes(tree)[name]
    for node in cls.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == field:
            return _position(file, node)
    return _position(file, cls)


def _position(file: str, node: ast.stmt | ast.arg) -> Position:
    return Position(file, node.lineno, node.col_offset + 1)
