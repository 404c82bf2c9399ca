"""The leaves of a model: every place of a file that holds a value of its own.

A leaf is a field that holds no spec: a scalar, a list of scalars, or a map. Its path is written with ``[]`` for items
of a list, and with ``[eks]`` where that value of the discriminator decides what an item is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from bedplate.graph.values import Json
from bedplate.model.follow import aliases, alternatives, models
from bedplate.model.tree import parse_path


def leaves(model: type[BaseModel], path: str = "") -> Iterator[str]:
    """Every leaf of `model`, in the order of its fields."""
    for key, field in aliases(model).items():
        place = f"{path}.{key}" if path else key
        item = _item(field.annotation)
        held = models(field.annotation if item is None else item)
        if not held:
            yield place
        elif item is None and len(held) == 1:
            yield from leaves(held[0], place)
        elif item is None:
            discriminator = field.discriminator if isinstance(field.discriminator, str) else None
            _, noted = alternatives(field.annotation, discriminator)
            for each in held:
                yield from leaves(each, f"{place}[{_tag(each, noted)}]")
        else:
            _, discriminator = alternatives(item)
            for each in held:
                yield from leaves(each, f"{place}[{_tag(each, discriminator)}]")


def leaf_at(known: Collection[str], data: Json, path: str) -> str:
    """Which of the leaves `known` the value at `path` of the document `data` is. Raises LookupError for none."""
    place = ""
    for step in parse_path(path):
        if isinstance(data, Mapping):
            place += f".{step}" if place else str(step)
            data = data.get(str(step))
            if isinstance(data, Mapping):
                place += _tagged(known, place, data, default="")
        else:
            data = data[step] if isinstance(step, int) else next(item for item in data if item["name"] == step)
            place += _tagged(known, place, data, default=None)
    if place not in known:
        raise LookupError(f"{path} is no leaf of the schema")
    return place


def _tagged(known: Collection[str], place: str, data: Json, *, default: str | None) -> str:
    """The mark behind `place` that says which member of a union `data` is; `default` where it is in none."""
    values = data.values() if isinstance(data, Mapping) else ()
    tags = ("", *(value for value in values if isinstance(value, str)))
    found = (f"[{tag}]" for tag in tags if any(leaf.startswith(f"{place}[{tag}].") for leaf in known))
    mark = next(found, default)
    if mark is None:
        raise LookupError(f"nothing is known of {place}")
    return mark


def _item(annotation: Any) -> Any:
    """The type of the items of a list that holds specs; None for everything else."""
    (choice, *others), _ = alternatives(annotation)
    if others or get_origin(choice) is not tuple:
        return None
    item = get_args(choice)[0]
    return item if models(item) else None


def _tag(model: type[BaseModel], discriminator: str | None) -> str:
    return str(get_args(model.model_fields[discriminator].annotation)[0]) if discriminator else ""
