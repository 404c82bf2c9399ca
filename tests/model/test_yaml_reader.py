"""The front door: what is read, where it stands, and what is warned about."""

from __future__ import annotations

import codecs
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bedplate.model.source import InputError, Position
from bedplate.model.tree import Json, Mapping, Node, Scalar, Sequence, at, plain
from bedplate.model.yaml_builder import MAX_DEPTH, MAX_KEY, MAX_NODES, MAX_NOTES
from bedplate.model.yaml_reader import read_document, read_file
from bedplate.model.yaml_scalars import LARGEST_INTEGER
from bedplate.model.yaml_text import MAX_BYTES
from tests.model.trees import tree

# What a file may hold without an escape: no control characters, no line ends but \n, nothing that reorders text.
TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\ufeff\ufffe\uffff").filter(
        lambda c: not ("\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069")
    ),
    max_size=20,
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-LARGEST_INTEGER, max_value=LARGEST_INTEGER),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXT,
)
KEYS = TEXT.filter(bool)
JSON: st.SearchStrategy[Json] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
DOCUMENTS = st.dictionaries(KEYS, JSON, max_size=5)


def read(data: str | bytes) -> Mapping:
    return read_document(data.encode() if isinstance(data, str) else data, "dev.yaml").root


def problems(data: str | bytes) -> list[str]:
    with pytest.raises(InputError) as refused:
        read(data)
    return [problem.render() for problem in refused.value.problems]


def scalars(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
        return
    for item in node.items if isinstance(node, Sequence) else node.items.values():
        yield from scalars(item)


@given(DOCUMENTS)
def test_what_was_written_as_json_is_read_as_it_was(document: dict[str, Json]) -> None:
    assert plain(read(json.dumps(document, ensure_ascii=False))) == document


@given(DOCUMENTS)
def test_what_ruamel_writes_in_block_style_is_read_as_it_was(document: dict[str, Json]) -> None:
    stream = io.StringIO()
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.allow_unicode = False
    writer.width = 10**6  # it folds long text in a way that it does not itself read back
    writer.dump(document, stream)
    assert plain(read(stream.getvalue())) == document


@given(DOCUMENTS, st.sampled_from([None, 1, 4]))
def test_every_position_points_at_the_value_and_the_key(document: dict[str, Json], indent: int | None) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=indent)
    lines = text.split("\n")
    root = read(text)
    for scalar in scalars(root):
        written, _ = json.JSONDecoder().raw_decode(lines[scalar.position.line - 1], scalar.position.column - 1)
        assert written == scalar.value
    for key, place in root.key_positions.items():
        written, _ = json.JSONDecoder().raw_decode(lines[place.line - 1], place.column - 1)
        assert written == key


def test_positions_count_characters_and_not_bytes() -> None:
    root = read('{"größe": "日本 😀", "next": 1}')
    assert root.key_positions["next"] == Position("dev.yaml", 1, 19)


def test_a_mapping_and_a_list_stand_where_their_first_entry_stands() -> None:
    root = tree("# comment\n\npools:\n  - name: l4\nsize: {min: 1}\n")
    assert root.position == Position("dev.yaml", 3, 1)
    assert [at(root, path).position for path in (("pools",), ("pools", 0), ("size",))] == [  # type: ignore[union-attr]
        Position("dev.yaml", 4, 3),
        Position("dev.yaml", 4, 5),
        Position("dev.yaml", 5, 7),
    ]


def test_the_text_of_a_value_is_kept_as_it_was_written() -> None:
    root = tree("version: 1.10\nquoted: '1.10'\nhex: 0x10\n")
    assert [(node.text, node.value) for node in scalars(root)] == [("1.10", 1.1), ("1.10", "1.10"), ("0x10", 16)]


def test_all_styles_of_text_are_read() -> None:
    root = tree(
        """
        plain: two words
        single: 'it''s'
        double: "tab\\t, line\\n"
        literal: |
          one
          two
        folded: >-
          one
          two
        """
    )
    assert plain(root) == {
        "plain": "two words",
        "single": "it's",
        "double": "tab\t, line\n",
        "literal": "one\ntwo\n",
        "folded": "one two",
    }


@pytest.mark.parametrize(
    "data",
    [
        b"name: dev\n",
        codecs.BOM_UTF8 + b"name: dev\n",
        b"name: dev\r\n",
        b"%YAML 1.2\n---\nname: dev\n",
        b"# head\n\n%YAML 1.2 # why\n---\nname: dev\n",
        b"---\nname: dev\n...\n",
        b"---\nname: dev\n... # end\n\n  # more\n...\n",
        b"name: dev\n# 'caf\xc3\xa9' \xf0\x9f\x98\x80\n",
        b'{"name": "dev"}',
        b"? name\n: dev\n",
    ],
)
def test_every_spelling_of_one_document_is_accepted(data: bytes) -> None:
    assert plain(read(data)) == {"name": "dev"}


def test_an_alias_repeats_its_value_at_the_place_where_that_was_written() -> None:
    root = tree("small: &small {min: 1}\npool: {size: *small}\n")
    assert plain(root) == {"small": {"min": 1}, "pool": {"size": {"min": 1}}}
    repeated = at(root, ("pool", "size", "min"))
    assert repeated is not None
    assert repeated.position == Position("dev.yaml", 1, 21)


def test_a_merge_sign_in_quotes_is_an_ordinary_key() -> None:
    assert plain(read('"<<": x')) == {"<<": "x"}


def test_the_yaml_1_1_trap_values_are_read_as_text_and_warned_about_with_their_place() -> None:
    document = read_document(b"a:\n  on: [yes, 'no', 1:30, 010]\n", "dev.yaml")
    assert plain(document.root) == {"a": {"on": ["yes", "no", "1:30", 10]}}
    assert [warning.render() for warning in document.warnings] == [
        "dev.yaml:2:3: a: on without quotes is text here, and true or false to readers of YAML 1.1\n"
        '  hint: if it is text, quote it: "on"',
        "dev.yaml:2:8: a.on[0]: yes without quotes is text here, and true or false to readers of YAML 1.1\n"
        '  hint: if it is text, quote it: "yes"',
        "dev.yaml:2:19: a.on[2]: 1:30 without quotes is text here, and a number in base 60 to readers of YAML 1.1\n"
        '  hint: if it is text, quote it: "1:30"',
        "dev.yaml:2:25: a.on[3]: 010 without quotes is a number here, and an octal number to readers of YAML 1.1\n"
        '  hint: if it is text, quote it: "010"',
    ]


def test_warnings_and_problems_beyond_a_hundred_are_counted() -> None:
    many = ", ".join(["yes"] * (MAX_NOTES + 1_234))
    warnings = read_document(f"a: [{many}]".encode(), "dev.yaml").warnings
    assert len(warnings) == MAX_NOTES + 1
    assert warnings[-1].render() == "dev.yaml:1:500: and 1,234 more after this line"
    assert problems("1: x\n" * (MAX_NOTES + 1))[-1] == "dev.yaml:100:1: and 1 more after this line"


def test_a_document_may_be_nested_to_the_limit_and_no_deeper() -> None:
    lists = MAX_DEPTH - 1
    assert read("a: " + "[" * lists + "]" * lists).items
    assert "nested deeper than 64 levels" in problems("a: " + "[" * MAX_DEPTH + "]" * MAX_DEPTH)[0]


def test_a_document_may_hold_values_to_the_limit_and_no_more() -> None:
    values = MAX_NODES - 3  # beside the root, the key and the list
    assert read("a: [" + "1," * values + "]").items
    assert "more than 100,000 keys and values" in problems("a: [" + "1," * (values + 1) + "]")[0]


def test_a_repeated_value_counts_as_often_as_it_is_repeated() -> None:
    thousand = "a: &a [" + "1," * 999 + "]\nb: ["
    assert read(thousand + "*a," * 98 + "]").items
    assert "counted with aliases expanded" in problems(thousand + "*a," * 99 + "]")[0]


def test_a_key_may_have_a_thousand_and_twenty_four_characters() -> None:
    assert read("? " + "k" * MAX_KEY + "\n: 1").items
    assert problems("? " + "k" * (MAX_KEY + 1) + "\n: 1") == [
        "dev.yaml:1:3: a key has 1 to 1,024 characters, got 1,025",
    ]


def test_a_file_may_have_four_mebibytes_and_no_more() -> None:
    head = b"a: 1\n#"
    assert read(head + b"x" * (MAX_BYTES - len(head))).items
    assert problems(head + b"x" * (MAX_BYTES - len(head) + 1)) == [
        "dev.yaml:1:1: the file has 4,194,305 bytes; at most 4,194,304 are read"
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a: \xff", "dev.yaml:1:4: byte 0xff is not valid UTF-8\n  hint: save the file as UTF-8"),
        ("ä: 1\nb: ".encode() + b"\xc3", "dev.yaml:2:4: byte 0xc3 is not valid UTF-8\n  hint: save the file as UTF-8"),
        ("a: b".encode("utf-16"), "dev.yaml:1:1: byte 0xff is not valid UTF-8\n  hint: save the file as UTF-8"),
        (b"a: b\0", "dev.yaml:1:5: found the character NUL\n  hint: no value may hold it"),
        (
            b"a: \x1b[31m",
            'dev.yaml:1:4: found the invisible character U+001B\n  hint: write it as "\\u001B" in double quotes',
        ),
        (
            "a: b\ufeff".encode(),
            'dev.yaml:1:5: found the invisible character U+FEFF\n  hint: write it as "\\uFEFF" in double quotes',
        ),
    ],
)
def test_bytes_that_are_no_text_are_refused_with_their_place(data: bytes, message: str) -> None:
    assert problems(data) == [message]


def test_a_long_anchor_is_not_printed_whole() -> None:
    assert problems("a: *" + "x" * 10_000) == [
        f"dev.yaml:1:4: *{'x' * 39}… repeats nothing: there is no anchor &{'x' * 39}… above"
    ]


def test_mistakes_before_one_that_ends_the_reading_are_said_too() -> None:
    assert [line.split(": ", 1)[0] for line in problems("1: x\n2: y\na: [")] == [
        "dev.yaml:1:1",
        "dev.yaml:2:1",
        "dev.yaml:4:1",
    ]


def test_a_file_is_named_by_its_path_below_the_root(tmp_path: Path) -> None:
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "dev.yaml").write_text("name: dev\n")
    assert read_file(tmp_path, "environments/dev.yaml").root.position == Position("environments/dev.yaml", 1, 1)


def test_a_file_above_the_limit_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    (tmp_path / "big.yaml").write_bytes(b"[" * (MAX_BYTES + 1))
    with pytest.raises(InputError, match=r"^big\.yaml has more than 4,194,304 bytes"):
        read_file(tmp_path, "big.yaml")
