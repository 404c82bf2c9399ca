from __future__ import annotations

import pytest

from tests.wheel.installed import Installed, install


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The tool as its users have it."""
    return install(tmp_path_factory.mktemp("installed"))
