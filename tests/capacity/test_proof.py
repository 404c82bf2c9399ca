"""The whole proof for `dev`, and for what is done to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedplate.capacity.packing import Fit
from bedplate.capacity.proof import CapacityReport, prove
from bedplate.capacity.resources import Amount
from bedplate.catalog import catalog
from bedplate.cli.pipeline import derived
from bedplate.environment.load import load
from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import UNKNOWN, Json, freeze, thaw
from tests.support.environments import dev, dev_review, read, replaced, repository, write

GIB = 1024**3
MODEL = "environments/models/qwen3-0.6b/1.0.0.yaml"


def proved(folder: Path, **edits: Json) -> CapacityReport:
    """The proof for `dev` with other values; a key is a path, in the release where it begins with `release.`."""
    root = repository(folder)
    for path, value in edits.items():
        file, inner = (MODEL, path[8:]) if path.startswith("release.") else ("environments/dev.yaml", path)
        write(root, file, replaced(read(root, file), inner, value))
    resolved = load(root, "dev")
    return prove(derived(resolved), resolved, catalog.load())


def with_node_groups(**inputs: Json) -> Graph:
    """The Graph of `dev` with other inputs in every node group."""
    return Graph(environment="dev", resources=[_changed(item, inputs) for item in dev_review().graph])


def _changed(resource: Resource, inputs: Json) -> Resource:
    if resource.type != "aws:eks/nodeGroup:NodeGroup":
        return resource
    return Resource.from_json({**resource.to_json(), "inputs": {**thaw(resource.inputs), **inputs}})


def test_dev_fits_in_any_order_on_the_nodes_that_it_declares() -> None:
    report = dev_review().capacity
    assert report.packing.fit is Fit.ANY_ORDER
    assert dict(report.nodes) == {"l4": 1, "system": 2}
    assert dict(report.packing.placement) == {
        "research/chat-predictor#1": "l4-1",
        "research/embeddings-predictor#1": "l4-1",
    }
    assert not report.blocked


def test_every_model_has_a_memory_proof_and_every_team_a_quota_check() -> None:
    report = dev_review().capacity
    assert [item.model for item in report.memory] == ["chat", "embeddings"]
    (quota,) = report.quotas
    assert quota.requested == Amount(cpu=2000, memory=12 * GIB, gpu=2, pods=2)
    assert quota.allowed == Amount(cpu=8000, memory=32 * GIB, gpu=4, pods=20)


def test_what_runs_without_being_counted_is_named() -> None:
    uncounted = dev_review().capacity.uncounted
    assert "EKS add-on coredns" in uncounted
    assert list(uncounted) == sorted(uncounted)


def test_replicas_count_at_their_most(tmp_path: Path) -> None:
    report = proved(tmp_path, **{"models[chat].scale": {"min": 1, "max": 2}})
    assert report.pods == 3
    assert report.quotas[0].requested.gpu == 3


def test_more_replicas_than_shares_cannot_fit(tmp_path: Path) -> None:
    report = proved(tmp_path, **{"models[chat].scale": {"min": 4, "max": 4}})
    assert report.packing.fit is Fit.CANNOT
    assert report.blocked


def test_another_node_makes_room(tmp_path: Path) -> None:
    edits: dict[str, Json] = {
        "models[chat].scale": {"min": 4, "max": 4},
        "nodePools[l4].size": {"min": 2, "desired": 2, "max": 2},
        "teams[research].quota": {"gpus": 8, "cpu": "16", "memory": "64Gi", "pods": 20},
    }
    report = proved(tmp_path, **edits)
    assert report.packing.fit in (Fit.ANY_ORDER, Fit.PACKED)
    assert not report.blocked


def test_a_quota_that_is_too_small_blocks_by_team(tmp_path: Path) -> None:
    report = proved(tmp_path, **{"teams[research].quota.memory": "8Gi"})
    assert [check.team for check in report.quotas if not check.fits] == ["research"]
    assert report.packing.fit is Fit.ANY_ORDER
    assert report.blocked


def test_parts_of_a_shared_gpu_add_up_to_the_worst_mix(tmp_path: Path) -> None:
    report = proved(tmp_path / "less", **{"release.runtime.gpuMemoryUtilization": 0.75})
    assert [(share.pool, share.worst, share.fits) for share in report.shares] == [("l4", 1.0, True)]
    report = proved(tmp_path / "more", **{"release.runtime.gpuMemoryUtilization": 0.76})
    assert [(share.worst, share.fits) for share in report.shares] == [(1.01, False)]
    assert report.blocked


def test_gpus_that_nobody_shares_need_no_check_of_parts(tmp_path: Path) -> None:
    edits: dict[str, Json] = {"nodePools[l4].sharing": None, "nodePools[l4].size": {"min": 2, "desired": 2, "max": 2}}
    report = proved(tmp_path, **edits)
    assert report.shares == ()
    assert report.packing.fit is Fit.ANY_ORDER


def test_a_model_too_large_for_its_gpu_blocks(tmp_path: Path) -> None:
    report = proved(tmp_path, **{"release.source.files[0].bytes": 30 * GIB})
    assert [item.model for item in report.memory if not item.fits] == ["chat"]
    assert report.blocked


def test_of_several_instance_types_the_smallest_has_to_do(tmp_path: Path) -> None:
    # 9 GiB and 6 GiB fit beside each other on the large type alone.
    edits: dict[str, Json] = {"release.resources.memory": "9Gi", "nodePools[l4].instanceTypes": ["g6.4xlarge"]}
    assert proved(tmp_path / "large", **edits).packing.fit is Fit.ANY_ORDER
    edits["nodePools[l4].instanceTypes"] = ["g6.4xlarge", "g6.xlarge"]
    report = proved(tmp_path / "both", **edits)
    assert report.packing.fit is Fit.UNKNOWN  # it depends on which of them AWS starts
    assert report.blocked


def test_a_pool_whose_size_nobody_knows_is_named_and_never_counted_as_room() -> None:
    report = prove(with_node_groups(scalingConfig={"desiredSize": UNKNOWN}), dev(), catalog.load())
    assert "pool l4: size known only after apply" in report.uncounted
    assert report.packing.fit is Fit.UNKNOWN
    assert report.blocked


@pytest.mark.parametrize("fit", [Fit.CANNOT, Fit.UNKNOWN])
def test_what_is_proved_not_to_fit_and_what_is_not_decided_block(fit: Fit) -> None:
    report = dev_review().capacity
    packing = type(report.packing)(fit)
    made = CapacityReport(packing, report.pods, report.nodes, (), (), (), ())
    assert made.blocked
    assert freeze(made.to_json())["fit"] == str(fit)
