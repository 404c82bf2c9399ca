"""What unquoted values mean, held against the YAML 1.2 core schema, ruamel.yaml (1.2) and PyYAML (1.1)."""

from __future__ import annotations

import io
import math
import re

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError as RuamelError

from bedplate.model.tree import ScalarValue
from bedplate.model.yaml_scalars import LARGEST_INTEGER, other_reading, resolve

CORE_SCHEMA: list[tuple[str, ScalarValue]] = [
    ("", None),
    ("~", None),
    ("null", None),
    ("Null", None),
    ("nULL", "nULL"),
    ("true", True),
    ("FALSE", False),
    ("tRUE", "tRUE"),
    ("yes", "yes"),
    ("off", "off"),
    ("0", 0),
    ("-19", -19),
    ("+12", 12),
    ("010", 10),
    ("0o14", 12),
    ("-0o14", "-0o14"),
    ("0xC", 12),
    ("0b11", "0b11"),
    ("1_000", "1_000"),
    ("0.", 0.0),
    (".5", 0.5),
    ("-.5", -0.5),
    ("1.10", 1.1),
    ("+12e03", 12000.0),
    ("-2E-3", -0.002),
    (".", "."),
    ("-", "-"),
    ("1.2.3", "1.2.3"),
    ("12:30", "12:30"),
    ("2026-11-21", "2026-11-21"),
    ("1e", "1e"),
    ("e1", "e1"),
    ("٣", "٣"),
    ("1\n", "1\n"),
    (str(LARGEST_INTEGER), LARGEST_INTEGER),
]


@pytest.mark.parametrize(("text", "value"), CORE_SCHEMA)
def test_an_unquoted_value_means_what_the_core_schema_says(text: str, value: ScalarValue) -> None:
    resolved = resolve(text)
    assert (type(resolved), resolved) == (type(value), value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (str(LARGEST_INTEGER + 1), "loses digits"),
        (str(-LARGEST_INTEGER - 1), "loses digits"),
        ("0x" + "f" * 14, "loses digits"),
        ("1" * 5000, "loses digits"),
        ("0." + "1" * 63, "more than 64 characters"),
        ("1e309", "infinite"),
        ("-1e309", "infinite"),
        (".inf", "not a finite number"),
        ("-.INF", "not a finite number"),
        (".NaN", "not a finite number"),
    ],
)
def test_a_number_that_json_cannot_carry_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        resolve(text)


NUMBER_LIKE = st.one_of(
    st.from_regex(r"\A[-+]?(0[xo]?)?[0-9a-f]{0,6}\Z"),
    st.from_regex(r"\A[-+]?[0-9]{0,3}\.?[0-9]{0,3}([eE][-+]?[0-9]{1,2})?\Z"),
    st.from_regex(r"\A[0-9]{1,4}[-:][0-9]{1,2}[-:.]?[0-9]{0,2}\Z"),
    st.sampled_from(
        ["true", "True", "TRUE", "yes", "No", "ON", "off", "y", "N", "null", "~", ".inf", ".nan", "=", "<<"]
    ),
    st.text(alphabet="0123456789+-.eExobfnulrtyYsS:~_=<", max_size=7),
)

# Where ruamel.yaml, asked for YAML 1.2, still reads YAML 1.1 (its resolver.py): underscores in numbers, 0b, a sign
# before 0x and 0o, dates, "=" and "<<"; and it does not read an exponent without a sign after a bare fraction.
RUAMEL_READS_1_1 = re.compile(r".*_.*|[-+]?0b.*|[-+]0[xo].*|[0-9]{4}-.*|=|<<|[-+]?\.[0-9]+[eE][0-9]+")


def ruamel_value(text: str) -> object:
    return YAML(typ="safe", pure=True).load(io.StringIO(f"[{text}]"))[0]


@given(NUMBER_LIKE)
def test_the_resolver_agrees_with_ruamel_on_yaml_1_2(text: str) -> None:
    assume(text and not RUAMEL_READS_1_1.fullmatch(text))
    try:
        theirs = ruamel_value(text)
    except RuamelError:
        theirs = None
        assume(False)  # not a plain scalar at all
    assume(not isinstance(theirs, dict | list))
    try:
        ours = resolve(text)
    except ValueError:
        assert isinstance(theirs, int | float)
        assert not math.isfinite(theirs) or abs(theirs) > LARGEST_INTEGER
        return
    assert (type(ours), ours) == (type(theirs), theirs)


@given(NUMBER_LIKE)
def test_a_value_that_pyyaml_reads_differently_carries_a_warning(text: str) -> None:
    try:
        theirs = yaml.safe_load(f"[{text}]")
        assume(isinstance(theirs, list) and len(theirs) == 1 and not isinstance(theirs[0], dict | list))
        ours = resolve(text)
    except ValueError:
        return  # a date that does not exist, or a number that we refuse outright
    except yaml.YAMLError:
        return
    if (type(ours), ours) != (type(theirs[0]), theirs[0]):
        assert other_reading(text, ours)


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("yes", "true or false"),
        ("No", "true or false"),
        ("on", "true or false"),
        ("OFF", "true or false"),
        ("y", "true or false"),
        ("N", "true or false"),
        ("010", "an octal number"),
        ("0o10", "text"),
        ("0b11", "a binary number"),
        ("1_000", "a number"),
        ("1:30", "a number in base 60"),
        ("1:30.5", "a number in base 60"),
        ("2026-11-21", "a date"),
        ("2026-11-21 10:00:00", "a date"),
        ("2026-11-21T10:00:00Z", "a date"),
        ("1e3", "text"),
        ("-.5", "text"),
        ("=", "a default value"),
        ("<<", "a merge key"),
    ],
)
def test_the_warning_names_what_a_yaml_1_1_reader_sees(text: str, there: str) -> None:
    assert other_reading(text, resolve(text)) == there


@pytest.mark.parametrize(
    "text",
    [
        "",
        "dev",
        "true",
        "null",
        "~",
        "1",
        "-1",
        "1.10",
        "0x1F",
        "08:30",
        "1.2.3",
        "node",
        "g6.2xlarge",
        "1:" * 2000 + "1",
    ],
)
def test_a_value_that_both_versions_read_alike_or_nobody_takes_for_a_number_is_not_warned_about(text: str) -> None:
    assert other_reading(text, resolve(text)) == ""
