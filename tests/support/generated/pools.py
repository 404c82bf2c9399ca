"""Pools of generated environments: every kind in turns, each as large as the models that it was given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, cycle, islice
from random import Random

from bedplate.graph.values import Json
from tests.support.generated.kinds import ZONES, Kind

_MOST_AT_ONCE = 28


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


def for_models(found: Sequence[Pool], random: Random, *, claimed: bool) -> Iterator[Pool]:
    """Pools that models run on, those whose GPUs are claimed or the others, without end, in a random order.

    Each comes as often as a node of it holds replicas, so that pools grow alike, but no more than `_MOST_AT_ONCE`
    times, so that split GPUs do not get almost all.
    """
    usable = [pool for pool in found if pool.kind.claimed is claimed]
    places = [pool for pool in usable for _ in range(min(pool.kind.per_node, _MOST_AT_ONCE))]
    random.shuffle(places)
    return cycle(places)


def aws_entries(found: Sequence[Pool], random: Random) -> list[dict[str, Json]]:
    """The entries of pools on AWS. Pools with GPUs are in one zone each, in turns, so that no subnet is crowded."""
    shift = random.randrange(len(ZONES))
    return [_aws_entry(pool, ZONES[(index + shift) % len(ZONES)], random) for index, pool in enumerate(found)]


def _aws_entry(pool: Pool, zone: str, random: Random) -> dict[str, Json]:
    """A pool that holds its models' replicas at their most; what models do not need is of a random size."""
    kind = pool.kind
    nodes = max(1, -(-pool.used // kind.per_node)) if kind.per_node else random.randint(1, 3)
    entry = {"name": pool.name, **kind.entry}
    if kind.entry["role"] in ("inference", "training"):
        entry["zones"] = [zone]
    if kind.entry["provisioner"] == "karpenter":
        return _kept_by_karpenter(entry, nodes)
    if kind.entry.get("capacity") == "capacityBlock":
        entry["reservation"] = {"id": f"cr-{random.getrandbits(64):016x}", "zone": zone}
    return {**entry, "size": {"min": 1, "desired": nodes, "max": nodes}}


def _kept_by_karpenter(entry: dict[str, Json], nodes: int) -> dict[str, Json]:
    """With as many nodes as models need: started when pods wait, or there from the beginning where GPUs are shared."""
    if "sharing" in entry:
        return {**entry, "replicas": nodes, "limits": {"nodes": nodes + 1}}
    return entry if "limits" in entry else {**entry, "limits": {"gpus": nodes}}


def inventory_entry(pool: Pool) -> dict[str, Json]:
    """The entry of a pool of machines; which ones they are, its sites say."""
    return {"name": pool.name, **pool.kind.entry}


def machines(pool: Pool, site: str) -> list[str]:
    """Names of a pool's machines at `site`: as many as its models need, two at least."""
    per_node = pool.kind.per_node
    count = max(2, -(-pool.used // per_node)) if per_node else 2
    return [f"{site}-{pool.name}-{number}" for number in range(1, count + 1)]
