"""Where an environment keeps what is no resource: by its files, and by what a place without a link can reach."""

from __future__ import annotations

from dataclasses import replace

from bedplate.environment.load import load
from bedplate.environment.residency import Kept, data_kept, logs_kept
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.sections import SiteSpec, StateSpec
from tests.support.environments import ROOT, dev


def plant(**site: str | None) -> ResolvedEnvironment:
    """The shipped airgapped environment at its first site, with another `site`."""
    found = load(ROOT, "airgap.hall-a")
    assert found.site is not None
    return replace(found, site=SiteSpec.model_validate({**found.site.model_dump(), **site}))


def with_state(resolved: ResolvedEnvironment, **state: str) -> ResolvedEnvironment:
    """`resolved` with other places of its state."""
    before = resolved.environment.state.model_dump(by_alias=False)
    changed = resolved.environment.model_copy(update={"state": StateSpec.model_validate({**before, **state})})
    return replace(resolved, environment=changed)


def test_what_a_place_without_a_link_reaches_stands_at_that_place() -> None:
    assert data_kept(plant(region="de")) == (
        Kept("state.backend", "de"),
        Kept("state.secretsProvider", "de"),
        Kept("region (of the site)", "de"),
    )
    assert logs_kept(plant(region="de")) == (Kept("region (of the site)", "de"),)
    assert {item.region for item in data_kept(plant(region=None))} == {None}


def test_a_bucket_and_a_key_of_aws_are_where_their_urls_say() -> None:
    far = with_state(dev(), backend="s3://a?region=eu-west-1", secrets_provider="awskms://alias/a?region=eu-west-2")
    assert data_kept(far) == (Kept("state.backend", "eu-west-1"), Kept("state.secretsProvider", "eu-west-2"))
    silent = with_state(dev(), backend="s3://a", secrets_provider="awskms://alias/a")
    assert {item.region for item in data_kept(silent)} == {None}


def test_a_passphrase_is_kept_nowhere_and_a_disk_is_anywhere() -> None:
    assert data_kept(dev()) == (Kept("state.backend", None),)
    assert logs_kept(dev()) == ()
