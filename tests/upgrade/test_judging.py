"""Gates against what a cluster says: open, closed, and unknown where it says nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bedplate.catalog import catalog
from bedplate.environment.gates import Observed
from bedplate.upgrade.gates import present_gates
from bedplate.upgrade.judging import POOL_LABEL, Sight, judged
from bedplate.upgrade.steps import Gate
from components import base
from tests.upgrade.repositories import plan, resolved, small, take

NODES = Gate("nodes", "l4", "2 nodes of l4 are Ready", version="1.35", least=2)
CONTROL_PLANE = Gate("controlPlane", "", "the API server runs Kubernetes 1.35", version="1.35")
HEALTH = Gate("health", "minimumGpus", "no fewer GPUs than are asked for", least=4)
NOTHING = Observed(nodes=None, daemon_sets=None)


def node(name: str, *, pool: str = "l4", ready: str = "True", version: str = "v1.35.4", cordoned: bool = False) -> Any:
    gpus = {"nvidia.com/gpu": "4"} if pool == "l4" else {}
    return {
        "metadata": {"name": name, "labels": {POOL_LABEL: pool}},
        "spec": {"unschedulable": True} if cordoned else {},
        "status": {
            "conditions": [{"type": "Ready", "status": ready}],
            "nodeInfo": {"kubeletVersion": version},
            "capacity": gpus,
            "allocatable": gpus,
        },
    }


def verdict(gate: Gate, *, version: str | None = "v1.35.4", nodes: Any = (), health: Observed = NOTHING) -> Any:
    (result,) = judged([gate], Sight(version=version, nodes=nodes, health=health))
    return result.verdict, result.reasons


def test_the_label_of_pools_is_the_one_that_components_write() -> None:
    assert POOL_LABEL == base.POOL_LABEL


def test_enough_ready_nodes_of_the_version_open_the_gate() -> None:
    assert verdict(NODES, nodes=[node("a"), node("b"), node("c", pool="other", ready="False")]) == ("open", ())


def test_nodes_that_are_missing_cordoned_or_old_close_it() -> None:
    assert verdict(NODES, nodes=[node("a")]) == ("closed", ("1 of 2 nodes are Ready",))
    assert verdict(NODES, nodes=[node("a"), node("b", ready="Unknown")])[0] == "closed"
    assert verdict(NODES, nodes=[node("a"), node("b", cordoned=True)])[0] == "closed"
    old = [node("a"), node("b"), node("c", version="v1.34.9")]
    assert verdict(NODES, nodes=old) == ("closed", ("c runs v1.34.9",))


def test_the_control_plane_is_held_against_its_minor() -> None:
    assert verdict(CONTROL_PLANE)[0] == "open"
    assert verdict(CONTROL_PLANE, version="v1.34.9-eks-1") == ("closed", ("it runs v1.34.9-eks-1",))


def test_what_could_not_be_read_is_unknown_and_never_open() -> None:
    assert verdict(CONTROL_PLANE, version=None)[0] == "unknown"
    assert verdict(NODES, nodes=None)[0] == "unknown"
    assert verdict(HEALTH)[0] == "unknown"


def test_health_gates_are_judged_as_the_gpu_baseline_does() -> None:
    seen = Observed(nodes=[node("a")], daemon_sets=[])
    assert verdict(HEALTH, health=seen)[0] == "open"


def test_gates_of_a_step_are_among_those_that_hold_where_the_files_then_stand(tmp_path: Path) -> None:
    root = small(tmp_path)
    steps = plan(root).steps
    assert [step for step in steps if step.gates]
    for step in steps:
        take(root, step.edits)
        assert set(step.gates) <= set(present_gates(resolved(root), catalog.load())), step.id
