"""Placeholders in serving runtimes: KServe runs the model container through Go's text/template."""

from __future__ import annotations

import re

from bedplate.graph.derive.results import CannotDeriveError
from bedplate.graph.values import Json

# The data of the template is the metadata of the InferenceService.
_ACTION = re.compile(r"\{\{\s*\.(Name|Namespace|Labels\.(\w+))\s*\}\}")


def fill_placeholders(value: Json, metadata: Json) -> Json:
    """`value` with ``{{.Name}}``, ``{{.Namespace}}`` and ``{{.Labels.key}}`` of `metadata` filled in, at any depth.

    A label that is not there gives no text, as in Go.
    Raises CannotDeriveError for any other template action; KServe would run it, or fail on it.
    """
    if isinstance(value, dict):
        return {key: fill_placeholders(item, metadata) for key, item in value.items()}
    if isinstance(value, list):
        return [fill_placeholders(item, metadata) for item in value]
    if not isinstance(value, str) or "{{" not in value:
        return value
    if "{{" in _ACTION.sub("", value):
        raise CannotDeriveError(
            f"the serving runtime holds the template {value!r}; only {{{{.Name}}}}, {{{{.Namespace}}}} and "
            "{{.Labels.<key>}} can be derived"
        )
    return _ACTION.sub(lambda match: _value(match, metadata), value)


def _value(match: re.Match[str], metadata: Json) -> str:
    field, label = match.groups()
    if label is not None:
        return str(metadata.get("labels", {}).get(label, ""))
    return str(metadata[field.lower()])
