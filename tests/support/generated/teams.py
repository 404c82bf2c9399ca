"""Teams of generated environments: what the platform team's file says of them, and their own files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from bedplate.graph.values import Json
from tests.support.generated.pools import Pool

_TOPICS = ("chat", "search", "vision", "speech", "code", "risk", "quality", "support")


@dataclass(frozen=True, slots=True)
class _Service:
    """One of the four model services of a team, and what tells it from the others."""

    name: str
    exposure: str
    least: int
    most: int
    from_store: bool
    claims: bool = False
    """Whether it runs where GPUs are claimed."""


SERVICES = (
    _Service("answers", "gateway", 1, 1, from_store=False),
    _Service("drafts", "cluster", 1, 1, from_store=True),
    _Service("ranking", "gateway", 1, 2, from_store=True),
    _Service("batch", "cluster", 2, 2, from_store=False, claims=True),
)


@dataclass(frozen=True, slots=True)
class Team:
    """A team with its entry in the environment's file and the file of its own."""

    name: str
    entry: Mapping[str, Json]
    file: Mapping[str, Json]


def team(number: int, pools: Sequence[Pool], *, stores: bool, random: Random) -> Team:
    """Team `number`, whose model services run on `pools`, one each; `stores` where there is an account for them."""
    name = f"{_TOPICS[number % len(_TOPICS)]}-{number:03}"
    models = [_model(name, service, pool, stores=stores) for service, pool in zip(SERVICES, pools, strict=True)]
    members = [{"group": f"{name}-engineers", "role": random.choice(["edit", "view"])}]
    entry = {
        "name": name,
        "namespace": name,
        "costCentre": f"cc-{random.randint(1000, 9999)}",
        "owners": [f"@example/{name}"],
        "quota": _quota(pools, random),
    }
    return Team(name, entry, {"team": name, "members": members, "models": models})


def _model(team: str, service: _Service, pool: Pool, *, stores: bool) -> dict[str, Json]:
    assert pool.kind.sample is not None
    pool.used += service.most
    model: dict[str, Json] = {
        "name": f"{team}-{service.name}",
        "release": pool.kind.sample.reference,
        "pool": pool.name,
        "exposure": service.exposure,
        "scale": {"min": service.least, "max": service.most},
        "consumers": [{"namespace": "notebooks"}],
    }
    if pool.kind.profile:
        model["migProfile"] = pool.kind.profile
    return {**model, "weights": f"{team}-weights"} if stores and service.from_store else model


def _quota(pools: Sequence[Pool], random: Random) -> dict[str, Json]:
    """What the team's pods ask for at most, and a little more."""
    asked: dict[str, dict[str, int]] = {"gpus": {}, "mig": {}, "devices": {}}
    cpu = memory = 0
    for pool, service in zip(pools, SERVICES, strict=True):
        kind, sample = pool.kind, pool.kind.sample
        assert sample is not None
        cpu += sample.cpu * service.most
        memory += sample.memory_gib * service.most
        place, name = ("mig", kind.profile) if kind.profile else ("gpus", "")
        place, name = ("devices", kind.device_class) if kind.claimed else (place, name)
        asked[place][name] = asked[place].get(name, 0) + sample.gpus * service.most
    return {
        "gpus": sum(asked["gpus"].values()) + random.randint(0, 2),
        "mig": asked["mig"],
        "devices": asked["devices"],
        "cpu": str(cpu + random.randint(4, 16)),
        "memory": f"{memory + random.randint(16, 64)}Gi",
        "pods": random.randint(20, 60),
    }
