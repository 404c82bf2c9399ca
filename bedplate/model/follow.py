"""Where in a document, and in which part of a model, an error of pydantic happened.

pydantic locates an error by the steps that its validator took. Most steps are keys and indices; some name the branch
of a union ("int", "EksCluster") and are no part of the document. Walking the model's types beside the location tells
the two apart, and finds the field whose description, example and allowed values the message can use.
"""

from __future__ import annotations

import collections.abc
import re
import types
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bedplate.model.tree import Path, Step

_KEY = "[key]"  # pydantic's last step for an error in a key, not in its value
_FUNCTION = re.compile(r"^(?:function-\w+\[[^()]*\(\), )+")


@dataclass(frozen=True, slots=True)
class Trace:
    """What a location means.

    `path` leads through the document. `owner` is the model that holds the last key of the path and `field` that key's
    declaration, where known. `annotation` is the type expected there. `fork` is the path of the plain union whose
    `branch` was tried, or None outside of unions. `in_key` says that the key itself is wrong.
    """

    path: Path
    annotation: Any
    owner: type[BaseModel] | None = None
    field: FieldInfo | None = None
    fork: Path | None = None
    branch: str = ""
    in_key: bool = False


def follow(model: type[BaseModel], location: Sequence[Step]) -> Trace:
    """Follow `location`, as pydantic gives it, from `model` down."""
    walker = _Walker(model)
    for step in location:
        walker.take(step)
    return Trace(
        tuple(walker.path), walker.annotation, walker.owner, walker.field, walker.fork, walker.branch, walker.in_key
    )


def aliases(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Fields of a model by their keys in files."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def alternatives(annotation: Any, discriminator: str | None = None) -> tuple[tuple[Any, ...], str | None]:
    """The types that a value may have (None left out), and the key that decides between them in a tagged union."""
    if get_origin(annotation) is Annotated:
        bare, *notes = get_args(annotation)
        found = (note.discriminator for note in notes if isinstance(note, FieldInfo))
        return alternatives(bare, next((name for name in found if isinstance(name, str)), discriminator))
    if get_origin(annotation) in (Union, types.UnionType):
        parts = tuple(part for part in get_args(annotation) if part is not type(None))
        return alternatives(parts[0], discriminator) if len(parts) == 1 else (parts, discriminator)
    return (annotation,), discriminator


def models(annotation: Any) -> tuple[type[BaseModel], ...]:
    """The models among the alternatives, those of nested unions included."""
    choices, _ = alternatives(annotation)
    if len(choices) > 1:
        return tuple(model for choice in choices for model in models(choice))
    return (choices[0],) if isinstance(choices[0], type) and issubclass(choices[0], BaseModel) else ()


class _Walker:
    def __init__(self, model: type[BaseModel]) -> None:
        self.path: list[Step] = []
        self.annotation: Any = model
        self.owner: type[BaseModel] | None = None
        self.field: FieldInfo | None = None
        self.fork: Path | None = None
        self.branch = ""
        self.in_key = False
        self._keys: Any = Any
        self._discriminator: str | None = None

    def take(self, step: Step) -> None:
        choices, discriminator = alternatives(self.annotation, self._discriminator)
        if step == _KEY:
            self.in_key, self.annotation = True, self._keys
        elif len(choices) > 1:
            self._choose(choices, discriminator, str(step))
        else:
            self._descend(choices[0], step)

    def _choose(self, choices: tuple[Any, ...], discriminator: str | None, label: str) -> None:
        """The step is no key: it names the member of a union that pydantic tried."""
        self._discriminator = None
        if discriminator is not None:
            self.annotation = next((each for each in choices if label in _tags(each, discriminator)), Any)
            return
        if self.fork is None:
            self.fork, self.branch = tuple(self.path), label
        self.annotation = next((each for each in choices if _labelled(each, label)), Any)

    def _descend(self, annotation: Any, step: Step) -> None:
        self.path.append(step)
        self.owner = next(iter(models(annotation)), None)
        self.field = aliases(self.owner).get(str(step)) if self.owner else None
        self._discriminator = None
        if self.owner is None:
            self._keys = _key(annotation)
            self.annotation = _item(annotation, step)
        elif self.field is None:
            self.annotation = Any
        else:
            self.annotation = self.field.annotation
            if isinstance(self.field.discriminator, str):
                self._discriminator = self.field.discriminator


def _tags(choice: Any, discriminator: str) -> tuple[str, ...]:
    """The values by which a member of a tagged union is chosen."""
    fields = (model.model_fields.get(discriminator) for model in models(choice))
    return tuple(str(value) for field in fields if field for value in get_args(field.annotation))


def _labelled(annotation: Any, label: str) -> bool:
    """Whether pydantic calls this member of a plain union by `label`, such as "function-after[f(), dict[str,int]]"."""
    choices, discriminator = alternatives(annotation)
    if discriminator is not None:
        return label.startswith("tagged-union[")
    origin = get_origin(choices[0]) or choices[0]
    if isinstance(origin, type) and issubclass(origin, collections.abc.Mapping):
        origin = dict
    return _FUNCTION.sub("", label).partition("[")[0] == getattr(origin, "__name__", "")


def _key(annotation: Any) -> Any:
    """The type of the keys of a mapping."""
    origin = get_origin(annotation)
    keyed = isinstance(origin, type) and issubclass(origin, collections.abc.Mapping)
    return get_args(annotation)[0] if keyed else Any


def _item(annotation: Any, step: Step) -> Any:
    """The type of what a container holds at `step`."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if not arguments or not isinstance(origin, type):
        return Any
    if issubclass(origin, collections.abc.Mapping):
        return arguments[1]
    if origin is tuple and arguments[-1] is not ...:
        return arguments[step] if isinstance(step, int) and step < len(arguments) else Any
    return arguments[0]
