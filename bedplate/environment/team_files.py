"""Teams' own files: their model services and members, confined to their team.

``environments/<env>/teams/<team>.yaml`` belongs to the team (CODEOWNERS by path); the platform team's file says which
teams there are, and what they may have.
"""

from __future__ import annotations

import json
from pathlib import Path

from bedplate.environment.targets import FOLDER
from bedplate.model.source import InputError, Problem, did_you_mean
from bedplate.model.tree import Mapping, Node, Scalar, Sequence, format_path, item_name, plain
from bedplate.model.yaml_reader import read_file

KEYS = ("members", "models", "team")


def with_team_files(root: Path, environment: str, tree: Mapping) -> tuple[Mapping, tuple[Problem, ...]]:
    """`tree` with what its teams' files add, and warnings about them. Raises InputError with every problem."""
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for file in sorted((root / FOLDER / environment / "teams").glob("*.yaml")):
        document = read_file(root, file.relative_to(root).as_posix())
        warnings += document.warnings
        found = list(_misplaced(document.root, file.stem, tree))
        problems += found
        if not found:
            tree, clashes = _joined(tree, file.stem, document.root)
            problems += clashes
    if problems:
        raise InputError(problems)
    return tree, tuple(warnings)


def _misplaced(file: Mapping, name: str, tree: Mapping) -> list[Problem]:
    """What a team's file may not say."""
    problems = [
        Problem(file.key_positions[key], key, "is not for a team's file", KEYS, did_you_mean(key, KEYS))
        for key in file.items
        if key not in KEYS
    ]
    team = file.items.get("team")
    if team is None or plain(team) != name:
        position = team.position if team is not None else file.position
        got = f"is {_shown(team)}" if team is not None else "is required"
        problems.append(Problem(position, "team", f"{got}, and the file is called {name}.yaml"))
    known = tuple(filter(None, (item_name(item) for item in _items(tree, "teams"))))
    if name not in known:
        message = f"there is no team {name!r}: the platform team's file says which there are"
        problems.append(Problem(file.position, "", message, known, did_you_mean(name, known)))
    for key in ("members", "models"):
        node = file.items.get(key)
        if node is not None and not isinstance(node, Sequence):
            problems.append(Problem(node.position, key, "expected a list"))
    for index, model in enumerate(_items(file, "models")):
        other = model.items.get("team") if isinstance(model, Mapping) else None
        if other is not None and plain(other) != name:
            path = format_path(("models", index, "team"))
            problems.append(Problem(other.position, path, f"is {_shown(other)}: a team's file speaks for {name} alone"))
    return problems


def _joined(tree: Mapping, name: str, file: Mapping) -> tuple[Mapping, list[Problem]]:
    """`tree` with the file's models and members, and names that are taken already."""
    taken = {item_name(item): item.position for item in _items(tree, "models")}
    problems: list[Problem] = []
    models: list[Node] = []
    for index, model in enumerate(_items(file, "models")):
        if item_name(model) in taken and item_name(model) is not None:
            message = f"the name {item_name(model)!r} is taken, at {taken[item_name(model)]}"
            problems.append(Problem(model.position, format_path(("models", index)), message))
        models.append(_with_team(model, name, file))
    tree = _extended(tree, "models", models, file)
    teams = [
        _extended(team, "members", list(_items(file, "members")), file)
        if isinstance(team, Mapping) and item_name(team) == name
        else team
        for team in _items(tree, "teams")
    ]
    return _with(tree, "teams", Sequence(tuple(teams), tree.items["teams"].position)), problems


def _with_team(model: Node, name: str, file: Mapping) -> Node:
    if not isinstance(model, Mapping) or "team" in model.items:
        return model
    return _with(model, "team", Scalar(name, name, file.items["team"].position))


def _extended(tree: Mapping, key: str, more: list[Node], file: Mapping) -> Mapping:
    """`tree` with `more` at the end of its list `key`."""
    if not more:
        return tree
    position = tree.items[key].position if key in tree.items else file.items[key].position
    return _with(tree, key, Sequence((*_items(tree, key), *more), position))


def _with(tree: Mapping, key: str, node: Node) -> Mapping:
    positions = {**tree.key_positions, key: tree.key_positions.get(key, node.position)}
    return Mapping({**tree.items, key: node}, positions, tree.position, tree.overrides)


def _shown(node: Node) -> str:
    """A value as messages show it."""
    value = plain(node)
    return repr(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _items(tree: Mapping, key: str) -> tuple[Node, ...]:
    node = tree.items.get(key)
    return node.items if isinstance(node, Sequence) else ()
