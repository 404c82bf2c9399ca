"""Steps that replace drivers say which nodes lose their pods, and stop where too few GPUs would be left."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedplate.catalog import catalog
from bedplate.environment.load import load
from bedplate.upgrade.plan import plan_upgrade
from bedplate.upgrade.steps import GpuCapacity, Step, UpgradePlan
from tests.environment.test_driver import BASE, SYSTEM
from tests.support.environments import TODAY, repository
from tests.upgrade.repositories import NEW, OLD, step


def plan(folder: Path, more: str = "", **changes: str) -> UpgradePlan:
    """The way of a plant with nodes without a driver, from the older baseline to the newer one."""
    text = BASE.replace("SYSTEM", SYSTEM).replace('version: "1.35"', 'version: "1.34"')
    text = text.replace("extends: [_gpu]", f'extends: [_gpu]\nbaseline: "{OLD}"')
    for old, new in changes.items():
        text = text.replace(old, new)
    root = repository(folder)
    (root / "environments/plant.yaml").write_text(text + more, encoding="utf-8")
    return plan_upgrade(load(root, "plant"), catalog.load(), NEW, TODAY)


def operator(made: UpgradePlan) -> Step:
    return step(made, "part-gpuOperator")


def test_a_new_operator_replaces_the_drivers_that_it_installs_node_by_node(tmp_path: Path) -> None:
    found = operator(plan(tmp_path, "gpuBaseline: {health: {minimumGpus: 8}}\n"))
    assert found.kind == "safe"
    assert found.capacity == GpuCapacity(now=12, lowest=8, minimum=8)
    assert found.notes == ("drivers of bare are replaced on 1 of 1 nodes at a time: pods with GPUs leave a node first",)


@pytest.mark.parametrize(
    ("at_once", "minimum", "blocked"),
    [
        (1, 16, ()),
        (
            2,
            16,
            (
                "12 GPUs would be left while drivers are replaced, below the minimum of 16: lower "
                "gpuOperator.nodesAtOnce, or add nodes",
            ),
        ),
    ],
)
def test_fewer_gpus_than_the_declared_minimum_block_the_step(
    at_once: int, minimum: int, blocked: tuple[str, ...], tmp_path: Path
) -> None:
    more = f"gpuOperator: {{nodesAtOnce: {at_once}}}\ngpuBaseline: {{health: {{minimumGpus: {minimum}}}}}\n"
    found = operator(plan(tmp_path, more, **{"[bare-1]": "[bare-1, bare-2, bare-3]"}))
    assert found.capacity == GpuCapacity(now=20, lowest=20 - 4 * at_once, minimum=minimum)
    assert found.blocked == blocked


def test_without_a_minimum_of_the_environments_own_people_are_asked_first(tmp_path: Path) -> None:
    found = operator(plan(tmp_path))
    assert found.kind == "manual"
    assert found.capacity == GpuCapacity(now=12, lowest=8, minimum=12)
    assert found.by_hand == (
        "make sure that 8 of 12 GPUs are enough while drivers are replaced; gpuBaseline.health.minimumGpus says it "
        "once and for all",
    )


def test_models_whose_pods_leave_are_named(tmp_path: Path) -> None:
    more = "models:\n  - {name: chat, release: qwen3-0.6b@1.0.0, team: q, pool: bare}\n"
    assert operator(plan(tmp_path, more)).notes[0].endswith("leave a node first, those of chat among them")


def test_device_plugins_of_nodes_that_are_there_count_like_others(tmp_path: Path) -> None:
    """Nodes with the operator's driver have a DaemonSet of their own: one node of each kind at a time."""
    found = step(plan(tmp_path, "gpuBaseline: {health: {minimumGpus: 4}}\n"), "part-devicePlugin")
    assert found.capacity == GpuCapacity(now=12, lowest=0, minimum=4)
    assert found.kind == "blocked"


def test_other_parts_cost_no_gpus(tmp_path: Path) -> None:
    assert step(plan(tmp_path), "part-dcgmExporter").capacity is None


def test_an_operator_that_nobody_needs_has_no_step(tmp_path: Path) -> None:
    made = plan(tmp_path, **{"driver: none, os: " + SYSTEM: "driver: 580.159.03", "name: gpu-operator": "name: keda"})
    assert "part-gpuOperator" not in {item.id for item in made.steps}
