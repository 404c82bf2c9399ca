"""The same environment gives the same bytes: on whatever machine, in whatever order its maps are written."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from bedplate.cli.pipeline import judged
from bedplate.environment.load import load
from bedplate.graph.values import Json, canonical
from tests.support.environments import PLATFORM, ROOT, TODAY, dev_review, read, repository, write

# What decides how a process starts.
MACHINE = {
    "PYTHONHASHSEED": "4242",
    "LANG": "C",
    "LC_ALL": "C",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
    "TZ": "Pacific/Kiritimati",
}
# What the SDKs of clouds and tools look at while they run.
SETTINGS = {
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_PROFILE": "somebody",
    "AWS_REGION": "eu-west-1",
    "KUBECONFIG": "/nowhere/config",
    "PULUMI_CONFIG": '{"aws:region": "eu-west-1"}',
    "PULUMI_K8S_DELETE_UNREACHABLE": "true",
    "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY": "false",
    "PULUMI_K8S_SUPPRESS_HELM_HOOK_WARNINGS": "true",
}


@pytest.fixture(scope="module")
def here() -> bytes:
    """The review of `dev`, made by this process."""
    return canonical(dev_review().to_json())


def test_the_review_depends_neither_on_the_machine_nor_on_where_repository_and_process_stand(
    here: bytes, tmp_path: Path
) -> None:
    root, folder = repository(tmp_path), tmp_path / "elsewhere"
    folder.mkdir()
    argv = [sys.executable, "-W", "ignore", "-m", "tests.laws.render", str(root), "dev", TODAY.isoformat()]
    environment = {**os.environ, **MACHINE, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(argv, cwd=folder, env=environment, capture_output=True, check=True)
    assert done.stdout == here


def test_the_review_does_not_depend_on_settings_of_clouds_and_tools(
    here: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    assert canonical(judged(load(PLATFORM, "dev"), TODAY).to_json()) == here


def shuffled(value: Json, order: random.Random) -> Json:
    """`value` with the keys of every map in another order."""
    if isinstance(value, Mapping):
        items = list(value.items())
        order.shuffle(items)
        return {key: shuffled(item, order) for key, item in items}
    return [shuffled(item, order) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("seed", range(2))
def test_the_review_does_not_depend_on_the_order_of_keys(seed: int, here: bytes, tmp_path: Path) -> None:
    root, order = repository(tmp_path), random.Random(seed)
    files = [*(root / "environments").glob("*.yaml"), *(root / "environments/models").glob("*/*.yaml")]
    for file in sorted(files):
        relative = file.relative_to(root).as_posix()
        write(root, relative, shuffled(read(root, relative), order))
    assert canonical(judged(load(root, "dev"), TODAY).to_json()) == here


def test_judging_twice_in_one_process_gives_the_same_bytes(here: bytes) -> None:
    assert canonical(judged(load(PLATFORM, "dev"), TODAY).to_json()) == here
