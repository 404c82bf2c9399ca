"""The section of an environment that components of a platform repository's own fill."""

from __future__ import annotations

from typing import Any

from pydantic import model_validator

from bedplate.model.spec import Refusal, Spec


class ExtensionsSpec(Spec):
    """What the repository's own components make, by component."""

    @model_validator(mode="before")
    @classmethod
    def _has_components(cls, value: Any) -> Any:
        """Without any component there is no key to guess: say where they come from."""
        if cls is ExtensionsSpec and isinstance(value, dict) and value:
            raise Refusal(
                "this repository has no components of its own",
                path=(next(iter(value)),),
                hint="they are folders of extensions/components",
            )
        return value
