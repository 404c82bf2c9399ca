"""Do the pods of each team stay within its quota?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bedplate.capacity.claims import Claims
from bedplate.capacity.placement import Defaults
from bedplate.capacity.resources import Amount, devices, pod_request, total
from bedplate.catalog.mig import mig_resource
from bedplate.graph.derive.expand import PodGroup
from bedplate.graph.values import Json
from bedplate.units.quantity import parse_quantity
from components.tenancy.spec import TeamSpec


@dataclass(frozen=True, slots=True)
class QuotaCheck:
    """Requests of a team's pods, at most replicas, against its quota. All in the units of `Amount`.

    `unknown` says which pods are there in a number that nobody knows; `requested` holds only the fewest of them.
    """

    team: str
    requested: Amount
    allowed: Amount
    unknown: tuple[str, ...] = ()

    @property
    def verdict(self) -> Literal["fits", "exceeds", "unknown"]:
        """What is known to exceed the quota exceeds it, whatever else is unknown."""
        if not self.requested.fits_into(self.allowed):
            return "exceeds"
        return "unknown" if self.unknown else "fits"

    @property
    def fits(self) -> bool:
        """Whether the pods are known to fit."""
        return self.verdict == "fits"

    def to_json(self) -> dict[str, Json]:
        return {
            "team": self.team,
            "requested": self.requested.to_json(),
            "allowed": self.allowed.to_json(),
            "fits": self.fits,
            "unknown": list(self.unknown) if self.verdict == "unknown" else [],
        }


def quota_checks(
    teams: Iterable[TeamSpec],
    pods: Sequence[PodGroup],
    nodes: Mapping[str, int | None],
    defaults: Defaults,
    claims: Claims | None = None,
) -> tuple[QuotaCheck, ...]:
    """One check per team. A DaemonSet has a pod on each of its `nodes`, counted by pool, None where nobody knows.

    Containers without requests get those of the namespace's LimitRange, as the API server does before it counts.
    """
    claims = claims or Claims()
    checks: list[QuotaCheck] = []
    for team in teams:
        requested: list[Amount] = []
        unknown: list[str] = []
        for pod in (pod for pod in pods if pod.namespace == team.namespace):
            most = nodes[pod.node] if pod.node else pod.maximum
            least = 0 if pod.node else pod.minimum or 0
            each = pod_request(pod.spec, defaults.get(pod.namespace)) + claims.of(pod.namespace, pod.spec)
            requested.append(each * (least if most is None else most))
            if most is None:
                unknown.append(f"number of pods of {pod.namespace}/{pod.name}")
            if pod.spec.get("resources"):
                unknown.append(f"resources of {pod.namespace}/{pod.name} as a whole")
            if claims.uncounted(pod.namespace, pod.spec):
                unknown.append(f"claims of {pod.namespace}/{pod.name}")
        allowed = Amount(
            cpu=int(parse_quantity(team.quota.cpu) * 1000),
            memory=int(parse_quantity(team.quota.memory)),
            gpu=team.quota.gpus,
            pods=team.quota.pods,
            devices=devices(
                {mig_resource(profile): count for profile, count in team.quota.mig.items()} | dict(team.quota.devices)
            ),
        )
        checks.append(QuotaCheck(team.name, total(requested), allowed, tuple(sorted(unknown))))
    return tuple(checks)
