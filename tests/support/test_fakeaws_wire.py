"""Property values on their way between engine and fake provider."""

from tests.support.fakeaws.wire import (
    SECRET_SIGNATURE,
    SIGNATURE_KEY,
    UNKNOWN,
    UNKNOWN_MARKS,
    Properties,
    Secret,
    decode,
    encode,
    has_secret,
    masked,
    plain,
)

NESTED: Properties = {"a": [{"b": Secret({"c": "hidden"})}], "d": "seen", "n": None, "t": True, "x": 1.5}


def test_values_survive_the_way_to_the_engine_and_back() -> None:
    properties: Properties = {**NESTED, "u": UNKNOWN}
    assert decode(encode(properties)) == properties


def test_whole_numbers_come_back_as_integers_and_keys_in_order() -> None:
    decoded = decode(encode({"b": 2.0, "a": 1}))
    assert list(decoded.items()) == [("a", 1), ("b", 2)]
    assert all(isinstance(value, int) for value in decoded.values())


def test_a_secret_has_the_signature_that_the_engine_looks_for() -> None:
    wire = encode({"password": Secret("hidden")})["password"]
    assert dict(wire) == {SIGNATURE_KEY: SECRET_SIGNATURE, "value": "hidden"}


def test_every_kind_of_unknown_mark_is_understood() -> None:
    decoded = decode(encode({mark: mark for mark in UNKNOWN_MARKS}))
    assert set(decoded.values()) == {UNKNOWN}


def test_plain_takes_secret_marks_away_at_every_depth() -> None:
    assert plain(NESTED) == {"a": [{"b": {"c": "hidden"}}], "d": "seen", "n": None, "t": True, "x": 1.5}


def test_masked_shows_no_secret_at_any_depth() -> None:
    assert masked(NESTED) == {"a": [{"b": "[secret]"}], "d": "seen", "n": None, "t": True, "x": 1.5}


def test_a_secret_is_found_at_every_depth_and_not_shown_by_repr() -> None:
    assert has_secret(NESTED)
    assert not has_secret(plain(NESTED))
    assert "hidden" not in repr(NESTED)
