"""Cross-checks that go over all lists and names of an environment; whole messages are in tests/invalid."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedplate.environment.load import load
from bedplate.graph.values import Json
from bedplate.model.source import InputError
from tests.support.environments import read, replaced, repository, write

DEV = "environments/dev.yaml"


RELEASE = "environments/models/qwen3-0.6b/1.0.0.yaml"


def refusal(folder: Path, path: str, value: Json, *more: tuple[str, str, Json]) -> str:
    """What is said of `dev` with another value at `path`, and at `more` (file, path, value); empty for nothing."""
    root = repository(folder)
    for file, inner, other in ((DEV, path, value), *more):
        write(root, file, replaced(read(root, file), inner, other))
    try:
        load(root, "dev")
    except InputError as error:
        return str(error)
    return ""


REPEATED: dict[str, tuple[str, Json, str]] = {
    "a range": ("cluster.endpoint.publicCidrs", ["203.0.113.0/24"] * 2, "[1]: '203.0.113.0/24' is listed twice"),
    "a log": ("cluster.logs", ["audit", "api", "audit"], "[2]: 'audit' is listed twice"),
    "a metric": ("gpuBaseline.metrics", ["DCGM_FI_DEV_FB_USED"] * 2, "[1]: 'DCGM_FI_DEV_FB_USED' is listed twice"),
    "an instance type": ("nodePools[l4].instanceTypes", ["g6.2xlarge"] * 2, "[1]: 'g6.2xlarge' is listed twice"),
    "a member": (
        "teams[research].members",
        [{"group": "g", "role": "edit"}] * 2,
        "[1]: the same entry is listed twice",
    ),
    "a reader": ("stores[weights].readers", ["research"] * 2, "[1]: 'research' is listed twice"),
    "a port": ("guardrails.egress[model-hub].ports", [443, 443], "[1]: 443 is listed twice"),
}


@pytest.mark.parametrize("what", REPEATED)
def test_nothing_is_listed_twice(what: str, tmp_path: Path) -> None:
    path, value, words = REPEATED[what]
    assert words in refusal(tmp_path, path, value)
    assert "hint: remove one of the two" in refusal(tmp_path / "again", path, value)


def test_one_group_may_have_two_roles(tmp_path: Path) -> None:
    members = [{"group": "g", "role": "edit"}, {"group": "g", "role": "view"}]
    assert refusal(tmp_path, "teams[research].members", members) == ""


def test_what_another_check_says_better_is_said_once(tmp_path: Path) -> None:
    words = refusal(tmp_path, "cloud.zones", ["us-east-1a", "us-east-1a"])
    assert "cloud.zones[1]: zone 'us-east-1a' is listed twice" in words
    assert words.count("is listed twice") == 1


def test_the_longest_name_of_a_model_leaves_room_for_what_kserve_adds(tmp_path: Path) -> None:
    assert refusal(tmp_path / "fits", "models[chat].name", "c" * 48) == ""
    words = refusal(tmp_path / "long", "models[chat].name", "c" * 49)
    assert "models[0].name" in words
    assert "has 49 characters; 1 to 48 are allowed (KServe" in words


def test_the_name_of_a_model_begins_with_a_letter(tmp_path: Path) -> None:
    assert "models[0].name: '7b-chat' is not made of" in refusal(tmp_path, "models[chat].name", "7b-chat")


@pytest.mark.parametrize(("gpus", "words"), [(3, "resources.gpus: 3 GPUs cannot share the 16 heads of"), (4, "")])
def test_gpus_of_a_replica_share_the_heads_of_the_model_evenly(gpus: int, words: str, tmp_path: Path) -> None:
    pool = {"instanceTypes": ["g6.12xlarge"], "sharing": None}
    both = [(DEV, f"nodePools[l4].{key}", value) for key, value in pool.items()]
    said = refusal(tmp_path, "description", "Four GPUs in one node.", (RELEASE, "resources.gpus", gpus), *both)
    assert words in said
    assert bool(said) == bool(words)
