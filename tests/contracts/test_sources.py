"""Rules over the source text that neither the type checker nor the linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from bedplate.engine import _sdk

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("bedplate", "components", "policies", "stacks")
BEHIND_THE_SDK = {"bedplate/engine/_sdk.py", "bedplate/engine/registration.py"}
WIRE = "pulumi.runtime.proto"
BINARY = {".png", ".gz", ".pyc"}

# In two halves, or this file would name what it forbids.
UNFINISHED = re.compile("|".join([r"\bTO" + "DO\\b", r"\bFIX" + "ME\\b", "NotImplemented" + "Error"]))
PLACES = ["/ro" + "ot/", "/wo" + "rk/", "/Us" + "ers/", str(ROOT), str(Path.home())]
MACHINE_PATHS = re.compile(rf"(?<![\w.~/-])({'|'.join(re.escape(place) for place in PLACES if len(place) > 2)})")


@cache
def sources() -> dict[str, ast.Module]:
    """Every module of the shipped packages, parsed, by its path."""
    files = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
    return {file.relative_to(ROOT).as_posix(): ast.parse(file.read_text(encoding="utf-8")) for file in files}


def dotted(node: ast.AST) -> str:
    """``pulumi.runtime.rpc`` of nested attributes; empty for anything else."""
    if isinstance(node, ast.Attribute):
        inner = dotted(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return node.id if isinstance(node, ast.Name) else ""


def names_of(tree: ast.AST) -> Iterator[str]:
    """Dotted names that a tree imports or uses."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute):
            yield dotted(node)


def made_in_apply(tree: ast.AST) -> Iterator[str]:
    """Calls of class-like names (the first letter of the last part is a capital) inside what `apply` is given."""
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "apply"):
            continue
        for argument in node.args:
            body = functions.get(dotted(argument).rpartition(".")[2], argument)
            calls = (dotted(each.func) for each in ast.walk(body) if isinstance(each, ast.Call))
            yield from (name for name in calls if name.rpartition(".")[2][:1].isupper())


def users_of(package: str) -> set[str]:
    """Modules that import or use `package` or something below it; the engine's wire messages are not counted."""
    return {
        file
        for file, tree in sources().items()
        if any(f"{name}.".startswith(f"{package}.") and not name.startswith(WIRE) for name in names_of(tree))
    }


def test_two_modules_alone_reach_behind_the_sdk() -> None:
    assert users_of("pulumi.runtime") == BEHIND_THE_SDK


def test_the_engine_layer_alone_knows_the_messages_of_the_wire() -> None:
    users = {file for file, tree in sources().items() if any(name.startswith(WIRE) for name in names_of(tree))}
    assert {file for file in users if not file.startswith("bedplate/engine/")} == set()
    assert "bedplate/engine/recorder.py" in users


def test_the_installed_sdk_takes_every_change() -> None:
    assert _sdk.unapplied() == ()


def test_nothing_is_made_inside_apply() -> None:
    assert {file: list(made_in_apply(tree)) for file, tree in sources().items() if any(made_in_apply(tree))} == {}


def test_the_search_for_resources_inside_apply_finds_them() -> None:
    lambdas = ast.parse("bucket.arn.apply(lambda arn: aws.s3.Bucket('late'))")
    functions = ast.parse("def make(arn):\n return Late(arn)\nbucket.arn.apply(make)")
    harmless = ast.parse("bucket.arn.apply(lambda arn: str(arn).upper())")
    assert list(made_in_apply(lambdas)) == ["aws.s3.Bucket"]
    assert list(made_in_apply(functions)) == ["Late"]
    assert list(made_in_apply(harmless)) == []


@cache
def tracked() -> dict[str, str]:
    """The text of every file under version control."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [ROOT / name for name in listed.split("\0") if name]
    files = [path for path in paths if path.is_file() and path.suffix not in BINARY]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8", errors="replace") for path in files}


def found(pattern: re.Pattern[str]) -> list[str]:
    """``file:line: text`` of every line that holds `pattern`."""
    return [
        f"{name}:{number}: {line.strip()}"
        for name, text in tracked().items()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def test_nothing_in_the_tree_is_left_unfinished() -> None:
    assert len(tracked()) > 100
    assert found(UNFINISHED) == []


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    assert found(MACHINE_PATHS) == []
