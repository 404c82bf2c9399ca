"""Claims of devices are counted where a number says all of them, and named where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedplate.capacity.claims import Claims
from bedplate.capacity.packing import Fit
from bedplate.graph.values import Json
from tests.capacity.test_proof import proved

TWO: dict[str, Json] = {"deviceClassName": "gpu.nvidia.com", "count": 2}
GPU: Json = {"name": "gpus", "exactly": TWO}
POD = {"resourceClaims": [{"name": "gpus", "resourceClaimTemplateName": "two"}]}

CLAIMED = {
    "nodePools[l4].instanceTypes": ["g6.12xlarge"],
    "nodePools[l4].sharing": None,
    "nodePools[l4].devicePath": "dra",
    "teams[research].quota": {"gpus": 0, "devices": {"gpu.nvidia.com": 4}, "cpu": "40", "memory": "100Gi"},
}
SPLIT = {
    "nodePools[l4].instanceTypes": ["p5.48xlarge"],
    "nodePools[l4].sharing": {"mig": {"layout": {"1g.10gb": 2, "3g.40gb": 1}, "strategy": "mixed"}},
    "nodePools[l4].devicePath": "dra",
    "models[chat].migProfile": "3g.40gb",
    "models[embeddings].migProfile": "1g.10gb",
    "teams[research].quota": {
        "gpus": 0,
        "devices": {"mig-1g.10gb.bedplate.dev": 1, "mig-3g.40gb.bedplate.dev": 9},
        "cpu": "90",
        "memory": "500Gi",
    },
}


def claims(*requests: Json, **more: Json) -> Claims:
    """The template `two` of the namespace `lab`."""
    return Claims({("lab", "two"): {"requests": list(requests), **more}})


def test_a_claim_of_two_gpus_counts_two_of_their_class() -> None:
    made = claims(GPU)
    assert made.of("lab", POD).devices == (("gpu.nvidia.com", 2),)
    assert made.uncounted("lab", POD) == ()


def test_a_pod_without_claims_asks_for_nothing() -> None:
    assert (claims(GPU).of("lab", {}).devices, claims(GPU).uncounted("lab", {})) == ((), ())


@pytest.mark.parametrize(
    ("made", "pod", "doubt"),
    [
        (claims(GPU), {"resourceClaims": [{"name": "gpus", "resourceClaimName": "common"}]}, "it may be shared"),
        (Claims(), POD, "there is no template two"),
        (claims(GPU, constraints=[{"matchAttribute": "numa"}]), POD, "its template has constraints"),
        (claims({"name": "x", "firstAvailable": []}), POD, "it has alternatives"),
        (
            claims({"name": "x", "exactly": {**TWO, "allocationMode": "All"}}),
            POD,
            "it asks for all devices",
        ),
        (
            claims({"name": "x", "exactly": {**TWO, "selectors": [{"cel": {}}], "adminAccess": True}}),
            POD,
            "it asks for adminAccess, selectors",
        ),
        (
            claims({"name": "x", "exactly": {"deviceClassName": "mig.nvidia.com"}}),
            POD,
            "the device class mig.nvidia.com is not Bedplate's",
        ),
    ],
)
def test_what_a_number_does_not_say_is_named_and_counts_nothing(made: Claims, pod: Json, doubt: str) -> None:
    assert made.uncounted("lab", pod) == (f"the resource claim gpus is not part of the proof: {doubt}",)
    assert made.of("lab", pod).devices == ()


@pytest.mark.parametrize(("replicas", "fit"), [(3, Fit.ANY_ORDER), (4, Fit.CANNOT)])
def test_a_node_takes_as_many_claims_as_it_has_gpus(replicas: int, fit: Fit, tmp_path: Path) -> None:
    report = proved(tmp_path, **CLAIMED, **{"models[chat].scale": {"min": replicas, "max": replicas}})
    assert report.packing.fit is fit
    (quota,) = report.quotas
    assert quota.requested.devices == (("gpu.nvidia.com", replicas + 1),)
    assert quota.fits is (replicas < 4)


@pytest.mark.parametrize(("replicas", "fit"), [(8, Fit.ANY_ORDER), (9, Fit.CANNOT)])
def test_claims_of_instances_are_counted_by_profile(replicas: int, fit: Fit, tmp_path: Path) -> None:
    report = proved(tmp_path, **SPLIT, **{"models[chat].scale": {"min": replicas, "max": replicas}})
    assert report.packing.fit is fit
    assert [proof.gpu for proof in report.memory] == ["H100 MIG 3g.40gb", "H100 MIG 1g.10gb"]
