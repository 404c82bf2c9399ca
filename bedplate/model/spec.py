"""The base of every model of a file: what people write (`Spec`) and what the tool writes (`MachineSpec`)."""

from __future__ import annotations

import enum
import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeVar, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, SerializerFunctionWrapHandler, WrapSerializer
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

K = TypeVar("K")
V = TypeVar("V")


def _freeze(value: Mapping[K, V]) -> Mapping[K, V]:
    return types.MappingProxyType(dict(value))


def _thaw(value: Mapping[K, V], handler: SerializerFunctionWrapHandler) -> Any:
    return handler(dict(value))


FrozenMap = Annotated[Mapping[K, V], AfterValidator(_freeze), WrapSerializer(_thaw)]
"""A field `FrozenMap[str, int]` holds a read-only mapping; in JSON it is an object. Its default may be written `{}`."""


def _freeze_deeply(value: Any) -> Any:
    if isinstance(value, Mapping):
        return types.MappingProxyType({key: _freeze_deeply(item) for key, item in value.items()})
    return tuple(_freeze_deeply(item) for item in value) if isinstance(value, list | tuple) else value


def _thaw_deeply(value: Any, _handler: SerializerFunctionWrapHandler) -> Any:
    return plain_json(value)


def plain_json(value: Any) -> Any:
    """Read-only JSON as dicts and lists."""
    if isinstance(value, Mapping):
        return {key: plain_json(item) for key, item in value.items()}
    return [plain_json(item) for item in value] if isinstance(value, list | tuple) else value


FrozenJson = Annotated[Mapping[str, Any], AfterValidator(_freeze_deeply), WrapSerializer(_thaw_deeply)]
"""A field that holds a JSON object of somebody else's making, read-only at every depth."""


class Spec(BaseModel):
    """What people write: unknown keys are refused, and nothing changes after validation.

    Keys are camelCase in files and snake_case in Python; Python code may construct with either, files may not.
    Fields hold scalars, tuples, `FrozenMap` and other specs, and each says what it means (`undescribed` checks it).
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        validate_default=True,
    )

    elsewhere: ClassVar[Mapping[str, tuple[str, str]]] = types.MappingProxyType({})
    """Keys that people look for here and that belong elsewhere: why each does not belong here, and what to write."""


class MachineSpec(Spec):
    """What the tool writes (a lock, a state): unknown keys are ignored, so that an older tool reads a newer file."""

    model_config = ConfigDict(extra="ignore")


class Refusal(ValueError):  # noqa: N818 (raised inside validators, where pydantic turns it into an error of its own)
    """Raised by a spec's validator to say more than a sentence.

    `path` is the place below the validated value that is at fault, with keys as in the file; `allowed` and `hint`
    are shown as in every `Problem`.
    """

    def __init__(
        self, message: str, *, path: tuple[str | int, ...] = (), allowed: tuple[str, ...] = (), hint: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.allowed = allowed
        self.hint = hint


def check_described(model: type[Spec]) -> tuple[str, ...]:
    """What the reference page could not explain about `model` and the specs inside it, one line each; () is good.

    A field needs a description, and an example unless its default, its allowed values or its own spec show what to
    write. A field that could be changed in place (list, dict, set) is named too.
    """
    findings: list[str] = []
    for each in sorted(_reachable(model), key=lambda spec: spec.__qualname__):
        for name, field in each.model_fields.items():
            place = f"{each.__qualname__}.{name}"
            if not field.description:
                findings.append(f"{place} has no description")
            if field.is_required() and not field.examples and not _explains_itself(field.annotation):
                findings.append(f"{place} has no example")
            if any(part in (list, dict, set) for part in _parts(field.annotation)):
                findings.append(f"{place} can be changed in place: use a tuple or a FrozenMap")
    return tuple(findings)


def _reachable(model: type[Spec]) -> set[type[Spec]]:
    """The model and all specs that its fields can hold."""
    found: set[type[Spec]] = set()
    waiting = [model]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting += [spec for field in current.model_fields.values() for spec in _specs(field)]
    return found


def _specs(field: FieldInfo) -> Iterator[type[Spec]]:
    for part in _parts(field.annotation):
        if isinstance(part, type) and issubclass(part, Spec):
            yield part


def _explains_itself(annotation: object) -> bool:
    """Whether the type alone says what to write: allowed values, true or false, or a spec with fields of its own."""
    return any(
        part is Literal or part is bool or (isinstance(part, type) and issubclass(part, enum.Enum | Spec))
        for part in _parts(annotation)
    )


def _parts(annotation: object) -> Iterator[object]:
    """A type and every type inside it."""
    origin = get_origin(annotation)
    yield annotation if origin is None else origin
    if origin is Literal:
        return
    arguments = get_args(annotation)
    for argument in arguments[:1] if origin is Annotated else arguments:
        yield from _parts(argument)
