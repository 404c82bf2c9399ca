"""Cross-checks of models on GPUs that MIG splits; whole messages are in tests/invalid."""

from __future__ import annotations

from pathlib import Path

from bedplate.graph.values import Json
from tests.environment.test_checks import DEV, RELEASE, refusal

H100 = ("nodePools[l4].instanceTypes", ["p5.48xlarge"])


def refused(folder: Path, mig: Json, *more: tuple[str, str, Json]) -> str:
    """What is said of `dev` on H100 GPUs that are split as `mig` says."""
    return refusal(folder, *H100, (DEV, "nodePools[l4].sharing", {"mig": mig}), *more)


def test_models_of_one_gpu_run_on_instances(tmp_path: Path) -> None:
    assert refused(tmp_path, {"profile": "1g.10gb"}) == ""


def test_a_model_of_several_gpus_is_told_that_instances_exchange_no_data(tmp_path: Path) -> None:
    words = refused(tmp_path, {"profile": "3g.40gb"}, (RELEASE, "resources.gpus", 2))
    assert words.endswith(
        "models[0].pool: qwen3-0.6b@1.0.0 needs 2 GPUs, and pool 'l4' splits them with MIG\n"
        "  hint: MIG instances exchange no data: use a pool of whole GPUs"
    )


def test_a_split_that_cannot_be_made_is_said_once_and_not_again_at_every_model(tmp_path: Path) -> None:
    words = refused(tmp_path, {"profile": "1g.18gb"})
    assert words.count("nodePools[1].sharing.mig.profile") == 1
    assert "models[" not in words
