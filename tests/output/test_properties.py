from __future__ import annotations

import json

from bedplate.graph.properties import PropertyChange
from bedplate.graph.values import SECRET, UNKNOWN, Json
from bedplate.output.lines import Lines
from bedplate.output.properties import MOST_PROPERTIES, property_lines


def shown(*changes: tuple[str, Json, Json]) -> str:
    return Lines(property_lines([PropertyChange(*change) for change in changes], indent=0)).plain


def test_values_stand_beside_their_paths_before_and_after() -> None:
    assert shown(("spec.replicas", 1, 2), ("a", "x", "y")) == "spec.replicas  1 → 2\na              x → y\n"


def test_a_value_that_appears_or_goes_is_marked() -> None:
    assert shown(("new", None, 1), ("old", 1, None)) == "new  + 1\nold  - 1\n"


def test_secret_and_unknown_values_are_named_never_shown() -> None:
    assert shown(("a", SECRET, UNKNOWN)) == "a  (secret) → (known after apply)\n"


def test_a_document_kept_as_text_is_compared_leaf_by_leaf() -> None:
    before = json.dumps({"Statement": [{"Effect": "Allow", "Action": "s3:GetObject"}]})
    after = json.dumps({"Statement": [{"Effect": "Allow", "Action": "s3:*"}]})
    assert shown(("policy", before, after)) == "policy: Statement[0].Action  s3:GetObject → s3:*\n"


def test_a_document_that_only_looks_different_is_shown_as_text() -> None:
    assert shown(("policy", '{"a":1}', '{"a": 1}')) == 'policy  "{\\"a\\":1}" → "{\\"a\\": 1}"\n'


def test_a_text_of_several_lines_shows_the_lines_that_differ() -> None:
    text = shown(("data.script", "one\n-- two\nthree\n", "one\n-- 2\nthree\nfour\n"))
    assert text == "data.script  3 lines of 4 differ\n  - -- two\n  + -- 2\n  + four\n"


def test_texts_with_other_line_ends_say_so() -> None:
    assert shown(("data", "a\nb", "a\nb\n")) == "data  only line ends differ\n"


def test_long_values_are_cut_near_the_place_where_they_differ() -> None:
    same = "x" * 500
    text = shown(("arn", f"{same}-old", f"{same}-new"))
    assert "-old → " in text
    assert text.endswith("-new\n")
    assert len(text) < 100


def test_more_properties_than_fit_are_counted() -> None:
    text = shown(*((f"p{index:03}", 0, 1) for index in range(MOST_PROPERTIES + 5)))
    assert text.endswith("p039  0 → 1\nand 5 more properties\n")
