"""Paths into property values, such as `taints[0].key` or `tags["kubernetes.io/role/elb"]`."""

import json
import re
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]

SIMPLE_NAME = re.compile(r"[A-Za-z_$][\w$]*")


def render(path: Path) -> str:
    """Return `path` as the engine writes property paths: names that are not plain identifiers are quoted."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif SIMPLE_NAME.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{json.dumps(step, ensure_ascii=False)}]"
    return text


def names(path: Path) -> tuple[str, ...]:
    """Return the property names of `path`, without list positions."""
    return tuple(step for step in path if isinstance(step, str))
