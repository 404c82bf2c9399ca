"""How far a pool may lag the control plane."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bedplate.catalog import catalog
from bedplate.environment.checks.pool_images import check_image
from bedplate.environment.checks.reporter import Reporter
from bedplate.environment.facts import pool_facts
from components.node_fields import AmiSpec
from tests.support.environments import dev


def messages(control_plane: str, nodes: str) -> list[str]:
    """What is said of the first pool of `dev` when control plane and nodes are of these versions."""
    resolved = replace(dev(), baseline=dev().baseline.model_copy(update={"kubernetes": control_plane}))
    pool = resolved.environment.managed_pools[0]
    changed = pool.model_copy(update={"kubernetes": nodes, "ami": AmiSpec(release=f"{nodes}.1-20260714")})
    report = Reporter(resolved.tree)
    check_image(("nodePools", 0), pool_facts(changed, catalog.load()), resolved, catalog.load(), report)
    return [problem.message for problem in report.problems]


@pytest.mark.parametrize("control_plane", ["1.33", "1.34", "1.36"])
def test_nodes_may_be_three_minors_behind(control_plane: str) -> None:
    assert messages(control_plane, "1.33") == []


def test_four_minors_are_too_many() -> None:
    assert messages("1.37", "1.33") == [
        "nodes of 1.33 are 4 minors behind the control plane (1.37); Kubernetes allows 3"
    ]
