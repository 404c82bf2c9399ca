"""A provider that stands for another writer is told from every provider of a cluster."""

from __future__ import annotations

import pytest

from bedplate.units.writer import stand_in, writer_behind, writer_of

KUBERNETES = "pulumi:providers:kubernetes"


def test_a_stand_in_is_known_again_by_type_and_name_by_urn_and_by_reference() -> None:
    name = stand_in("argocd")
    urn = f"urn:pulumi:dev.models::bedplate::{KUBERNETES}::{name}"
    assert writer_of(KUBERNETES, name) == "argocd"
    assert writer_behind(urn) == "argocd"
    assert writer_behind(f"{urn}::04da6b54-80e4-46f7-96ec-b56ff0331ba9") == "argocd"


@pytest.mark.parametrize("name", ["argocd", "flux", "writer", "bedplate-prod"])
def test_a_cluster_that_is_called_like_a_writer_has_a_provider_of_its_own(name: str) -> None:
    assert writer_of(KUBERNETES, name) == ""
    assert writer_behind(f"urn:pulumi:dev::bedplate::{KUBERNETES}::{name}::id") == ""


def test_no_provider_and_providers_of_other_clouds_stand_for_nobody() -> None:
    assert writer_behind("") == ""
    assert writer_of("pulumi:providers:aws", stand_in("flux")) == ""
