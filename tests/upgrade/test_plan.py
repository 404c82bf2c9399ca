"""Plans of upgrades: order, what each step takes, what blocks it, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bedplate.model.source import InputError
from bedplate.upgrade.control_plane import minors_between
from bedplate.upgrade.rolling import at_once as nodes_at_once
from bedplate.upgrade.steps import Canary, GpuCapacity
from tests.components.karpenter.pools import karpenter_pool
from tests.upgrade.repositories import add_pool, big, edit_file, plan, small, step, take

_TRAINING: Mapping[str, Any] = {"provisioner": "managed", "role": "training"}


def _size(nodes: int) -> dict[str, int]:
    return {"min": nodes, "desired": nodes, "max": nodes}


def test_the_control_plane_goes_first_then_the_canary_then_other_pools_then_the_rest(tmp_path: Path) -> None:
    made = plan(big(tmp_path))
    assert [item.id for item in made.steps] == [
        "control-plane-1.35",
        "pool-rocket",
        "pool-system",
        "pool-burst",
        "pool-l4",
        "pool-always",
        "pool-l40s",
        "empty-training",
        "pool-training",
        "part-devicePlugin",
        "part-dcgmExporter",
        "part-envoyGateway",
        "part-certManager",
        "part-karpenter",
        "part-kueue",
        "part-vllm",
        "baseline",
    ]
    assert made.canary == Canary("rocket", declared=False)


def test_the_marked_pool_goes_first(tmp_path: Path) -> None:
    root = small(tmp_path)
    edit_file(root, "    capacity: spot\n", "    capacity: spot\n    update: {canary: true}\n")
    made = plan(root)
    assert made.canary == Canary("l4", declared=True)
    assert made.steps[1].id == "pool-l4"


def test_pools_are_held_where_they_are_while_the_control_plane_moves(tmp_path: Path) -> None:
    first = plan(small(tmp_path)).steps[0]
    assert {edit.where: edit.after for edit in first.edits if edit.path[0] == "nodePools"} == {
        "nodePools[l4].kubernetes": "1.34",
        "nodePools[l4].ami.release": "1.34.9-20260714",
        "nodePools[system].kubernetes": "1.34",
        "nodePools[system].ami.release": "1.34.9-20260714",
    }
    assert first.kind == "safe"
    assert "7 days" in first.point_of_no_return
    assert first.rollback_note.startswith("within 7 days, one minor")


def test_a_version_out_of_standard_support_says_what_the_way_back_needs(tmp_path: Path) -> None:
    first = plan(small(tmp_path), today=date(2026, 12, 24)).steps[0]
    assert "1.34 is in extended support, so set cluster.support: extended first" in first.rollback_note


def test_a_move_that_nobody_stated_is_blocked(tmp_path: Path) -> None:
    root = small(tmp_path)
    edit_file(root, "    capacity: spot\n", "    capacity: spot\n    ami: {release: 1.34.9-20260601}\n")
    pool = step(plan(root), "pool-l4")
    assert pool.kind == "blocked"
    assert pool.transitions[0].source == ""
    assert pool.transitions[0].reason.startswith("nobody has stated what it takes to go from 1.34.9-20260601")


def test_pools_of_karpenter_are_held_and_released_like_others_and_drift(tmp_path: Path) -> None:
    made = plan(big(tmp_path))
    held = {edit.where: edit.after for edit in made.steps[0].edits}
    burst, always = step(made, "pool-burst"), step(made, "pool-always")

    assert held["nodePools[burst].kubernetes"] == held["nodePools[always].kubernetes"] == "1.34"
    assert held["nodePools[burst].ami.release"] == "1.34.9-20260714"
    assert [edit.where for edit in always.edits] == ["nodePools[always].kubernetes", "nodePools[always].ami.release"]
    assert (burst.disruption, burst.capacity) == (None, None)
    assert always.disruption is not None
    assert (always.disruption.nodes, always.disruption.at_once, always.disruption.new_first) == (2, 1, True)
    assert burst.rollback_note == "Karpenter replaces the pool's nodes once more"
    assert burst.notes[0] == (
        "nodes of burst that are there drift: Karpenter starts new ones before they go, as disruption.budgets allow; "
        "wait until no NodeClaim of it is Drifted"
    )


@pytest.mark.parametrize(
    ("budgets", "at_once"),
    [
        ([], 1),
        ([{"nodes": "50%"}], 5),
        ([{"nodes": "50%"}, {"nodes": "2"}], 2),
        ([{"nodes": "4"}, {"nodes": "1", "reasons": ["empty"]}], 4),
        ([{"nodes": "3"}, {"nodes": "0", "schedule": "@daily", "duration": "10h"}], 3),
    ],
)
def test_budgets_that_always_hold_say_how_many_nodes_karpenter_replaces_at_once(
    budgets: list[dict[str, object]], at_once: int
) -> None:
    pool = karpenter_pool(replicas=10, limits={"nodes": 11}, disruption={"budgets": budgets})

    assert nodes_at_once(pool) == at_once


def test_bottlerocket_nodes_move_by_what_their_image_carries(tmp_path: Path) -> None:
    pool = step(plan(big(tmp_path)), "pool-rocket")
    (move,) = pool.transitions
    assert (move.part, move.kind) == ("nodes", "safe")
    assert move.reason == "nodes are replaced; kernel 6.12 and driver 580.159.03 stay"
    assert [edit.where for edit in pool.edits] == ["nodePools[rocket].kubernetes"]


def test_gpus_that_go_before_new_ones_come_are_counted_against_the_minimum(tmp_path: Path) -> None:
    root = big(tmp_path)
    pool = step(plan(root), "pool-l40s")
    assert pool.capacity == GpuCapacity(now=34, lowest=30, minimum=13)
    assert pool.kind == "safe"
    edit_file(root, '"driverMinimum": "580"', '"driverMinimum": "580", "health": {"minimumGpus": 32}')
    pool = step(plan(root), "pool-l40s")
    assert pool.kind == "blocked"
    assert pool.blocked == (
        "30 GPUs would be left while nodes of l40s are replaced, below the minimum of 32: raise size.desired of l40s "
        "by 1 for the time, or set its update.strategy to launchFirst",
    )


def test_a_capacity_block_is_emptied_by_hand_before_its_nodes_move(tmp_path: Path) -> None:
    made = plan(big(tmp_path))
    emptied, moved = step(made, "empty-training"), step(made, "pool-training")
    assert emptied.kind == "manual"
    assert [(edit.where, edit.after) for edit in emptied.edits] == [("nodePools[training].size.desired", 0)]
    assert moved.disruption is None
    assert moved.kind == "safe"


def test_what_somebody_else_installed_is_a_step_for_people(tmp_path: Path) -> None:
    kueue = step(plan(big(tmp_path)), "part-kueue")
    assert kueue.kind == "manual"
    assert kueue.by_hand == ("whoever keeps kueue brings it to 0.19.5 first",)
    assert [edit.where for edit in kueue.edits][-1] == "addons[kueue].version"


def test_overrides_of_the_environment_stay_and_those_that_say_the_same_go(tmp_path: Path) -> None:
    root = small(tmp_path)
    overrides = (
        "baselineOverrides:\n"
        "  - {part: vllm, value: 0.31.5, reason: mends a fault in tool calls}\n"
        "  - {part: certManager, value: 1.21.2, reason: was needed early}\n"
        "ownership"
    )
    edit_file(root, "description: Small", f"{overrides.removesuffix('ownership')}description: Small")
    made = plan(root)
    assert made.kept == ("vllm 0.31.5: mends a fault in tool calls",)
    assert not {"part-vllm", "part-certManager"} & {item.id for item in made.steps}
    for item in made.steps:
        take(root, item.edits)
    text = (root / "environments/dev.yaml").read_text(encoding="utf-8")
    assert "  - {part: vllm, value: 0.31.5, reason: mends a fault in tool calls}\n" in text
    assert "certManager" not in text
    assert plan(root).steps == ()


def test_parts_that_nothing_here_runs_have_no_step(tmp_path: Path) -> None:
    made = plan(small(tmp_path))
    others = ("kueue", "externalSecrets", "prometheusStack", "argoCd")
    assert made.unused == ("migManager", "gpuOperator", "karpenter", *others)


def test_clocks_show_how_long_what_runs_is_supported(tmp_path: Path) -> None:
    clocks = {clock.subject: clock.support for clock in plan(small(tmp_path)).clocks}
    assert clocks["Kubernetes 1.34"].days_left == 11
    assert clocks["images of AL2023"].status == "standard"
    assert clocks["NVIDIA driver 580"].ends == date(2028, 8, 4)


def test_an_environment_that_is_there_has_nothing_to_do(tmp_path: Path) -> None:
    root = small(tmp_path)
    edit_file(root, '"2026.08"', '"2026.11"')
    assert plan(root).steps == ()


@pytest.mark.parametrize(
    ("written", "to", "message"),
    [
        ("2026.08", "2026.12", "'2026.12' is not a baseline of the catalogue\n  allowed: 2026.08, 2026.11"),
        (
            "2026.11",
            "2026.08",
            "dev has baseline 2026.11, which is newer than 2026.08\n"
            "  hint: to take back steps of an upgrade, revert its commits, the last one first",
        ),
    ],
)
def test_a_baseline_that_is_unknown_or_older_is_refused(written: str, to: str, message: str, tmp_path: Path) -> None:
    root = small(tmp_path)
    edit_file(root, '"2026.08"', f'"{written}"')
    with pytest.raises(InputError) as caught:
        plan(root, to)
    assert str(caught.value) == message


def test_an_upgrade_that_is_half_way_is_not_taken_back_as_if_nothing_ran(tmp_path: Path) -> None:
    root = small(tmp_path)
    take(root, plan(root).steps[0].edits)
    with pytest.raises(InputError) as caught:
        plan(root, "2026.08")
    assert str(caught.value) == (
        "dev names Kubernetes 1.35 by an override, and 2026.08 has 1.34: no upgrade takes a control plane back\n"
        "  hint: to take back steps of an upgrade, revert its commits, the last one first"
    )


def test_the_first_pool_with_gpus_says_where_the_minimum_would_not_hold_without_it(tmp_path: Path) -> None:
    root = small(tmp_path)
    note = "should the new nodes offer no GPUs, 0 are left until the step is taken back, below the minimum of 4"
    assert [text.partition(":")[0] for text in step(plan(root), "pool-l4").notes][-1] == note
    edit_file(root, "description: Small", "gpuBaseline: {health: {minimumGpus: 0}}\ndescription: Small")
    assert not any("should the new nodes" in text for text in step(plan(root), "pool-l4").notes)


def test_the_device_plugin_restarts_only_where_a_declared_minimum_holds_meanwhile(tmp_path: Path) -> None:
    root = small(tmp_path)
    plugin = step(plan(root), "part-devicePlugin")
    assert (plugin.capacity, plugin.blocked) == (GpuCapacity(now=4, lowest=0, minimum=4), ())
    assert plugin.by_hand == (
        "make sure that 0 of 4 GPUs are enough while agents restart, on one node of each kind at a time; "
        "gpuBaseline.health.minimumGpus says it once and for all",
    )
    edit_file(root, "description: Small", "gpuBaseline: {health: {minimumGpus: 1}}\ndescription: Small")
    plugin = step(plan(root), "part-devicePlugin")
    assert plugin.by_hand == ()
    assert plugin.blocked == (
        "0 GPUs would be left while agents restart, on one node of each kind at a time, below the minimum of 1: add "
        "nodes, or set size.desired of pools that are empty or small again",
    )


def test_a_declared_minimum_of_none_lets_the_plugin_restart(tmp_path: Path) -> None:
    root = small(tmp_path)
    edit_file(root, "description: Small", "gpuBaseline: {health: {minimumGpus: 0}}\ndescription: Small")
    assert step(plan(root), "part-devicePlugin").kind == "safe"


def test_device_plugins_of_every_way_of_sharing_restart_at_the_same_time(tmp_path: Path) -> None:
    """DaemonSets roll independently: one node of l40s (4), of l4 with its four turns, and of always with its two."""
    plugin = step(plan(big(tmp_path)), "part-devicePlugin")
    assert plugin.capacity == GpuCapacity(now=18, lowest=8, minimum=13)


def test_people_are_asked_before_every_node_under_a_model_goes_at_once(tmp_path: Path) -> None:
    root = small(tmp_path)
    edit_file(root, "description: Small", "gpuBaseline: {health: {minimumGpus: 0}}\ndescription: Small")
    assert step(plan(root), "pool-l4").by_hand == ()
    edit_file(root, "    capacity: spot\n", "    capacity: spot\n    update: {strategy: terminateFirst}\n")
    pool = step(plan(root), "pool-l4")
    assert pool.kind == "manual"
    (asked,) = pool.by_hand
    assert asked.endswith(" may be away: every node of l4 goes before the first new one comes")


def test_pools_that_follow_an_emptied_one_count_without_its_gpus(tmp_path: Path) -> None:
    root = big(tmp_path)
    add_pool(root, {**_TRAINING, "name": "after", "instanceTypes": ["p5.48xlarge"], "size": _size(3)})
    made = plan(root)
    assert [item.id for item in made.steps][7:10] == ["empty-training", "pool-training", "pool-after"]
    assert step(made, "pool-after").capacity == GpuCapacity(now=42, lowest=42, minimum=37)


def test_minors_are_taken_one_by_one_and_never_back() -> None:
    assert minors_between("1.34", "1.36") == ("1.35", "1.36")
    assert minors_between("1.35", "1.35") == ()
    assert minors_between("1.36", "1.35") == ()
