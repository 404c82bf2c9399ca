"""Files that people write explain themselves: every key has a description, and an example where it needs one."""

from __future__ import annotations

import pytest

from bedplate.environment.environment import Environment
from bedplate.model.spec import Spec, check_described
from components.model_service.spec import ModelRelease


@pytest.mark.parametrize("model", [Environment, ModelRelease], ids=lambda model: model.__name__)
def test_every_key_of_a_file_is_explained(model: type[Spec]) -> None:
    assert check_described(model) == ()
