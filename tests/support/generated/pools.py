"""Pools of generated environments: every kind in turns, each as large as the models that it was given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, cycle, islice
from random import Random

from bedplate.graph.values import Json
from tests.support.generated.kinds import ZONES, Kind


@dataclass(slots=True)
class Pool:
    """A pool that is being filled: `used` counts replicas of models that were given to it."""

    kind: Kind
    number: int
    used: int = 0

    @property
    def name(self) -> str:
        return f"{self.kind.name}-{self.number:02}" if self.number else self.kind.name


def pools(once: Sequence[Kind], often: Sequence[Kind], count: int) -> list[Pool]:
    """`count` pools: one of each kind in `once`, then those in `often` in turns."""
    kinds = islice(chain(once, cycle(often)), count)
    seen: dict[str, int] = {}
    found = []
    for kind in kinds:
        found.append(Pool(kind, seen.get(kind.name, 0)))
        seen[kind.name] = seen.get(kind.name, 0) + 1
    return found


def for_models(found: Sequence[Pool], random: Random) -> Iterator[Pool]:
    """Pools that models run on, without end, each as often as a node of it holds replicas, in a random order."""
    places = [pool for pool in found if pool.kind.sample is not None for _ in range(pool.kind.per_node)]
    random.shuffle(places)
    return cycle(places)


def managed_entry(pool: Pool, random: Random) -> dict[str, Json]:
    """The entry of a managed node group that holds its models' replicas at their most, in one zone or two."""
    kind = pool.kind
    nodes = max(1, -(-pool.used // kind.per_node)) if kind.per_node else random.randint(1, 3)
    entry = {"name": pool.name, **kind.entry, "size": {"min": 1, "desired": nodes, "max": nodes}}
    zones = sorted(random.sample(ZONES, random.choice([1, 1, 2])))
    if kind.entry.get("capacity") == "capacityBlock":
        return {**entry, "reservation": {"id": f"cr-{random.getrandbits(64):016x}", "zone": zones[0]}}
    return {**entry, "zones": zones[:1] if "placement" in kind.entry else zones}


def inventory_entry(pool: Pool) -> dict[str, Json]:
    """The entry of a pool of machines; which ones they are, its sites say."""
    return {"name": pool.name, **pool.kind.entry}


def machines(pool: Pool, site: str) -> list[str]:
    """Names of a pool's machines at `site`: as many as its models need, two at least."""
    per_node = pool.kind.per_node
    count = max(2, -(-pool.used // per_node)) if per_node else 2
    return [f"{site}-{pool.name}-{number}" for number in range(1, count + 1)]
