"""What pydantic's error types mean, in the words of people who write environment files.

`complaint` turns one error into a message with hint and allowed values. An error type that is not listed keeps
pydantic's own sentence, so a new constraint is never silent.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bedplate.model.follow import Trace, aliases, alternatives, models
from bedplate.model.source import did_you_mean
from bedplate.model.spec import Refusal, Spec
from bedplate.model.tree import Node, Path, Scalar, Sequence
from bedplate.model.yaml_scalars import resolve

_LONGEST_SHOWN = 60
_MOST_ALLOWED = 15

Context: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Complaint:
    """What to say about one error. `below` leads from the error's place to the value at fault, mostly ()."""

    message: str
    hint: str = ""
    allowed: tuple[str, ...] = ()
    below: Path = ()


EXPECTED: dict[str, str] = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "bool_type": "true or false",
    "string_type": "text",
    "tuple_type": "a list",
    "list_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "date_type": "a date such as 2026-12-31, in quotes",
    "date_parsing": "a date such as 2026-12-31, in quotes",
    "date_from_datetime_parsing": "a date such as 2026-12-31, in quotes",
    "none_required": "nothing",
    "url_type": "a URL",
    "url_parsing": "a URL",
}
"""Errors that say no more than "the value has another type", with the type that was wanted."""

_BOUNDS: dict[str, Callable[[Context], str]] = {
    "greater_than": lambda ctx: f"must be more than {ctx['gt']}",
    "greater_than_equal": lambda ctx: f"must be {ctx['ge']} or more",
    "less_than": lambda ctx: f"must be less than {ctx['lt']}",
    "less_than_equal": lambda ctx: f"must be {ctx['le']} or less",
    "multiple_of": lambda ctx: f"must be a multiple of {ctx['multiple_of']}",
    "decimal_max_digits": lambda ctx: f"must have at most {ctx['max_digits']} digits",
    "decimal_max_places": lambda ctx: f"must have at most {ctx['decimal_places']} digits after the point",
    "decimal_whole_digits": lambda ctx: f"must have at most {ctx['whole_digits']} digits before the point",
}
_LENGTHS = {"string_too_short", "string_too_long", "too_short", "too_long"}


def complaint(error: ErrorDetails, trace: Trace, node: Node | None) -> Complaint:
    """What to say about `error`, which happened at `trace`; `node` is what was written there, None if nothing was."""
    kind, context = error["type"], error.get("ctx", {})
    if kind in EXPECTED:
        keys = _keys(trace) if EXPECTED[kind] == "a mapping" else ()
        found = wrong_type((EXPECTED[kind],), node)
        return replace(found, hint=f"its keys: {', '.join(keys)}") if keys else found
    if kind in _BOUNDS:
        return Complaint(f"{_BOUNDS[kind](context)}, got {_got(node)}")
    if kind in _LENGTHS:
        return _length(context, node)
    special = _SPECIAL.get(kind)
    return special(context, trace, node) if special else Complaint(f"{error['msg']}, got {_got(node)}")


def _keys(trace: Trace) -> tuple[str, ...]:
    """The keys of the one kind of mapping that is wanted, where they are few enough to be read in a message."""
    wanted = models(trace.annotation)
    return _shortlist(tuple(aliases(wanted[0]))) if len(wanted) == 1 else ()


def wrong_type(expected: tuple[str, ...], node: Node | None) -> Complaint:
    """The value has another type than any of `expected`."""
    message = f"expected {' or '.join(dict.fromkeys(expected))}, got {_got(node)}"
    if not isinstance(node, Scalar):
        return Complaint(message)
    return Complaint(message, _retype(expected, node))


def _retype(expected: tuple[str, ...], node: Scalar) -> str:
    """How to write what was probably meant."""
    value = node.value
    if "text" in expected and value is not None and not isinstance(value, str):
        return f'quote it: "{node.text}"'
    if not isinstance(value, str):
        return ""
    if "true or false" in expected and value.lower() in ("yes", "on", "y", "no", "off", "n", "true", "false"):
        return f"write {'true' if value.lower() in ('yes', 'on', 'y', 'true') else 'false'}, without quotes"
    if {"a number", "a whole number"} & set(expected) and _is_number(value):
        return f"write {value} without quotes"
    return ""


def _is_number(text: str) -> bool:
    try:
        value = resolve(text)
    except ValueError:
        return False
    return isinstance(value, int | float) and not isinstance(value, bool)


def _got(node: Node | None) -> str:
    """The value as the reader of the file sees it, or as YAML reads it where the two differ."""
    if node is None:
        return "nothing"
    if not isinstance(node, Scalar):
        return "a list" if isinstance(node, Sequence) else "a mapping"
    value = node.value
    if value is None:
        return "nothing (null)"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool):
        return node.text
    shown = repr(value)
    return node.text if shown == node.text else f"{node.text}, which YAML reads as the number {shown}"


def quoted(text: str) -> str:
    """The text in single quotes on one line, shortened when long."""
    line = text.encode("unicode_escape").decode("ascii") if not text.isprintable() else text
    return f"'{line}'" if len(line) <= _LONGEST_SHOWN else f"'{line[: _LONGEST_SHOWN - 1]}…'"


def _length(context: Context, node: Node | None) -> Complaint:
    count, unit = 0, "items"
    if isinstance(node, Scalar):
        count, unit = len(str(node.value)), "characters"
    elif node is not None:
        count = len(node.items)
    if "max_length" in context:
        return Complaint(f"has {count} {unit}; at most {context['max_length']} are allowed")
    if count == 0:
        return Complaint("must not be empty")
    return Complaint(f"has {count} {unit}; at least {context['min_length']} are needed")


def _missing(_context: Context, trace: Trace, _node: Node | None) -> Complaint:
    allowed = _shortlist(allowed_values(trace.annotation))
    return Complaint("is required", _explain(trace.field), allowed)


def _unknown_key(_context: Context, trace: Trace, _node: Node | None) -> Complaint:
    key = str(trace.path[-1]) if trace.path else ""
    known = tuple(sorted(aliases(trace.owner))) if trace.owner else ()
    if trace.owner and issubclass(trace.owner, Spec) and key in trace.owner.elsewhere:
        reason, hint = trace.owner.elsewhere[key]
        return Complaint(f"unknown key {quoted(key)}: {reason}", hint)
    return Complaint(f"unknown key {quoted(key)}{_guess(key, known)}", allowed=_shortlist(known))


def _not_allowed(context: Context, trace: Trace, node: Node | None) -> Complaint:
    known = allowed_values(trace.annotation)
    numbers = bool(known) and all(value.isdigit() for value in known)
    # A number is not mistyped like a word: 731 is no guess for 31. The whole list helps instead.
    word = str(node.value) if isinstance(node, Scalar) and not numbers else ""
    got = _got(node)
    if trace.in_key:
        word = str(trace.path[-1])
        got = quoted(word)
    hint = "" if known else f"expected {context.get('expected', 'another value')}"
    allowed = known if numbers else _shortlist(known)
    return Complaint(f"{got} is not one of the allowed values{_guess(word, known)}", hint, allowed)


def _form(context: Context, trace: Trace, node: Node | None) -> Complaint:
    examples = trace.field.examples if trace.field else None
    hint = f"for example {examples[0]}" if examples and isinstance(examples[0], str) else ""
    got = quoted(str(trace.path[-1])) if trace.in_key else _got(node)
    return Complaint(f"{got} does not have the form {context['pattern']}", hint)


def _refused(context: Context, _trace: Trace, _node: Node | None) -> Complaint:
    reason = context["error"]
    if isinstance(reason, Refusal):
        return Complaint(reason.message, reason.hint, reason.allowed, reason.path)
    return Complaint(str(reason))


def _tag_missing(context: Context, trace: Trace, _node: Node | None) -> Complaint:
    key = str(context["discriminator"]).strip("'")
    return Complaint("is required: it decides which other keys there are", "", _tags(trace, key), (key,))


def _tag_unknown(context: Context, trace: Trace, _node: Node | None) -> Complaint:
    key, tag = str(context["discriminator"]).strip("'"), str(context["tag"])
    known = _tags(trace, key)
    return Complaint(f"{quoted(tag)} is not one of the allowed values{_guess(tag, known)}", "", known, (key,))


_SPECIAL: dict[str, Callable[[Context, Trace, Node | None], Complaint]] = {
    "missing": _missing,
    "extra_forbidden": _unknown_key,
    "literal_error": _not_allowed,
    "enum": _not_allowed,
    "string_pattern_mismatch": _form,
    "value_error": _refused,
    "assertion_error": _refused,
    "union_tag_not_found": _tag_missing,
    "union_tag_invalid": _tag_unknown,
}


def allowed_values(annotation: Any) -> tuple[str, ...]:
    """The values of a Literal or an Enum, as they are written in a file; () for every other type."""
    (first, *others), _ = alternatives(annotation)
    if others:
        return ()
    if get_origin(first) is Literal:
        return tuple(_written(value) for value in get_args(first))
    if isinstance(first, type) and issubclass(first, enum.Enum):
        return tuple(_written(each.value) for each in first)
    return ()


def _tags(trace: Trace, key: str) -> tuple[str, ...]:
    fields = (aliases(model).get(key) for model in models(trace.annotation))
    return tuple(value for field in fields if field for value in allowed_values(field.annotation))


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _guess(word: str, known: tuple[str, ...]) -> str:
    guess = did_you_mean(word, known)
    return f" ({guess})" if guess else ""


def _shortlist(values: tuple[str, ...]) -> tuple[str, ...]:
    """The values when they are few enough to be read in a message."""
    return values if len(values) <= _MOST_ALLOWED else ()


def _explain(field: FieldInfo | None) -> str:
    """What a field means, with a short example."""
    if field is None or not field.description:
        return ""
    example = field.examples[0] if field.examples else None
    return f"{field.description} For example: {example}" if isinstance(example, str | int) else field.description
