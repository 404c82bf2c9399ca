"""Names of policies that an environment and its floor write, and that no policy has."""

from __future__ import annotations

from collections.abc import Collection

from bedplate.environment.floor import FLOOR_FILE
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.model.source import did_you_mean


def unknown_policies(environment: ResolvedEnvironment, known: Collection[str]) -> tuple[str, ...]:
    """What names nothing real: least levels of the floor, then levels and waivers of the environment. It would hide the
    day when it is needed, so each blocks.
    """
    floor = environment.floor.spec.policies if environment.floor else ()
    settings = environment.environment.policies
    named = [(item.policy, f"{FLOOR_FILE}: there is no policy {item.policy!r}") for item in floor]
    named += sorted((item.policy, f"policies.levels: there is no policy {item.policy!r}") for item in settings.levels)
    named += sorted(
        (item.policy, f"policies.waivers: {item.policy} for {item.target!r}: there is no such policy")
        for item in settings.waivers
    )
    return tuple(f"{text}{_hint(name, known)}" for name, text in named if name not in known)


def _hint(name: str, known: Collection[str]) -> str:
    hint = did_you_mean(name, sorted(known))
    return f"; {hint}" if hint else ""
