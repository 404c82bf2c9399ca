"""Where an environment keeps what is no resource of its own: its state, the key of that, and the machines of a site."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from bedplate.environment.resolve import ResolvedEnvironment
from components.bootstrap.location import state_key, state_location


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that is kept: where the files say so, and its region; None where nobody states it."""

    path: str
    region: str | None


def data_kept(resolved: ResolvedEnvironment) -> tuple[Kept, ...]:
    """State, its key, and the site's machines. A passphrase is no key that is kept anywhere."""
    state = resolved.environment.state
    kept = [Kept("state.backend", _backend(resolved))]
    if state.secrets_provider != "passphrase":
        kept.append(Kept("state.secretsProvider", _key(resolved)))
    return (*kept, *logs_kept(resolved))


def logs_kept(resolved: ResolvedEnvironment) -> tuple[Kept, ...]:
    """The site's machines, where there is no cloud: logs stay on them."""
    if resolved.environment.aws is not None:
        return ()
    return (Kept("region (of the site)", site_region(resolved)),)


def site_region(resolved: ResolvedEnvironment) -> str | None:
    """The region that the site's file states."""
    return resolved.site.region if resolved.site else None


def _backend(resolved: ResolvedEnvironment) -> str | None:
    """The region of the bucket. A store with an endpoint of its own is none of AWS, whatever its URL calls region."""
    url = resolved.environment.state.backend
    location = state_location(url)
    if location is not None and not parse_qs(urlsplit(url).query).get("endpoint"):
        return location.region or None
    return _without_link(resolved)


def _key(resolved: ResolvedEnvironment) -> str | None:
    key = state_key(resolved.environment.state.secrets_provider)
    return (key.region or None) if key is not None else _without_link(resolved)


def _without_link(resolved: ResolvedEnvironment) -> str | None:
    """What a place without any link to the outside reaches stands at that place."""
    return site_region(resolved) if resolved.environment.connectivity == "airgapped" else None
