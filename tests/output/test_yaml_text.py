from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bedplate.graph.values import Json
from bedplate.model.tree import plain
from bedplate.model.yaml_reader import read_document
from bedplate.output.yaml_text import to_yaml

# What one reader or another takes for a truth value, a number, a time, a date, nothing, or syntax.
TRICKY = [
    *("y", "N", "yes", "No", "on", "OFF", "true", "False", "null", "Null", "~", "", "=", "<<", "-", "?", ":"),
    *("1", "01", "0o17", "0x1F", "0b1", "1_000", "1e3", "12e03", ".5", "+.inf", ".nan", "1:20", "190:20:30", "1.10"),
    *(
        "2026-11-21",
        "2026-11-21T10:00:00Z",
        "# x",
        "a # b",
        "a: b",
        "- a",
        "*x",
        "&x",
        "!x",
        "|",
        ">",
        "%x",
        "@x",
        "`x",
    ),
    *(
        " a",
        "a ",
        "a\nb",
        "a\nb\n",
        "\na",
        " a\nb",
        "a \nb",
        "a\tb",
        "'",
        '"',
        "\\n",
        "ä",
        "\u202e",
        "\x85",
        "\ufeff",
        "{a}",
    ),
]
texts = st.sampled_from(TRICKY) | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts.filter(bool), inner, max_size=3),
    max_leaves=8,
)


@given(value=st.dictionaries(texts.filter(bool), values, max_size=4))
def test_readers_of_yaml_1_1_and_1_2_read_back_what_was_written(value: dict[str, Json]) -> None:
    text = to_yaml(value)
    assert yaml.safe_load(text) == value
    if value:
        assert plain(read_document(text.encode(), "x.yaml").root) == value


@pytest.mark.parametrize("word", [text for text in TRICKY if "\n" not in text])
def test_text_that_a_reader_could_mistake_stands_in_quotes(word: str) -> None:
    assert to_yaml({"key": word}).startswith('key: "')


@pytest.mark.parametrize("word", ["nginx", "docker.io/vllm/vllm-openai", "serving.kserve.io/v1beta1", "RollingUpdate"])
def test_ordinary_words_stand_without_quotes(word: str) -> None:
    assert to_yaml({"key": word}) == f"key: {word}\n"


def test_keys_are_sorted_and_lists_keep_their_order() -> None:
    assert to_yaml({"b": [2, 1], "a": {"d": True, "c": None}}) == "a:\n  c: null\n  d: true\nb:\n- 2\n- 1\n"


def test_a_text_of_several_lines_stands_as_a_block_without_folding() -> None:
    assert to_yaml({"script": "one\n" + "x" * 300 + "\n"}) == "script: |\n  one\n  " + "x" * 300 + "\n"


def test_characters_that_hide_or_reorder_others_are_written_as_escapes() -> None:
    assert to_yaml({"key": "a\u202eb"}) == 'key: "a\\u202Eb"\n'
    assert to_yaml({"key": "größer"}) == 'key: "größer"\n'


def test_a_value_that_occurs_twice_is_written_twice() -> None:
    shared = {"a": 1}
    assert to_yaml({"x": shared, "y": shared}).count("a: 1") == 2
