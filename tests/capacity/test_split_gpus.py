"""Capacity of pools whose GPUs MIG splits: instances are counted, and a model has the memory of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedplate.capacity.packing import Fit
from tests.capacity.test_proof import proved

MIB = 1024**2
H100 = {"nodePools[l4].instanceTypes": ["p5.48xlarge"]}
SEVENTHS = {**H100, "nodePools[l4].sharing": {"mig": {"profile": "1g.10gb"}}}
HALVES = {**H100, "nodePools[l4].sharing": {"mig": {"layout": {"3g.40gb": 2}}}}


def test_a_model_has_the_memory_of_an_instance_and_not_of_the_gpu(tmp_path: Path) -> None:
    chat, embeddings = proved(tmp_path, **SEVENTHS).memory
    assert (chat.gpu, chat.gpu_bytes) == ("H100 MIG 1g.10gb", 9984 * MIB)
    assert embeddings.gpu_bytes == chat.gpu_bytes


@pytest.mark.parametrize(("utilization", "fits"), [(0.9, True), (0.4, False)])
def test_a_model_that_fits_on_the_gpu_may_not_fit_on_its_instance(
    utilization: float, fits: bool, tmp_path: Path
) -> None:
    edits = {**SEVENTHS, "release.runtime.gpuMemoryUtilization": utilization}
    chat = next(proof for proof in proved(tmp_path, **edits).memory if proof.model == "chat")
    assert chat.fits is fits


@pytest.mark.parametrize(("replicas", "fit"), [(16, Fit.ANY_ORDER), (17, Fit.CANNOT)])
def test_a_node_takes_as_many_replicas_as_its_gpus_have_instances(replicas: int, fit: Fit, tmp_path: Path) -> None:
    chat = replicas - 1  # The other is the embedding model's.
    edits = {
        **HALVES,
        "models[chat].scale": {"min": chat, "max": chat},
        "teams[research].quota": {"gpus": 20, "cpu": "90", "memory": "500Gi"},
    }
    assert proved(tmp_path, **edits).packing.fit is fit


MIXED = {
    **H100,
    "nodePools[l4].sharing": {"mig": {"layout": {"1g.10gb": 2, "3g.40gb": 1}, "strategy": "mixed"}},
    "models[chat].migProfile": "3g.40gb",
    "models[embeddings].migProfile": "1g.10gb",
    "teams[research].quota": {"gpus": 0, "mig": {"1g.10gb": 1, "3g.40gb": 9}, "cpu": "90", "memory": "500Gi"},
}


def test_models_on_instances_by_profile_have_the_memory_of_their_own_profile(tmp_path: Path) -> None:
    chat, embeddings = proved(tmp_path, **MIXED).memory
    assert (chat.gpu, embeddings.gpu) == ("H100 MIG 3g.40gb", "H100 MIG 1g.10gb")
    assert chat.gpu_bytes > 4 * embeddings.gpu_bytes


@pytest.mark.parametrize(("replicas", "fit"), [(8, Fit.ANY_ORDER), (9, Fit.CANNOT)])
def test_instances_of_each_profile_are_counted_apart(replicas: int, fit: Fit, tmp_path: Path) -> None:
    report = proved(tmp_path, **MIXED, **{"models[chat].scale": {"min": replicas, "max": replicas}})
    assert report.packing.fit is fit
    if fit is Fit.CANNOT:
        assert "no placement of all pods exists" in report.packing.reason


@pytest.mark.parametrize(("allowed", "fits"), [(1, True), (0, False)])
def test_a_quota_counts_instances_by_profile(allowed: int, fits: bool, tmp_path: Path) -> None:
    quota = {"gpus": 0, "mig": {"1g.10gb": allowed, "3g.40gb": 1}, "cpu": "90", "memory": "500Gi"}
    (check,) = proved(tmp_path, **{**MIXED, "teams[research].quota": quota}).quotas
    assert check.fits is fits
    assert check.requested.devices == (("nvidia.com/mig-1g.10gb", 1), ("nvidia.com/mig-3g.40gb", 1))


def test_instances_have_memory_of_their_own_and_nobody_adds_parts_up(tmp_path: Path) -> None:
    assert proved(tmp_path, **SEVENTHS).shares == ()


def test_agents_of_split_nodes_are_counted_there(tmp_path: Path) -> None:
    report = proved(tmp_path, **SEVENTHS)
    assert [text for text in report.uncounted if "DaemonSet" in text] == []
