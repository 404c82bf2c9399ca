"""Edits of YAML text: one value comes, changes or goes; every other byte stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedplate.model.edits import Edit, edited, inverse
from bedplate.model.tree import Json, Path, parse_path, plain
from bedplate.model.yaml_reader import read_document

FILE = """\
# An environment.
name: dev  # as the file
baseline: "2026.08"

ownership: {owner: team, contact: a@example.org}
nodePools:
  - name: system
    role: system
    ami:
      family: al2023

  # GPUs
  - {name: l4, role: inference, ami: {family: al2023}}   # one GPU
  - name: text
    note: |
      two
      lines

cost:
  monthlyBudget: "15.00"
"""


def change(path: str, before: Json, after: Json) -> Edit:
    return Edit("f.yaml", parse_path(path), before, after)


def order(path: Path) -> tuple[str, ...]:
    tops = ("name", "baseline", "baselineOverrides", "ownership")
    return tops if not path else ("name", "role", "kubernetes", "ami") if len(path) == 2 else ()


def lines_changed(before: str, after: str) -> list[str]:
    old, new = before.splitlines(), after.splitlines()
    return [f"-{line}" for line in old if line not in new] + [f"+{line}" for line in new if line not in old]


CASES = {
    "a value in quotes keeps them": (
        change("baseline", "2026.08", "2026.11"),
        ['-baseline: "2026.08"', '+baseline: "2026.11"'],
    ),
    "a new key of a block stands after the one that comes before it": (
        change("nodePools[system].kubernetes", None, "1.34"),
        ['+    kubernetes: "1.34"'],
    ),
    "a new key of a flow mapping stands in it": (
        change("nodePools[l4].ami.release", None, "1.34.9-20260714"),
        [
            "-  - {name: l4, role: inference, ami: {family: al2023}}   # one GPU",
            "+  - {name: l4, role: inference, ami: {family: al2023, release: 1.34.9-20260714}}   # one GPU",
        ],
    ),
    "mappings around a new value come with it": (
        change("nodePools[text].ami.release", None, "1.34.9-20260714"),
        ["+    ami: {release: 1.34.9-20260714}"],
    ),
    "a new list stands below its key": (
        change("baselineOverrides", None, [{"part": "kubernetes", "value": "1.35", "reason": "upgrade to 2026.11"}]),
        ["+baselineOverrides:", '+  - {part: kubernetes, value: "1.35", reason: upgrade to 2026.11}'],
    ),
    "an item is appended below the last line of the one before": (
        change("nodePools[new]", None, {"name": "new", "size": 2}),
        ["+  - {name: new, size: 2}"],
    ),
    "an item goes with its lines": (
        change("nodePools[text]", {"name": "text", "note": "two\nlines\n"}, None),
        ["-  - name: text", "-    note: |", "-      two", "-      lines"],
    ),
    "what held nothing else goes along": (
        change("nodePools[system].ami.family", "al2023", None),
        ["-    ami:", "-      family: al2023"],
    ),
}


@pytest.mark.parametrize(("edit", "expected"), CASES.values(), ids=list(CASES))
def test_an_edit_changes_these_lines_and_no_others(edit: Edit, expected: list[str]) -> None:
    after = edited(FILE, [edit], order)
    assert lines_changed(FILE, after) == expected
    read_document(after.encode(), "f.yaml")


@pytest.mark.parametrize("edit", [edit for edit, _ in CASES.values() if edit.before is None or edit.after is not None])
def test_taking_back_what_came_or_changed_gives_the_same_bytes(edit: Edit) -> None:
    assert edited(edited(FILE, [edit], order), inverse([edit]), order) == FILE


def test_the_first_key_of_an_item_may_go_and_the_next_takes_its_place() -> None:
    text = "pools:\n  - kubernetes: '1.34'\n    name: a\n"
    gone = edited(text, [Edit("f", ("pools", "a", "kubernetes"), "1.34", None)])
    assert gone == "pools:\n  - name: a\n"


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [">-", "|-", ">", "|"])
def test_a_value_that_stands_below_its_key_is_replaced_and_the_next_key_keeps_its_line(
    mark: str, line_end: str
) -> None:
    text = f"name: dev\nbaseline: {mark}\n  2026.08\n\nother: 1\n".replace("\n", line_end)
    old = plain(read_document(text.encode(), "f.yaml").root)
    assert isinstance(old, dict)
    after = edited(text, [change("baseline", old["baseline"], "2026.11")], order)
    assert after == 'name: dev\nbaseline: "2026.11"\n\nother: 1\n'.replace("\n", line_end)


def test_single_quotes_stay_single() -> None:
    assert edited("a: '1.34'\n", [Edit("f", ("a",), "1.34", "1.35")]) == "a: '1.35'\n"


def test_a_file_without_a_last_newline_and_one_with_windows_line_ends_keep_theirs() -> None:
    edit = Edit("f", ("b",), None, "x")
    assert edited("a: 1", [edit]) == "a: 1\nb: x"
    assert edited("a: 1\r\n", [edit]) == "a: 1\r\nb: x\r\n"


def test_items_of_a_list_come_and_go_by_index() -> None:
    block, flow = "a:\n- x\n- y\n", "a: [x, y]\n"
    assert edited(block, [Edit("f", ("a", 2), None, "z")]) == "a:\n- x\n- y\n- z\n"
    assert edited(flow, [Edit("f", ("a", 2), None, "z")]) == "a: [x, y, z]\n"
    assert edited(block, [Edit("f", ("a", 0), "x", None)]) == "a:\n- y\n"
    assert edited(flow, [Edit("f", ("a", 0), "x", None)]) == "a: [y]\n"
    assert edited(flow, [Edit("f", ("a", 1), "y", None)]) == "a: [x]\n"


def test_text_that_readers_take_for_something_else_is_quoted() -> None:
    for value in ("1.35", "yes", "1:30", "a: b", "", " x", "2026-11-21", "#x", "{", "a\nb", "ключ: 1"):
        text = edited("a: 1\n", [Edit("f", ("b",), None, {"c": value})])
        document = read_document(text.encode(), "f")
        assert plain(document.root) == {"a": 1, "b": {"c": value}}
        assert document.warnings == ()


def test_a_value_that_is_not_as_found_is_refused() -> None:
    with pytest.raises(ValueError, match=r"baseline is '2026.08', not '2026.02'"):
        edited(FILE, [change("baseline", "2026.02", "2026.11")])


def test_paths_name_pools_in_brackets_as_people_do() -> None:
    assert Edit("f", ("nodePools", "l4", "ami", "release"), None, "x").where == "nodePools[l4].ami.release"
    assert Edit("f", ("baselineOverrides", 1, "value"), None, "x").where == "baselineOverrides[1].value"


def test_what_stands_behind_an_alias_is_left_to_people() -> None:
    text = "a: &x {b: 1}\nc: *x\n"
    with pytest.raises(ValueError, match="c is an alias"):
        edited(text, [Edit("f", ("c", "b"), 1, 2)])


NAMES = st.sampled_from(["alpha", "beta", "gamma", "delta"])
VALUES = st.sampled_from(["x", "1.35", "yes", "1.34.9-20260714"])


@given(keys=st.lists(NAMES, min_size=1, unique=True), flow=st.booleans(), key=NAMES, value=VALUES, at=st.integers(0, 3))
def test_whatever_comes_reads_back_and_goes_without_a_trace(
    keys: list[str], flow: bool, key: str, value: str, at: int
) -> None:
    inner = {name: "v" for name in keys if name != key} or {"other": "v"}
    body = ", ".join(f"{name}: v" for name in inner)
    block = "".join(f"\n    {name}: v  # why" for name in inner)
    text = f"# top\na:\n  b: {{{body}}}\nz: 1\n" if flow else f"# top\na:\n  b:{block}\n\nz: 1\n"
    edit = Edit("f", ("a", "b", key), None, value)
    after = edited(text, [edit], lambda path: ("alpha", "beta", "gamma", "delta")[at:])
    assert plain(read_document(after.encode(), "f").root) == {"a": {"b": {**inner, key: value}}, "z": 1}
    assert edited(after, inverse([edit])) == text
