"""The simulated MIG manager splits what the real one would, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.controlplane.mig import MigError, split_gpus

SEVENTHS = {"devices": "all", "mig-enabled": True, "mig-devices": {"1g.10gb": 7}}
MIXED = {"devices": [0], "mig-enabled": True, "mig-devices": {"1g.10gb": 1, "2g.20gb": 1, "4g.40gb": 1}}
WHOLE = {"devices": [1], "mig-enabled": False, "mig-devices": {}}
LAYOUTS = {"sevenths": [SEVENTHS], "half": [MIXED, WHOLE]}


def layout(**devices: int) -> dict[str, Any]:
    """A layout called `asked`; underscores stand for dots, and a leading one is left out."""
    named = {name[1:].replace("_", "."): count for name, count in devices.items()}
    return {"asked": [{"devices": "all", "mig-enabled": True, "mig-devices": named}]}


def test_a_layout_is_for_all_gpus_or_for_those_that_it_names() -> None:
    assert split_gpus(LAYOUTS, "sevenths", "H100", 2) == ({"1g.10gb": 7}, {"1g.10gb": 7})
    assert split_gpus(LAYOUTS, "half", "H100", 3) == ({"1g.10gb": 1, "2g.20gb": 1, "4g.40gb": 1}, None, None)


@pytest.mark.parametrize(
    ("layouts", "model", "message"),
    [
        (LAYOUTS, "H100", "no layout asked; there are: half, sevenths"),
        (layout(_1g_10gb=1), "L4", "a GPU of model L4 has no MIG"),
        (layout(_1g_10gb=8), "H100", "needs 8 slices of compute and 8 of memory of one H100"),
        (layout(_3g_40gb=3), "H100", "needs 9 slices of compute and 12 of memory"),
        (layout(_1g_10gb=7), "A100-40", "needs 7 slices of compute and 14 of memory of one A100-40"),
        (layout(_small=1), "H100", "small is not simulated"),
    ],
)
def test_what_the_gpu_does_not_take_is_refused(layouts: dict[str, Any], model: str, message: str) -> None:
    with pytest.raises(MigError, match=message):
        split_gpus(layouts, "asked", model, 1)
