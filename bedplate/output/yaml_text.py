"""YAML that every reader takes for the same values: text that YAML 1.1 reads as something else stands in quotes."""

from __future__ import annotations

import re

import yaml

from bedplate.graph.values import Json
from bedplate.output.wording import visible

# Plain text: words and paths that begin with a letter. Digits, signs and dots in front may be numbers, times or dates
# to one reader or another.
_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?")
# Words that are no text to a YAML 1.1 or 1.2 reader.
_RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def to_yaml(value: Json) -> str:
    """One document: keys sorted, two spaces deep, long lines whole. The same value gives the same text."""
    text = _dumped(value, unicode=True)
    # Characters that hide or reorder others on the screen are written as escapes, and all others beside them.
    return text if visible(text.replace("\n", "")) == text.replace("\n", "") else _dumped(value, unicode=False)


def _dumped(value: Json, *, unicode: bool) -> str:
    return yaml.dump(
        value, Dumper=_Dumper, sort_keys=True, default_flow_style=False, allow_unicode=unicode, width=2**20, indent=2
    )


class _Dumper(yaml.CSafeDumper):
    """Never writes anchors, and decides itself what needs quotes."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    style = None if _PLAIN.fullmatch(value) and value.lower() not in _RESERVED else '"'
    if "\n" in value and _may_stand_as_block(value):
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _may_stand_as_block(value: str) -> bool:
    """Whether no character is lost in a literal block: printable lines without a space at either end of the text."""
    lines = value.split("\n")
    return not value.startswith((" ", "\n")) and all(line.isprintable() and line == line.rstrip() for line in lines)


_Dumper.add_representer(str, _text)
