"""Whole platform repositories out of a seed: the files that people write, as data.

An environment has pools of every kind that stands, in turns up to the number that is asked for, and teams that are all
alike in size: each has a file of its own and four model services, which differ in exposure, scale and source of
weights, and of which one claims its GPUs; with an account also a store and an access entry. So every team brings the
same number of resources. What the seed decides (which pool carries which model, zones, quotas, rights) changes no
number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from bedplate.graph.values import Json
from tests.support.generated.documents import ON_AWS, PLANT, SITE
from tests.support.generated.kinds import INVENTORY, INVENTORY_ONCE, KARPENTER, MANAGED, MANAGED_ONCE
from tests.support.generated.pools import Pool, aws_entries, for_models, inventory_entry, machines, pools
from tests.support.generated.releases import SAMPLES, VERSION
from tests.support.generated.teams import SERVICES, Team, team

NAME = "large"
SITES = ("north", "south", "west")
FOLDER = f"environments/{NAME}"

Place = Literal["eks", "plant"]
"""On AWS, in layers; or on machines of one's own at three sites."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How large an environment is, and where it stands."""

    place: Place
    pools: int
    teams: int


def files(shape: Shape, seed: int) -> dict[str, Mapping[str, Json]]:
    """Documents by path: the environment, its teams, its sites, the releases. Equal arguments give equal documents."""
    random = Random(f"{shape.place} {seed}")
    on_aws = shape.place == "eks"
    once, often = (MANAGED_ONCE, MANAGED + KARPENTER) if on_aws else (INVENTORY_ONCE, INVENTORY)
    found = pools(once, often, shape.pools)
    counted, claimed = (for_models(found, random, claimed=each) for each in (False, True))
    teams = [
        team(
            number, [next(claimed if service.claims else counted) for service in SERVICES], stores=on_aws, random=random
        )
        for number in range(shape.teams)
    ]
    result: dict[str, Mapping[str, Json]] = {
        f"{FOLDER}.yaml": _on_aws(found, teams, random) if on_aws else _plant(found, teams)
    }
    result |= {f"{FOLDER}/teams/{item.name}.yaml": item.file for item in teams}
    if not on_aws:
        result |= {f"{FOLDER}/sites/{site}.yaml": _site(site, found) for site in SITES}
    return result | {f"environments/models/{item.name}/{VERSION}.yaml": item.document() for item in SAMPLES}


def _on_aws(found: Sequence[Pool], teams: Sequence[Team], random: Random) -> dict[str, Json]:
    access = [*ON_AWS["cluster"]["access"], *(_access(item) for item in teams)]
    return {
        **ON_AWS,
        "cluster": {**ON_AWS["cluster"], "access": access},
        "nodePools": aws_entries(found, random),
        "teams": [item.entry for item in teams],
        "stores": [_store(item, random) for item in teams],
    }


def _plant(found: Sequence[Pool], teams: Sequence[Team]) -> dict[str, Json]:
    return {
        **PLANT,
        "nodePools": [inventory_entry(pool) for pool in found],
        "teams": [item.entry for item in teams],
    }


def _site(site: str, found: Sequence[Pool]) -> dict[str, Json]:
    own = {key: value.format(site=site) for key, value in SITE.items()}
    return {"site": site, **own, "nodes": {pool.name: machines(pool, site) for pool in found}}


def _access(item: Team) -> dict[str, Json]:
    return {
        "name": item.name,
        "group": f"Engineers of {item.name}",
        "principal": f"arn:aws:iam::111122223333:role/{item.name}",
        "kubernetesGroups": [f"{item.name}-engineers"],
    }


def _store(item: Team, random: Random) -> dict[str, Json]:
    return {
        "name": f"{item.name}-weights",
        "kind": "s3",
        "content": "weights",
        "oldVersionsDays": random.choice([30, 90, 365]),
        "readers": [item.name],
    }
