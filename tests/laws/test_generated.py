"""Laws that hold of environments out of a seed as they hold of those that people wrote: 60 pools, three sites."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from bedplate.capacity.packing import Fit
from bedplate.cli.pipeline import judged, recorded
from bedplate.environment.load import load
from bedplate.environment.registry import upstream
from bedplate.graph.images import image_uses
from bedplate.graph.kubernetes import kubernetes_objects
from bedplate.graph.values import canonical
from bedplate.output.review import Review
from tests.laws.test_determinism import MACHINE
from tests.support.aws_inputs import ENUMS, refused_inputs, values_with_an_enum
from tests.support.environments import ROOT, TODAY
from tests.support.generated.kinds import INVENTORY, INVENTORY_ONCE, KARPENTER, MANAGED, MANAGED_ONCE
from tests.support.generated.repository import SITES, Place, Shape, files
from tests.support.generated.write import registered, teams_for, write, write_files

POOLS = 60
TEAMS = 3
# More of them by hand: BEDPLATE_SEEDS="2 3 4" python -m pytest tests/laws/test_generated.py
SEEDS = [int(seed) for seed in os.environ.get("BEDPLATE_SEEDS", "1").split()]
CASES: list[tuple[Place, int]] = [(place, seed) for seed in SEEDS for place in ("eks", "plant")]
FEWEST: dict[Place, int] = {"eks": len(MANAGED_ONCE + MANAGED + KARPENTER), "plant": len(INVENTORY_ONCE + INVENTORY)}
"""Pools of an environment that has one of each kind."""


@dataclass(frozen=True)
class Generated:
    """A generated repository, and its first target judged."""

    root: Path
    target: str
    review: Review


@pytest.fixture(scope="module", params=CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def generated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generated:
    place, seed = request.param
    root = tmp_path_factory.mktemp("generated") / "repository"
    target = write(root, Shape(place, POOLS, TEAMS), seed=seed)[0]
    return Generated(root, target, judged(load(root, target), TODAY))


def test_it_is_allowed_fits_and_stays_within_its_budget(generated: Generated) -> None:
    """In any order, or with nodes that Karpenter starts."""
    review = generated.review
    assert review.policies.blocking == ()
    assert review.policies.problems == ()
    assert not review.capacity.blocked
    assert review.capacity.packing.fit in (Fit.ANY_ORDER, Fit.STARTED)
    assert not review.cost.over_budget
    assert review.resolved.warnings == ()


def test_it_has_pools_of_every_kind_and_models_on_every_kind_that_takes_them(generated: Generated) -> None:
    environment = generated.review.resolved.environment
    kinds = (*MANAGED_ONCE, *MANAGED, *KARPENTER) if environment.aws else (*INVENTORY_ONCE, *INVENTORY)
    names = {pool.name for pool in environment.node_pools}
    assert len(names) == len(environment.node_pools) == POOLS
    assert {kind.name for kind in kinds} <= names
    assert len(environment.models) == 4 * TEAMS


def test_every_dependency_exists_and_comes_first(generated: Generated) -> None:
    graph = generated.review.graph
    position = {resource.urn: index for index, resource in enumerate(graph.creation_order)}
    assert all(position[urn] < position[item.urn] for item in graph for urn in item.dependencies)


def test_every_object_has_one_writer_and_controllers_make_none_of_ours(generated: Generated) -> None:
    graph = generated.review.graph
    counts = Counter(item.id for item in kubernetes_objects(graph, derived=False))
    made = {item.id for item in kubernetes_objects(graph) if item.resource.derived_from is not None}
    assert made
    assert [str(identity) for identity, count in counts.items() if count > 1 or identity in made] == []


def test_its_lock_holds_every_image_and_no_other(generated: Generated) -> None:
    resolved = generated.review.resolved
    pulled = {upstream(use.reference, resolved.registry) for use in image_uses(generated.review.graph)}
    assert resolved.lock is not None
    assert pulled == {image.reference for image in resolved.lock.images}


def test_the_provider_and_aws_take_every_input(generated: Generated) -> None:
    assert refused_inputs(generated.review.graph) == []


def test_every_enum_that_the_judge_knows_is_met_on_aws(generated: Generated) -> None:
    """Else a row of its table would judge nothing."""
    rows = {(type_, path) for type_, paths in ENUMS.items() for path in paths}
    aws = generated.review.resolved.environment.aws
    assert values_with_an_enum(generated.review.graph) == (rows if aws else set())


def test_another_process_elsewhere_gives_the_same_bytes(generated: Generated, tmp_path: Path) -> None:
    root, target = generated.root, generated.target
    argv = [sys.executable, "-W", "ignore", "-m", "tests.laws.render", str(root), target, TODAY.isoformat()]
    environment = {**os.environ, **MACHINE, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(argv, cwd=tmp_path, env=environment, capture_output=True, check=True)
    assert done.stdout == canonical(generated.review.to_json())


def test_three_sites_run_one_definition_on_machines_of_their_own(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    targets = write_files(root, Shape("plant", FEWEST["plant"], TEAMS), seed=5)
    assert targets == tuple(f"large.{site}" for site in sorted(SITES))
    graphs = [recorded(load(root, target)) for target in targets]
    assert len({len(graph) for graph in graphs}) == 1
    assert len({graph.digest for graph in graphs}) == len(SITES)


@pytest.mark.parametrize("place", ["eks", "plant"])
def test_a_size_that_is_asked_for_is_met_with_the_fewest_teams(place: Place, tmp_path: Path) -> None:
    pools, wanted = FEWEST[place], 450
    teams = teams_for(tmp_path, place, pools, wanted)
    counts = []
    for number in (teams - 1, teams):
        root = tmp_path / f"with-{number}"
        counts.append(registered(root, write_files(root, Shape(place, pools, number), seed=6)[0]))
    assert counts[0] < wanted <= counts[1]


@pytest.mark.parametrize("place", ["eks", "plant"])
def test_the_seed_alone_decides_what_differs(place: Place) -> None:
    shape = Shape(place, POOLS, TEAMS)
    assert files(shape, 1) == files(shape, 1)
    assert files(shape, 1) != files(shape, 2)
