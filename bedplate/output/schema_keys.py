"""The keys of a file's schema, flat: what two versions of the tool let people write, held against each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from bedplate.output.documents.compat import KeyDocument

Schema = Mapping[str, Any]
Keys = Mapping[str, KeyDocument]


def keys(schema: Schema) -> dict[str, KeyDocument]:
    """Every key of a JSON Schema by its path; items of a list are written ``name[]``.

    Of alternatives, a key is required where all of them require it, and holds what any of them allows.
    """
    found: dict[str, KeyDocument] = {}
    objects: Counter[str] = Counter()
    demands: Counter[str] = Counter()
    for prefix, each in _objects(schema, schema, ""):
        objects[prefix] += 1
        demands.update(f"{prefix}{name}" for name in each.get("required", ()))
        for name, field in each.get("properties", {}).items():
            path = f"{prefix}{name}"
            kinds, values = _forms(schema, field)
            before = found.get(path)
            if before is not None:
                kinds |= set(before["kind"].split("|"))
                values = values | set(before["values"]) if values and before["values"] else set()
            found[path] = {"required": False, "kind": "|".join(sorted(kinds)), "values": sorted(values)}
    for path, key in found.items():
        prefix = path[: path.rfind(".") + 1]
        key["required"] = demands[path] == objects[prefix]
    return dict(sorted(found.items()))


def narrowed(name: str, before: Keys, after: Keys) -> Iterator[str]:
    """What people could write into a file `name` and no longer can, in words."""
    for path, old in before.items():
        new = after.get(path)
        if new is None:
            yield f"{name}: {path} is gone"
            continue
        if new["required"] and not old["required"]:
            yield f"{name}: {path} is required"
        lost = set(old["kind"].split("|")) - set(new["kind"].split("|"))
        if lost:
            yield f"{name}: {path} may no longer be {' or '.join(sorted(lost))}"
        if new["values"] and (dropped := set(old["values"]) - set(new["values"])):
            yield f"{name}: {path} may no longer be {' or '.join(sorted(dropped))}"
        elif new["values"] and not old["values"]:
            yield f"{name}: {path} takes only {', '.join(new['values'])}"
    for path, new in after.items():
        parent = path.rpartition(".")[0].removesuffix("[]")
        if path not in before and new["required"] and (not parent or parent in before):
            yield f"{name}: {path} is required"


def _objects(root: Schema, schema: Schema, prefix: str) -> Iterator[tuple[str, Schema]]:
    """Every object below `schema`, itself included, with what stands before its keys."""
    yield prefix, schema
    for name, field in schema.get("properties", {}).items():
        for option in _options(root, field):
            is_list = option.get("type") == "array"
            for each in _options(root, option.get("items", {})) if is_list else (option,):
                if "properties" in each:
                    yield from _objects(root, each, f"{prefix}{name}{'[]' if is_list else ''}.")


def _options(root: Schema, field: Schema) -> Iterator[Schema]:
    """What `field` may be: itself, or its alternatives, with references followed."""
    if "$ref" in field:
        yield from _options(root, root["$defs"][field["$ref"].rpartition("/")[2]])
    elif "anyOf" in field or "oneOf" in field:
        for option in (*field.get("anyOf", ()), *field.get("oneOf", ())):
            yield from _options(root, option)
    else:
        yield field


def _forms(root: Schema, field: Schema) -> tuple[set[str], set[str]]:
    """Types that `field` takes, and its allowed values; none where one alternative takes any."""
    kinds: set[str] = set()
    values: set[str] = set()
    free = False
    for option in _options(root, field):
        listed = option.get("enum", [option["const"]] if "const" in option else None)
        kinds.add("text" if listed is not None else str(option.get("type", "any")).replace("string", "text"))
        free |= listed is None and option.get("type") != "null"
        values |= {str(value) for value in listed or ()}
    return kinds, set() if free else values
