from __future__ import annotations

import pytest

from bedplate.graph.values import Json
from bedplate.model.source import InputError
from bedplate.model.tree import parse_path
from bedplate.output.schema_walk import Spot, spot

SCHEMA: Json = {
    "$defs": {
        "Cat": {"description": "a cat", "properties": {"kind": {"const": "cat"}, "lives": {"maximum": 9}}},
        "Dog": {"description": "a dog", "properties": {"kind": {"const": "dog"}, "tricks": {"minimum": 0}}},
    },
    "properties": {
        "pets": {
            "items": {
                "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/$defs/Cat", "dog": "#/$defs/Dog"}},
                "oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}],
            }
        },
        "guest": {"anyOf": [{"$ref": "#/$defs/Dog"}, {"type": "null"}], "description": "who visits"},
        "labels": {"patternProperties": {"^.*$": {"description": "a label"}}},
        "free": {"additionalProperties": {"description": "anything"}},
        "plain": {"type": "object"},
    },
}
VALUE: Json = {
    "pets": [{"kind": "cat", "name": "tom"}, {"kind": "dog"}],
    "guest": None,
    "labels": {"a.b/c": "x"},
    "free": {"k": 1},
    "plain": {"k": 1},
}


def at(path: str) -> Spot:
    return spot(VALUE, SCHEMA, parse_path(path))


def test_the_tag_of_a_value_chooses_its_schema() -> None:
    assert at("pets[tom]").schema["description"] == "a cat"
    assert at("pets[1].tricks").schema == {"minimum": 0}


def test_a_key_of_another_variant_is_unknown() -> None:
    with pytest.raises(InputError, match=r"there is no 'tricks' in pets\[tom\]"):
        at("pets[tom].tricks")


def test_what_may_be_absent_is_explained_by_its_type_and_the_words_beside_it_win() -> None:
    assert at("guest").schema["description"] == "who visits"
    assert at("guest.tricks").value is None
    assert at("guest.tricks").schema == {"minimum": 0}


@pytest.mark.parametrize(
    ("path", "description"), [('labels["a.b/c"]', "a label"), ("free.k", "anything"), ("plain.k", None)]
)
def test_keys_that_only_the_value_has_are_found(path: str, description: str | None) -> None:
    assert at(path).schema.get("description") == description


def test_a_path_is_written_back_as_people_write_it() -> None:
    assert at('labels["a.b/c"]').path == 'labels["a.b/c"]'
    assert at("pets[tom].lives").path == "pets[tom].lives"
    assert spot(VALUE, SCHEMA, ("pets", "tom")).path == "pets[tom]"


def test_keys_are_those_of_the_mapping_and_names_or_indices_of_the_list() -> None:
    assert at("pets").keys == ("tom", "1")
    assert at("free").keys == ("k",)
    assert at("free.k").keys == ()
