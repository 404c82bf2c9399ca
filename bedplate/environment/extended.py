"""The environment file of a platform repository: with a section for each component of the repository's own."""

from __future__ import annotations

import inspect
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field, create_model

from bedplate.environment.environment import Environment
from bedplate.extensions.components import OwnComponent, own_components
from bedplate.extensions.spec import ExtensionsSpec


def components_of(root: Path, environment: Environment) -> tuple[OwnComponent, ...]:
    """The repository's own components that `environment` uses."""
    known = own_components(root)
    return tuple(item for item in known if getattr(environment.extensions, item.name) is not None)


def environment_type(root: Path) -> type[Environment]:
    """What environments of the repository at `root` may say. Raises InputError where its components cannot be read."""
    return _with(own_components(root))


@cache
def _with(components: tuple[OwnComponent, ...]) -> type[Environment]:
    if not components:
        return Environment
    fields: dict[str, Any] = {item.name: (item.spec | None, _section(item)) for item in components}
    sections = create_model("ExtensionsSpec", __base__=ExtensionsSpec, __doc__=ExtensionsSpec.__doc__, **fields)
    described = Environment.model_fields["extensions"].description
    extensions: Any = (sections, Field(default=sections(), description=described))
    return create_model("Environment", __base__=Environment, __doc__=Environment.__doc__, extensions=extensions)


def _section(component: OwnComponent) -> Any:
    words = " ".join(inspect.cleandoc(component.spec.__doc__ or "").partition("\n\n")[0].split())
    return Field(default=None, description=f"{words} Nothing is made of it where it is absent.")
