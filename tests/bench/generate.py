"""Larger environments out of `dev`: ``python -m tests.bench.generate FOLDER TIMES`` writes one and prints its size.

Teams, stores, models and the pools that models run on are repeated, with references that fit; a seed decides what may
differ between copies. There are at most `MOST_POOLS` pools for models: above, copies share them, and each pool has as
many nodes as its models need. The result goes through the same front door as any environment.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from random import Random

from bedplate.cli.pipeline import derived, recorded
from bedplate.environment.load import load
from bedplate.graph.values import Json
from tests.support.environments import repository, whole, write

NAME = "dev"
# Pools for models that one environment has at most.
MOST_POOLS = 60
_CAPACITIES = ("onDemand", "spot")
_EXPOSURES = ("cluster", "gateway")


def enlarged(document: Mapping[str, Json], times: int, *, seed: int = 0) -> dict[str, Json]:
    """`document`, a whole environment, with `times` copies of its teams, stores, models and the models' pools.

    Equal arguments give equal documents. The budget grows along, so that what was allowed stays so.
    """
    random = Random(seed)
    used = {model["pool"] for model in document["models"]}
    stores = {store["name"] for store in document["stores"]}
    result = {**document, "nodePools": [pool for pool in document["nodePools"] if pool["name"] not in used]}
    result.update(teams=[], stores=[], models=[])
    for copy in range(min(times, MOST_POOLS)):
        for pool in document["nodePools"]:
            if pool["name"] in used:
                result["nodePools"].append(_pool(pool, copy, times, random))
    for copy in range(times):
        for team in document["teams"]:
            namespace = f"{team['namespace']}-{copy}"
            result["teams"].append({**team, "name": f"{team['name']}-{copy}", "namespace": namespace})
        for store in document["stores"]:
            readers = [f"{reader}-{copy}" for reader in store["readers"]]
            result["stores"].append({**store, "name": f"{store['name']}-{copy}", "readers": readers})
        for model in document["models"]:
            result["models"].append(_model(model, copy, stores, random))
    budget = Decimal(document["cost"]["monthlyBudget"]) * times
    result["cost"] = {**document["cost"], "monthlyBudget": str(budget)}
    return result


def _pool(pool: Mapping[str, Json], copy: int, times: int, random: Random) -> dict[str, Json]:
    """One copy of `pool`, with the nodes of as many copies of the models as it carries."""
    carried = len(range(copy, times, MOST_POOLS))
    size = dict.fromkeys(pool["size"], carried)
    return {**pool, "name": f"{pool['name']}-{copy}", "capacity": random.choice(_CAPACITIES), "size": size}


def _model(model: Mapping[str, Json], copy: int, stores: set[str], random: Random) -> dict[str, Json]:
    """One copy of `model`: everything that it points at is the copy's own, but for pools, which copies may share."""
    renamed = {key: f"{model[key]}-{copy}" for key in ("name", "team")}
    renamed["pool"] = f"{model['pool']}-{copy % MOST_POOLS}"
    if model.get("weights") in stores:
        renamed["weights"] = f"{model['weights']}-{copy}"
    return {**model, **renamed, "exposure": random.choice(_EXPOSURES)}


def main(folder: str, times: str) -> None:
    """Write the environment below `folder`; print how many resources it registers, and how many with derived ones."""
    root = repository(Path(folder))
    write(root, f"environments/{NAME}.yaml", enlarged(whole(root, NAME), int(times)))
    resolved = load(root, NAME)
    print(json.dumps({"registered": len(recorded(resolved)), "all": len(derived(resolved))}))


if __name__ == "__main__":
    main(*sys.argv[1:])
