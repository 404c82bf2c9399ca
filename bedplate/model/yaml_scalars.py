"""What an unquoted YAML value means: the core schema of YAML 1.2.2 (section 10.3.2), and nothing else.

Kubernetes, Helm and many editors still read YAML 1.1, where `no` is a boolean, `010` is eight and `1:30` is ninety.
We read 1.2, and say where a reader of 1.1 would see another value, because people copy these files around.
"""

from __future__ import annotations

import math
import re

from bedplate.model.tree import ScalarValue

LARGEST_INTEGER = 2**53 - 1
"""JSON and Pulumi carry numbers as doubles, which hold every whole number up to here (RFC 8785, appendix D)."""

_LONGEST_NUMBER = 64  # characters; longer runs of digits are identifiers, and slow to convert

_WORDS: dict[str, ScalarValue] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_BASES = {"0o": 8, "0x": 16}


def resolve(text: str) -> ScalarValue:
    """The value of an unquoted scalar. Raises ValueError with the reason when it is a number that cannot be carried."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return _float(text)
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text} is not a finite number, and JSON cannot carry it")
    return text


def _integer(text: str) -> int:
    if len(text) <= _LONGEST_NUMBER:
        value = int(text[2:], _BASES[text[:2]]) if text[:2] in _BASES else int(text)
        if abs(value) <= LARGEST_INTEGER:
            return value
    raise ValueError(f"a whole number beyond 2^53 - 1 ({LARGEST_INTEGER}) loses digits in JSON and in Pulumi")


def _float(text: str) -> float:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError(f"a number of more than {_LONGEST_NUMBER} characters loses digits in JSON and in Pulumi")
    value = float(text)
    if math.isinf(value):
        raise ValueError("a number beyond 1.8e308 is infinite in JSON and in Pulumi")
    return value


# The types of YAML 1.1 (yaml.org/type), each with the name that a warning gives it. Order matters: first match wins.
_TYPES_1_1: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("true or false", re.compile(r"[yY]|yes|Yes|YES|[nN]|no|No|NO|on|On|ON|off|Off|OFF")),
    ("true or false", re.compile(r"true|True|TRUE|false|False|FALSE")),
    ("null", re.compile(r"|~|null|Null|NULL")),
    ("a binary number", re.compile(r"[-+]?0b[01_]+")),
    ("an octal number", re.compile(r"[-+]?0[0-7_]+")),
    ("a number", re.compile(r"[-+]?(?:0|[1-9][0-9_]*|0x[0-9a-fA-F_]+)")),
    ("a number in base 60", re.compile(r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+")),
    ("a number in base 60", re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*")),
    ("a number", re.compile(r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?")),
    ("a number", re.compile(r"\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?")),
    (
        "a date",
        re.compile(
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]| +)[0-9]{1,2}:[0-9]{2}:[0-9]{2}"
            r"(?:\.[0-9]*)?(?: *(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?"
        ),
    ),
    ("a merge key", re.compile(r"<<")),
    ("a default value", re.compile(r"=")),
)
_MAY_DIFFER = frozenset("+-.0123456789yYnNoO<=")
"""The characters that start every text which the two versions read differently."""


def other_reading(text: str, value: ScalarValue) -> str:
    """What a YAML 1.1 reader takes the unquoted `text` for, when that differs from `value`, else ""."""
    if not text or text[0] not in _MAY_DIFFER or len(text) > _LONGEST_NUMBER:
        return ""
    there = next((name for name, pattern in _TYPES_1_1 if pattern.fullmatch(text)), "text")
    return "" if there == type_name(value) else there


def type_name(value: ScalarValue) -> str:
    """The everyday name of a scalar's type."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    return "a number" if isinstance(value, int | float) else "text"
