from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bedplate.output.markup import code, fenced, table

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

NASTY = [
    "</code><script>alert(1)</script>",
    "@everyone see #12 and GH-1",
    "[link](https://evil.example)",
    "![x](y)",
    "`tick` ``` fence",
    "a | b \\| c \\\\| d",
    "**bold** _it_ ~~gone~~",
    "https://evil.example www.evil.example WWW.evil.example",
    "&lt;b&gt; &#60;",
    "<!-- comment -->",
    "line\nbreak\r\n\n# heading",
    "\u202ereversed",
    "trailing\\",
    "1. list",
    "$x^2$ :smile:",
]
texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=40), st.text("<>&|`\\\n[]()*_#@!~-+=. w/:", max_size=20))


def kinds(markdown: str) -> list[str]:
    """Types of all inline tokens."""
    return [child.type for token in READER.parse(markdown) for child in token.children or ()]


@given(text=texts)
def test_code_in_a_paragraph_is_one_element_with_the_text_and_nothing_else(text: str) -> None:
    assert set(kinds(f"before {code(text)} after")) <= {"text", "html_inline", "text_special"}
    assert READER.render(f"x {code(text)} y").count("<code>") == 1


@given(text=texts)
def test_code_holds_nothing_that_github_would_link_or_mention(text: str) -> None:
    inside = code(text).removeprefix("<code>").removesuffix("</code>")
    assert not re.search(r"[@<>\[\]`|\\:*_~!\n\r]", inside)
    assert not re.search(r"#(?!\d+;)", inside)
    assert "www." not in inside.lower()


@given(cells=st.lists(texts, min_size=3, max_size=3))
def test_a_table_keeps_its_shape_whatever_its_cells_hold(cells: list[str]) -> None:
    tokens = READER.parse(table(("a", "b", "c"), [[code(cell) for cell in cells]]))
    assert [token.type for token in tokens].count("td_open") == 3
    assert tokens[-1].type == "table_close"


@given(lines=st.lists(texts, max_size=5))
def test_nothing_inside_closes_a_fence(lines: list[str]) -> None:
    tokens = READER.parse(f"{fenced(lines)}\nafter\n")
    assert [token.type for token in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]
    assert len(tokens[0].content.splitlines()) == len(lines)


@pytest.mark.parametrize("name", ["chat", "research/chat", "1a2b3c4 (main)", "USD 1,234.50", "10 % → 20 %"])
def test_ordinary_names_stay_readable(name: str) -> None:
    assert code(name) == f"<code>{name}</code>"


def test_numbers_in_a_table_are_flush_right() -> None:
    assert table(("a", "n"), [("x", "1")], numbers=(1,)) == "| a | n |\n| --- | ---: |\n| x | 1 |\n"
