"""Which splits of a GPU stand, and what a split offers."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bedplate.catalog.catalog import load
from bedplate.catalog.mig import Partition, layout_fits

H100 = load().mig_profiles_of("H100")


@pytest.mark.parametrize(
    "layout",
    [
        {"1g.10gb": 7},
        {"1g.20gb": 4},
        {"2g.20gb": 3, "1g.10gb": 1},
        {"1g.10gb": 2, "2g.20gb": 1, "3g.40gb": 1},
        {"4g.40gb": 1, "3g.40gb": 1},
        {"4g.40gb": 1, "2g.20gb": 1, "1g.10gb": 1},
        {"3g.40gb": 1, "1g.10gb": 4},
        {"7g.80gb": 1},
    ],
    ids=str,
)
def test_a_layout_that_nvidia_documents_fits(layout: Mapping[str, int]) -> None:
    assert layout_fits(H100, layout)


@pytest.mark.parametrize(
    "layout",
    [
        {"1g.10gb": 8},
        {"3g.40gb": 2, "1g.10gb": 1},
        {"4g.40gb": 2},
        {"7g.80gb": 1, "1g.10gb": 1},
        {"1g.20gb": 4, "1g.10gb": 1},
    ],
    ids=str,
)
def test_a_layout_with_more_than_the_slices_in_their_places_does_not(layout: Mapping[str, int]) -> None:
    assert not layout_fits(H100, layout)


def test_places_decide_and_not_sums_alone() -> None:
    # Four instances of two slices each are no more than the GPU's eight; there are three places to begin at.
    assert layout_fits(H100, {"2g.20gb": 3})
    assert not layout_fits(H100, {"2g.20gb": 4})


def test_with_strategy_single_all_instances_are_one_resource() -> None:
    split = Partition({"1g.10gb": 7}, "single", {"1g.10gb": 9984})
    assert (split.config, split.resources) == ("7x1g.10gb", {"nvidia.com/gpu": 7})


def test_with_strategy_mixed_every_profile_is_a_resource_of_its_own() -> None:
    split = Partition({"3g.40gb": 1, "1g.10gb": 2}, "mixed", {"3g.40gb": 40448, "1g.10gb": 9984})
    assert split.config == "2x1g.10gb_1x3g.40gb"
    assert split.resources == {"nvidia.com/mig-1g.10gb": 2, "nvidia.com/mig-3g.40gb": 1}
