"""An environment's own file and the fragments that it extends, as one tree."""

from __future__ import annotations

from pathlib import Path

from bedplate.environment.expected import DIFFERENCES_FILE
from bedplate.environment.floor import FLOOR_FILE
from bedplate.environment.targets import FOLDER
from bedplate.model.merge import merge
from bedplate.model.source import InputError, Problem, did_you_mean
from bedplate.model.tree import Mapping, Sequence, locate, plain
from bedplate.model.yaml_reader import read_file

# Files of the repository itself, which begin like fragments and belong to no environment.
_NO_FRAGMENTS = frozenset(Path(file).name for file in (DIFFERENCES_FILE, FLOOR_FILE))


def merged(root: Path, relative: str) -> tuple[Mapping, Mapping, tuple[Problem, ...]]:
    """The whole, the environment's own file alone, and warnings about all files."""
    document = read_file(root, relative)
    warnings = list(document.warnings)
    layers: list[Mapping] = []
    for fragment in _extends(root, document.root):
        part = read_file(root, f"{FOLDER}/{fragment}.yaml")
        if "extends" in part.root.items:
            message = "a fragment may not extend another: list both in the environment's extends"
            raise InputError([Problem(locate(part.root, ("extends",)), "extends", message)])
        layers.append(part.root)
        warnings += part.warnings
    own = _without(document.root, "extends")
    return merge([*layers, own]), own, tuple(warnings)


def _extends(root: Path, tree: Mapping) -> list[str]:
    node = tree.items.get("extends")
    if node is None:
        return []
    known = tuple(sorted(f.stem for f in (root / FOLDER).glob("_*.yaml") if f.name not in _NO_FRAGMENTS))
    if not isinstance(node, Sequence):
        raise InputError([Problem(node.position, "extends", "expected a list of fragments, as in [_aws, _gpu]", known)])
    problems: list[Problem] = []
    for index, item in enumerate(node.items):
        value = plain(item)
        if value in [plain(before) for before in node.items[:index]]:
            problems.append(Problem(item.position, f"extends[{index}]", f"{value!r} is listed twice"))
        elif value not in known:
            hint = did_you_mean(str(value), known)
            message = f"{value!r} is not a fragment: fragments are files of {FOLDER}/ whose name starts with _"
            problems.append(Problem(item.position, f"extends[{index}]", message, known, hint))
    if problems:
        raise InputError(problems)
    return [str(plain(item)) for item in node.items]


def _without(tree: Mapping, key: str) -> Mapping:
    items = {name: node for name, node in tree.items.items() if name != key}
    positions = {name: position for name, position in tree.key_positions.items() if name != key}
    return Mapping(items, positions, tree.position, tree.overrides)
