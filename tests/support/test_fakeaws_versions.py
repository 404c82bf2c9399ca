"""Kubernetes versions of clusters and node groups change as EKS lets them, and not otherwise."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import status_pb2

from tests.support.fakeaws.caller import Caller, Held, provider_over
from tests.support.fakeaws.control import FakeAwsControl
from tests.support.fakeaws.node_updates import FAILED, FOLLOWED, SUCCESSFUL, UPDATES
from tests.support.fakeaws.wire import decode
from tests.support.polling import poll

CLUSTER, NODE_GROUP = "aws:eks/cluster:Cluster", "aws:eks/nodeGroup:NodeGroup"
PLANE = {"name": "dev", "version": "1.34", "roleArn": "arn", "vpcConfig": {"subnetIds": ["subnet-a"]}}
GROUP = {
    "clusterName": "dev",
    "nodeGroupName": "gpu",
    "version": "1.34",
    "nodeRoleArn": "arn",
    "scalingConfig": {"desiredSize": 1, "maxSize": 2, "minSize": 0},
    "subnetIds": ["subnet-a"],
}


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Caller]:
    with provider_over(tmp_path) as caller:
        yield caller


@pytest.fixture
def plane(provider: Caller) -> Held:
    return provider.create(CLUSTER, "plane", PLANE)


@pytest.fixture
def group(provider: Caller, plane: Held) -> Held:
    return provider.create(NODE_GROUP, "gpu", GROUP)


def refusal(caught: pytest.ExceptionInfo[grpc.RpcError]) -> str:
    text: str = caught.value.details()
    return text


@pytest.mark.usefixtures("plane")
def test_a_node_group_is_made_at_the_cluster_s_version_only(provider: Caller) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        provider.create(NODE_GROUP, "gpu", {**GROUP, "version": "1.33"})
    message = "InvalidParameterException: Requested Nodegroup version 1.33 is not the cluster's: 1.34"
    assert refusal(caught) == message


def test_a_node_group_is_never_brought_beyond_the_cluster(provider: Caller, group: Held) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        provider.update(group, {**GROUP, "version": "1.35"})
    assert refusal(caught) == "InvalidParameterException: Nodegroup version 1.35 is beyond the cluster's: 1.34"


def test_a_cluster_moves_by_one_minor_and_back_only_after_its_nodes(provider: Caller, plane: Held, group: Held) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        provider.update(plane, {**PLANE, "version": "1.36"})
    message = "InvalidParameterException: Unsupported Kubernetes minor version update from 1.34 to 1.36"
    assert refusal(caught) == message

    plane = provider.update(plane, {**PLANE, "version": "1.35"})
    group = provider.update(group, {**GROUP, "version": "1.35"})
    with pytest.raises(grpc.RpcError) as caught:
        provider.update(plane, PLANE)
    assert refusal(caught) == "InvalidRequestException: kubelets of gpu are newer than 1.34"
    provider.update(group, GROUP)
    provider.update(plane, PLANE)


def answer(folder: Path, **outcome: object) -> threading.Thread:
    """What a node simulator would say to the next update."""

    def run() -> None:
        (file,) = poll("an update", lambda: [*folder.glob("*.json")], 20)
        file.write_text(json.dumps(outcome), encoding="utf-8")

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.fixture
def updates(group: Held, tmp_path: Path) -> Path:
    """Somebody follows the node groups that are there."""
    folder = tmp_path / UPDATES
    folder.mkdir()
    (folder / FOLLOWED).touch()
    return folder


def test_an_update_that_fails_leaves_the_group_at_its_version_and_the_engine_at_the_new_one(
    provider: Caller, plane: Held, group: Held, updates: Path
) -> None:
    provider.update(plane, {**PLANE, "version": "1.35"})
    error = {"errorCode": "PodEvictionFailure", "errorMessage": "Reached max retries", "resourceIds": ["ip-10-0-0-1"]}
    thread = answer(updates, status=FAILED, errors=[error])
    with pytest.raises(grpc.RpcError) as caught:
        provider.update(group, {**GROUP, "version": "1.35"})
    thread.join()
    assert refusal(caught) == "ip-10-0-0-1: PodEvictionFailure: Reached max retries"
    trailers = dict(caught.value.trailing_metadata())
    status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
    kept = pb.ErrorResourceInitFailed()
    assert status.details[0].Unpack(kept)
    assert decode(kept.inputs)["version"] == "1.35"
    assert FakeAwsControl(updates.parent).node_groups()["dev.gpu"]["version"] == "1.34"


def test_only_what_replaces_nodes_is_waited_for(provider: Caller, group: Held, updates: Path) -> None:
    resized = provider.update(group, {**GROUP, "scalingConfig": {"desiredSize": 2, "maxSize": 2, "minSize": 0}})
    assert [*updates.glob("*.json")] == []
    thread = answer(updates, status=SUCCESSFUL, errors=[])
    provider.update(resized, {**GROUP, "releaseVersion": "1.34.9-20260714"})
    thread.join()
