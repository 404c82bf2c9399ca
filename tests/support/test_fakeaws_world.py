"""Faults, drift and records: the files that the fake provider shares with a test."""

from pathlib import Path

import pytest

from tests.support.fakeaws.control import FakeAwsControl
from tests.support.fakeaws.records import LAUNCH_TEMPLATE_TYPE, NODE_GROUP_TYPE, Records
from tests.support.fakeaws.wire import Properties, Secret
from tests.support.fakeaws.world import Fault, World, WorldError

URN = "urn:pulumi:dev::p::aws:eks/nodeGroup:NodeGroup::gpu"
NODE_GROUP = NODE_GROUP_TYPE


def test_without_a_folder_nothing_happens_and_nothing_is_written() -> None:
    world, records = World(None), Records(None)
    assert world.fault("create", URN) is None
    assert not world.drift("dev:gpu").gone
    assert world.cluster_access() == {}
    world.settle("dev:gpu")
    records.keep(NODE_GROUP, "dev:gpu", {})
    records.drop(NODE_GROUP, "dev:gpu")
    records.note("create", URN, NODE_GROUP, "dev:gpu")
    assert records.creations(URN) == 1


def test_a_fault_meets_its_operation_and_urn_only(tmp_path: Path) -> None:
    FakeAwsControl(tmp_path).set_faults([{"match": "::gpu", "operation": "create", "message": "AccessDenied"}])
    world = World(tmp_path)
    assert world.fault("create", URN) == Fault("AccessDenied", 0)
    assert world.fault("create", URN) == Fault("AccessDenied", 0)
    assert world.fault("update", URN) is None
    assert world.fault("create", URN.replace("gpu", "system")) is None


def test_a_fault_that_is_counted_ends_and_the_next_one_applies(tmp_path: Path) -> None:
    fault = {"match": "gpu", "operation": "create"}
    FakeAwsControl(tmp_path).set_faults([{**fault, "message": "throttled", "times": 2}, {**fault, "delaySeconds": 0.5}])
    world = World(tmp_path)
    assert [world.fault("create", URN) for _ in range(3)] == [
        Fault("throttled", 0),
        Fault("throttled", 0),
        Fault(None, 0.5),
    ]


def test_two_providers_share_the_count_of_a_fault(tmp_path: Path) -> None:
    FakeAwsControl(tmp_path).set_faults([{"match": "", "operation": "read", "message": "busy", "times": 1}])
    assert World(tmp_path).fault("read", URN) is not None
    assert World(tmp_path).fault("read", URN) is None


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        ([{"match": "a"}], "fault 0: needs match and operation"),
        ([{"match": "a", "operation": "create"}, {"match": "a", "operation": "make"}], "fault 1: needs match"),
        ([{"match": "a", "operation": "read", "delay": 1}], "allowed fields: delaySeconds, match, message"),
    ],
)
def test_a_fault_of_the_wrong_form_is_refused(tmp_path: Path, faults: list[dict[str, object]], reason: str) -> None:
    FakeAwsControl(tmp_path).set_faults(faults)
    with pytest.raises(WorldError, match=reason):
        World(tmp_path).fault("create", URN)


def test_drift_tells_changed_and_deleted_objects_apart(tmp_path: Path) -> None:
    FakeAwsControl(tmp_path).set_drift({"a": {"version": "1.34"}, "b": None})
    world = World(tmp_path)
    assert (world.drift("a").gone, world.drift("a").properties) == (False, {"version": "1.34"})
    assert world.drift("b").gone
    assert not world.drift("c").gone


def test_an_object_that_the_provider_changed_has_no_drift_any_more(tmp_path: Path) -> None:
    FakeAwsControl(tmp_path).set_drift({"a": {"version": "1.34"}, "b": None})
    World(tmp_path).settle("b")
    assert not World(tmp_path).drift("b").gone
    assert World(tmp_path).drift("a").properties == {"version": "1.34"}


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("world.json", "[]", "world.json: must hold a JSON object"),
        ("world.json", '{"a": 1}', "world.json: entry 'a' must be an object of properties"),
        ("world.json", "{", r"world\.json:1:2: not JSON"),
        ("cluster.json", '{"endpoint": "https://x"}', "cluster.json: missing certificateAuthority"),
        ("faults.json", "{}", "faults.json: must hold a JSON list"),
    ],
)
def test_a_file_of_the_wrong_form_is_named(tmp_path: Path, name: str, text: str, reason: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    world = World(tmp_path)
    with pytest.raises(WorldError, match=reason):
        (world.drift("a"), world.cluster_access(), world.fault("create", URN))


def test_the_journal_keeps_the_order_and_counts_creations_across_processes(tmp_path: Path) -> None:
    Records(tmp_path).note("create", URN, NODE_GROUP, "dev:gpu")
    again = Records(tmp_path)
    again.note("delete", URN, NODE_GROUP, "dev:gpu")
    assert again.creations(URN) == 1
    assert again.creations("another") == 0
    assert FakeAwsControl(tmp_path).journal() == [
        {"operation": "create", "urn": URN, "type": NODE_GROUP, "id": "dev:gpu"},
        {"operation": "delete", "urn": URN, "type": NODE_GROUP, "id": "dev:gpu"},
    ]


def test_a_node_group_has_a_file_as_long_as_it_exists_and_no_secret_in_it(tmp_path: Path) -> None:
    records, control = Records(tmp_path), FakeAwsControl(tmp_path)
    inputs = {"labels": {"a": Secret("hidden")}, "scalingConfig": {"maxSize": 2}, "__defaults": ["nodeGroupName"]}
    records.keep(NODE_GROUP, "dev:gpu", inputs)
    assert control.node_groups() == {
        "dev.gpu": {
            "clusterName": "dev",
            "labels": {"a": "[secret]"},
            "nodeGroupName": "gpu",
            "scalingConfig": {"maxSize": 2},
        }
    }
    records.drop(NODE_GROUP, "dev:gpu")
    assert control.node_groups() == {}


def test_the_file_of_a_node_group_has_the_launch_template_that_it_was_made_or_changed_with(tmp_path: Path) -> None:
    control, records = FakeAwsControl(tmp_path), Records(tmp_path)
    chosen: Properties = {"launchTemplate": {"id": "lt-1", "version": "1"}}
    records.keep(LAUNCH_TEMPLATE_TYPE, "lt-1", {"instanceType": "g6.xlarge"})
    records.keep(NODE_GROUP, "dev:gpu", chosen)
    records.keep(LAUNCH_TEMPLATE_TYPE, "lt-1", {"instanceType": "g6.2xlarge"})
    assert control.node_groups()["dev.gpu"]["launchTemplateData"] == {"instanceType": "g6.xlarge"}
    records.keep(NODE_GROUP, "dev:gpu", chosen)
    assert control.node_groups()["dev.gpu"]["launchTemplateData"] == {"instanceType": "g6.2xlarge"}
    records.drop(LAUNCH_TEMPLATE_TYPE, "lt-1")
    records.keep(NODE_GROUP, "dev:gpu", chosen)
    assert "launchTemplateData" not in control.node_groups()["dev.gpu"]


@pytest.mark.parametrize("identifier", ["../dev:gpu", "dev:gpu/x", "dev", "dev:"])
def test_a_node_group_name_that_eks_would_refuse_never_becomes_a_file_name(tmp_path: Path, identifier: str) -> None:
    with pytest.raises(ValueError, match="is not an EKS name"):
        Records(tmp_path).keep(NODE_GROUP, identifier, {})
    assert list(tmp_path.iterdir()) == []
