"""Trees for tests, written as YAML."""

from __future__ import annotations

import textwrap

from bedplate.model.tree import Mapping
from bedplate.model.yaml_reader import read_document


def tree(text: str, name: str = "dev.yaml") -> Mapping:
    """The tree of an indented YAML text."""
    return read_document(textwrap.dedent(text).encode(), name).root
