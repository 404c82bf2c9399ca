"""How published JSON documents are declared: typed dictionaries whose docstrings become the schema's descriptions.

Readers of a document get its types from here, and `bedplate.output.schemas` makes the published JSON Schemas of them.
"""

from __future__ import annotations

from pydantic import ConfigDict, with_config

document = with_config(ConfigDict(extra="forbid", use_attribute_docstrings=True))
"""Class decorator of every document and part of one: unknown keys are refused, field docstrings describe."""
