"""What a node is told at its first start, in the two languages of EKS images: the same content gives the same text.

Amazon Linux 2023 reads NodeConfig objects from the parts of a MIME message (awslabs/amazon-eks-ami, nodeadm);
Bottlerocket reads settings as TOML (bottlerocket.dev, "API and settings").
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

_BOUNDARY = "BEDPLATE"
_BARE_KEY = r"[A-Za-z0-9_-]+"


def nodeadm_user_data(spec: Mapping[str, object]) -> str:
    """A MIME message with one NodeConfig of `spec`, written as JSON, which YAML is a superset of.

    EKS appends a NodeConfig of its own with the cluster's address; where both say the same thing, EKS wins.
    """
    config = {"apiVersion": "node.eks.aws/v1alpha1", "kind": "NodeConfig", "spec": spec}
    lines = [
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed; boundary="{_BOUNDARY}"',
        "",
        f"--{_BOUNDARY}",
        "Content-Type: application/node.eks.aws",
        "",
        json.dumps(config, indent=2, sort_keys=True, ensure_ascii=True),
        f"--{_BOUNDARY}--",
        "",
    ]
    return "\n".join(lines)


def bottlerocket_user_data(settings: Mapping[str, object]) -> str:
    """Bottlerocket `settings` as TOML, with keys in order."""
    return "\n".join(_table(("settings",), settings)) + "\n"


def _table(path: tuple[str, ...], values: Mapping[str, object]) -> Iterator[str]:
    """The table at `path` and those below it. One that holds tables only needs no heading of its own."""
    plain = {key: value for key, value in sorted(values.items()) if not isinstance(value, Mapping)}
    if plain or not values:
        yield f"[{'.'.join(_key(part) for part in path)}]"
        yield from (f"{_key(key)} = {_value(value)}" for key, value in plain.items())
    for key, value in sorted(values.items()):
        if isinstance(value, Mapping):
            yield from _table((*path, key), value)


def _key(key: str) -> str:
    return key if re.fullmatch(_BARE_KEY, key, re.ASCII) else _text(key)


def _value(value: object) -> str:
    """A value of TOML. Raises TypeError for what TOML or Bottlerocket cannot take, as None."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return _text(value)
        case Sequence():
            return f"[{', '.join(_value(item) for item in value)}]"
        case _:
            raise TypeError(f"{type(value).__name__} is no value of a Bottlerocket setting")


def _text(value: str) -> str:
    """A basic string: JSON's escapes are TOML's as well."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
