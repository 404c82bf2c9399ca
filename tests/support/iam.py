"""Decides requests as IAM does, from identity policies alone: who may do what to which object, in which context.

Statements with Action, Resource and Condition are read; a Deny wins; what nothing allows is denied. Operators and
elements that are not known here are an error, never a silent yes. Source: IAM User Guide, "Policy evaluation logic" and
"IAM JSON policy elements: Condition operators".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

Context = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True)
class Request:
    """One action on one object. `context` holds condition keys; a tuple is a key with several values."""

    action: str
    resource: str
    context: Context = field(default_factory=dict)


def allowed(documents: Iterable[str], request: Request) -> bool:
    """Whether the policies `documents` allow `request`."""
    effects = {
        statement["Effect"]
        for document in documents
        for statement in _listed(json.loads(document)["Statement"])
        if _applies(statement, request)
    }
    return "Allow" in effects and "Deny" not in effects


def trusted(document: str, principal: Mapping[str, str], request: Request) -> bool:
    """Whether a trust policy lets `principal` (``{"Federated": arn}``) make `request`, whose resource is the role."""
    for statement in _listed(json.loads(document)["Statement"]):
        ((kind, wanted),) = principal.items()
        named = wanted in _listed(statement["Principal"].get(kind, ()))
        if named and _applies({"Resource": "*", **statement}, request):
            return bool(statement["Effect"] == "Allow")
    return False


def _applies(statement: Mapping[str, Any], request: Request) -> bool:
    unread = statement.keys() - {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}
    assert not unread, f"elements that are not read: {unread}"
    return (
        any(_like(request.action.lower(), pattern.lower()) for pattern in _listed(statement["Action"]))
        and any(_like(request.resource, pattern) for pattern in _listed(statement["Resource"]))
        and all(
            _holds(operator, key, _listed(values), request.context)
            for operator, block in statement.get("Condition", {}).items()
            for key, values in block.items()
        )
    )


def _holds(operator: str, key: str, wanted: Sequence[str], context: Context) -> bool:
    """One line of a condition. A key that the request does not have fails it, but for …IfExists and Null."""
    values = next((_listed(value) for name, value in context.items() if name.lower() == key.lower()), None)
    if operator == "Null":
        return (values is None) == (wanted == ["true"])
    base = operator.removesuffix("IfExists")
    if values is None:
        return base != operator
    any_value = base.startswith("ForAnyValue:")
    base = base.removeprefix("ForAnyValue:")
    assert any_value or len(values) == 1, f"{key} has several values: {operator} does not say what to do with them"
    return any(_OPERATORS[base](value, pattern) for value in values for pattern in wanted)


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


def _like(value: str, pattern: str) -> bool:
    return _pattern(pattern).fullmatch(value) is not None


_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "ArnEquals": _like,
    "ArnLike": _like,
    "Bool": lambda value, wanted: value.lower() == wanted.lower(),
    "StringEquals": lambda value, wanted: value == wanted,
    "StringLike": _like,
}


def _listed(value: Any) -> list[Any]:
    return [value] if isinstance(value, str | Mapping) else list(value)
