"""Generated environments are environments like any other, and the same every time."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedplate.environment.load import load
from bedplate.graph.values import Json
from tests.bench.generate import NAME, enlarged
from tests.support.environments import ROOT, repository, whole, write


@pytest.fixture(scope="module")
def document() -> dict[str, Json]:
    return whole(ROOT, NAME)


@pytest.mark.parametrize("times", [1, 4])
def test_an_enlarged_environment_passes_the_front_door(tmp_path: Path, document: dict[str, Json], times: int) -> None:
    root = repository(tmp_path)
    write(root, f"environments/{NAME}.yaml", enlarged(document, times))
    environment = load(root, NAME).environment
    assert len(environment.teams) == times * len(document["teams"])
    assert len(environment.models) == times * len(document["models"])
    assert len(environment.stores) == times * len(document["stores"])


def test_pools_without_models_are_not_repeated(document: dict[str, Json]) -> None:
    pools = [pool["name"] for pool in enlarged(document, 3)["nodePools"]]
    assert pools == ["system", "l4-0", "l4-1", "l4-2"]


def test_there_are_sixty_pools_at_most_and_each_has_the_nodes_that_its_models_need(document: dict[str, Json]) -> None:
    large = enlarged(document, 61)
    sizes = {pool["name"]: pool["size"]["desired"] for pool in large["nodePools"] if pool["name"] != "system"}
    assert (len(sizes), sizes["l4-0"], sizes["l4-59"]) == (60, 2, 1)
    assert {model["pool"] for model in large["models"] if model["name"].endswith(("-0", "-60"))} == {"l4-0"}


def test_a_copy_points_at_its_own_team_pool_and_store(document: dict[str, Json]) -> None:
    model = next(item for item in enlarged(document, 2)["models"] if item["name"] == "embeddings-1")
    assert (model["team"], model["pool"], model["weights"]) == ("research-1", "l4-1", "weights-1")


def test_the_budget_grows_along(document: dict[str, Json]) -> None:
    assert float(enlarged(document, 4)["cost"]["monthlyBudget"]) == 4 * float(document["cost"]["monthlyBudget"])


def test_the_seed_alone_decides_what_differs(document: dict[str, Json]) -> None:
    assert enlarged(document, 8, seed=1) == enlarged(document, 8, seed=1)
    assert enlarged(document, 8, seed=1) != enlarged(document, 8, seed=2)
