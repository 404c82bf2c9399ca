"""Files that people write explain themselves: every key has a description, and an example where it needs one."""

from __future__ import annotations

import pytest

from bedplate.model.spec import Spec, check_described
from bedplate.output.file_schemas import file_models
from tests.support.environments import PLATFORM


@pytest.mark.parametrize("model", file_models(PLATFORM).values(), ids=lambda model: model.__name__)
def test_every_key_of_a_file_is_explained(model: type[Spec]) -> None:
    assert check_described(model) == ()
