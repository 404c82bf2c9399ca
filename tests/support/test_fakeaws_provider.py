"""The fake AWS provider as the engine sees it: over gRPC, one call after the other."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2 as pb

from tests.support.fakeaws.caller import Caller, Held, provider_over, urn_of
from tests.support.fakeaws.control import FakeAwsControl
from tests.support.fakeaws.wire import UNKNOWN, Secret, encode

BUCKET = "aws:s3/bucket:Bucket"
CLUSTER = "aws:eks/cluster:Cluster"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
ROLE = "aws:iam/role:Role"
VPC = "aws:ec2/vpc:Vpc"
GPU = {
    "clusterName": "dev",
    "nodeGroupName": "gpu",
    "nodeRoleArn": "arn",
    "scalingConfig": {"desiredSize": 1, "maxSize": 2, "minSize": 0},
    "subnetIds": ["subnet-a"],
    "instanceTypes": ["g6.xlarge"],
}


@pytest.fixture
def world(tmp_path: Path) -> FakeAwsControl:
    return FakeAwsControl(tmp_path)


@pytest.fixture
def provider(world: FakeAwsControl) -> Iterator[Caller]:
    with provider_over(world.folder, defaultTags='{"tags": {"managed-by": "pulumi"}}') as caller:
        yield caller


def test_the_plugin_has_the_version_of_the_installed_sdk(provider: Caller) -> None:
    assert provider.stub.GetPluginInfo(Empty()).version.startswith("7.51.")


def test_secrets_previews_and_automatic_names_are_announced(provider: Caller) -> None:
    greeting = provider.stub.Handshake(pb.ProviderHandshakeRequest())
    assert greeting.accept_secrets
    assert greeting.supports_autonaming_configuration
    assert provider.stub.Configure(pb.ConfigureRequest(args=encode({"region": "eu-west-1"}))).supportsPreview


def test_a_provider_configuration_without_region_or_with_an_unknown_setting_is_refused(provider: Caller) -> None:
    def refusals(**config: object) -> list[str]:
        response = provider.stub.CheckConfig(pb.CheckRequest(news=encode(config)))
        return [failure.reason for failure in response.failures]

    assert refusals(region="eu-west-1", version="7.51.1", defaultTags="{}") == []
    assert refusals() == ["Missing region configuration of the aws provider: set `region` or AWS_REGION"]
    assert refusals(region="eu-west-1", regoin="x") == [
        "Invalid or unknown property 'regoin' of the aws provider; did you mean 'region'?"
    ]


def test_inputs_that_the_type_does_not_have_are_refused(provider: Caller) -> None:
    _, refusals = provider.check(BUCKET, "models", {"buckett": "models"})
    assert refusals == [f"Invalid or unknown property 'buckett' of {BUCKET}; did you mean 'bucket'?"]


def test_a_refusal_never_shows_a_value(provider: Caller) -> None:
    request = pb.CheckRequest(urn="urn", name="x", type=BUCKET, news=encode({"tags": Secret("hidden")}))
    (failure,) = provider.stub.Check(request).failures
    assert failure.property == ""
    assert "hidden" not in failure.reason


def test_a_type_that_the_sdk_lacks_ends_the_call(provider: Caller) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        provider.check("aws:eks/podGroup:PodGroup", "x", {})
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "has no resource type 'aws:eks/podGroup:PodGroup'" in caught.value.details()


def test_a_preview_makes_nothing(provider: Caller, world: FakeAwsControl) -> None:
    previewed = provider.preview(NODE_GROUP, "gpu", GPU)
    assert previewed["arn"] is UNKNOWN
    assert previewed["scalingConfig"] == GPU["scalingConfig"]
    assert (world.journal(), world.node_groups()) == ([], {})


def test_creating_updating_and_deleting_is_written_down(provider: Caller, world: FakeAwsControl) -> None:
    gpu = provider.create(NODE_GROUP, "gpu", GPU)
    assert gpu.id == "dev:gpu"
    assert world.node_groups()["dev.gpu"]["scalingConfig"] == {"desiredSize": 1, "maxSize": 2, "minSize": 0}
    larger = {"desiredSize": 2, "maxSize": 4, "minSize": 0}
    gpu = provider.update(gpu, {**GPU, "scalingConfig": larger})
    assert world.node_groups()["dev.gpu"]["scalingConfig"] == larger
    provider.delete(gpu)
    assert world.node_groups() == {}
    assert [(line["operation"], line["type"], line["id"], line["urn"]) for line in world.journal()] == [
        (operation, NODE_GROUP, "dev:gpu", urn_of(NODE_GROUP, "gpu")) for operation in ("create", "update", "delete")
    ]


def test_equal_inputs_need_no_update_and_a_mutable_one_does(provider: Caller) -> None:
    gpu = provider.create(NODE_GROUP, "gpu", GPU)
    assert provider.diff(gpu, GPU).changes == pb.DiffResponse.DIFF_NONE
    difference = provider.diff(gpu, {**GPU, "scalingConfig": {"desiredSize": 2, "maxSize": 2, "minSize": 0}})
    assert (list(difference.diffs), list(difference.replaces)) == (["scalingConfig"], [])
    assert difference.detailedDiff["scalingConfig.desiredSize"].kind == pb.PropertyDiff.UPDATE
    assert difference.hasDetailedDiff


def test_an_immutable_input_replaces_and_a_fixed_name_is_freed_first(provider: Caller) -> None:
    gpu = provider.create(NODE_GROUP, "gpu", GPU)
    difference = provider.diff(gpu, {**GPU, "instanceTypes": ["g6.2xlarge"]})
    assert list(difference.replaces) == ["instanceTypes"]
    assert difference.detailedDiff["instanceTypes[0]"].kind == pb.PropertyDiff.UPDATE_REPLACE
    assert difference.deleteBeforeReplace


def test_an_object_with_an_automatic_name_is_replaced_before_it_is_deleted(provider: Caller) -> None:
    role = provider.create(ROLE, "nodes", {"assumeRolePolicy": "{}", "path": "/a/"})
    difference = provider.diff(role, {"assumeRolePolicy": "{}", "path": "/b/"})
    assert list(difference.replaces) == ["path"]
    assert not difference.deleteBeforeReplace


def test_an_automatic_name_stays_whatever_the_engine_proposes_next(provider: Caller) -> None:
    checked, _ = provider.check(ROLE, "nodes", {"assumeRolePolicy": "{}"}, proposal="nodes-1111111")
    assert checked["name"] == "nodes-1111111"
    old = Held(ROLE, "nodes", "nodes-1111111", checked, {})
    again, _ = provider.check(ROLE, "nodes", {"assumeRolePolicy": "{}"}, old, proposal="nodes-2222222")
    assert again["name"] == "nodes-1111111"


def test_secrets_stay_marked_in_inputs_and_outputs(provider: Caller) -> None:
    tags = {"tags": {"token": Secret("hidden")}}
    vpc = provider.create(VPC, "main", tags)
    assert vpc.inputs["tags"] == {"token": Secret("hidden")}
    assert vpc.outputs["tagsAll"] == {"managed-by": "pulumi", "token": Secret("hidden")}
    again = provider.read(vpc)
    assert again == vpc


def test_looking_again_shows_the_object_as_it_was_made(provider: Caller) -> None:
    cluster = provider.create(CLUSTER, "c", {"roleArn": "arn", "vpcConfig": {"subnetIds": ["a"]}})
    assert provider.read(cluster) == cluster


def test_drift_shows_in_inputs_and_outputs_until_an_update_puts_it_right(
    provider: Caller, world: FakeAwsControl
) -> None:
    gpu = provider.create(NODE_GROUP, "gpu", {**GPU, "version": "1.35"})
    world.set_drift({gpu.id: {"version": "1.34", "labels": {"a": "b"}, "status": "DEGRADED"}})
    seen = provider.read(gpu)
    assert seen is not None
    assert (seen.inputs["version"], seen.outputs["version"]) == ("1.34", "1.34")
    assert (seen.inputs["labels"], seen.outputs["labels"]) == ({"a": "b"}, {"a": "b"})
    assert (seen.inputs.get("status"), seen.outputs["status"]) == (None, "DEGRADED")
    mended = provider.update(seen, {**GPU, "version": "1.35"})
    assert mended.inputs == gpu.inputs
    assert provider.read(mended) == mended


def test_a_property_that_somebody_took_away_is_gone_from_inputs_and_outputs(
    provider: Caller, world: FakeAwsControl
) -> None:
    vpc = provider.create(VPC, "main", {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}})
    world.set_drift({vpc.id: {"tags": None}})
    seen = provider.read(vpc)
    assert seen is not None
    assert "tags" not in seen.inputs
    assert "tags" not in seen.outputs
    assert seen.outputs["tagsAll"] == {"managed-by": "pulumi"}


def test_drift_of_a_secret_is_secret(provider: Caller, world: FakeAwsControl) -> None:
    role = provider.create(ROLE, "nodes", {"assumeRolePolicy": Secret("{}")})
    world.set_drift({role.id: {"assumeRolePolicy": "other"}})
    seen = provider.read(role)
    assert seen is not None
    assert seen.inputs["assumeRolePolicy"] == Secret("other")
    assert seen.outputs["assumeRolePolicy"] == Secret("other")


def test_an_object_that_somebody_deleted_is_not_found_and_cannot_be_updated(
    provider: Caller, world: FakeAwsControl
) -> None:
    vpc = provider.create(VPC, "main", {})
    world.set_drift({vpc.id: None})
    assert provider.read(vpc) is None
    with pytest.raises(grpc.RpcError) as caught:
        provider.update(vpc, {"tags": {"a": "b"}})
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_an_object_that_is_made_again_is_there_and_has_an_id_of_its_own(
    provider: Caller, world: FakeAwsControl
) -> None:
    first = provider.create(VPC, "main", {})
    world.set_drift({first.id: None})
    second = provider.create(VPC, "main", {})
    assert second.id != first.id
    assert provider.read(first) is None
    assert provider.read(second) == second
    bucket = provider.create(BUCKET, "models", {"bucket": "models"})
    world.set_drift({bucket.id: None})
    again = provider.create(BUCKET, "models", {"bucket": "models"})
    assert provider.read(again) == again


def test_drift_of_a_property_that_the_type_lacks_is_refused(provider: Caller, world: FakeAwsControl) -> None:
    vpc = provider.create(VPC, "main", {})
    world.set_drift({vpc.id: {"cidr": "10.0.0.0/8"}})
    with pytest.raises(grpc.RpcError) as caught:
        provider.read(vpc)
    assert caught.value.details() == f"world.json: {VPC} has no property cidr"


@pytest.mark.parametrize("operation", ["create", "update", "read", "delete"])
def test_a_fault_fails_its_operation_and_changes_nothing(
    provider: Caller, world: FakeAwsControl, operation: str
) -> None:
    held = provider.create(VPC, "main", {})
    before = world.journal()
    world.set_faults([{"match": "::main", "operation": operation, "message": "AccessDenied", "times": 1}])
    calls: dict[str, Callable[[], object]] = {
        "create": lambda: provider.create(VPC, "main", {}),
        "update": lambda: provider.update(held, {"tags": {"a": "b"}}),
        "read": lambda: provider.read(held),
        "delete": lambda: provider.delete(held),
    }
    with pytest.raises(grpc.RpcError) as caught:
        calls[operation]()
    assert caught.value.details() == "AccessDenied"
    assert world.journal() == before
    calls[operation]()


def test_a_preview_does_not_run_into_faults(provider: Caller, world: FakeAwsControl) -> None:
    world.set_faults([{"match": "", "operation": "create", "message": "AccessDenied"}])
    assert provider.preview(VPC, "main", {})["arn"] is UNKNOWN


def test_cancelling_ends_a_call_that_waits(provider: Caller, world: FakeAwsControl) -> None:
    world.set_faults([{"match": "", "operation": "create", "delaySeconds": 600, "times": 1}])
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(provider.create, VPC, "main", {})
        provider.cancel()
        with pytest.raises(grpc.RpcError) as caught:
            waiting.result(timeout=30)
    assert caught.value.code() is grpc.StatusCode.CANCELLED
    assert world.journal() == []


def test_an_eks_cluster_leads_to_the_api_server_behind_it_also_when_that_moves(
    provider: Caller, world: FakeAwsControl
) -> None:
    world.set_cluster(endpoint="https://127.0.0.1:1", certificate_authority="Y2E=", token="t")
    cluster = provider.create(CLUSTER, "c", {"name": "dev", "roleArn": "arn", "vpcConfig": {"subnetIds": ["a"]}})
    assert cluster.outputs["endpoint"] == "https://127.0.0.1:1"
    assert cluster.outputs["certificateAuthority"] == {"data": "Y2E="}
    world.set_cluster(endpoint="https://127.0.0.1:2", certificate_authority="Y2E=", token="t")
    seen = provider.read(cluster)
    assert seen is not None
    assert seen.outputs["endpoint"] == "https://127.0.0.1:2"


def test_an_object_that_the_program_only_refers_to_is_known_by_its_id(provider: Caller) -> None:
    bucket = provider.read(Held(BUCKET, "shared", "shared-models", {}, {}))
    assert bucket is not None
    assert bucket.outputs["bucket"] == "shared-models"
    assert bucket.outputs["arn"] == "arn:aws:s3:::shared-models"


def test_look_ups_are_answered_for_the_configured_region(provider: Caller) -> None:
    found, refusals = provider.invoke("aws:index/getRegion:getRegion")
    assert (found["region"], refusals) == ("eu-west-1", [])
    _, refusals = provider.invoke("aws:ec2/getAmi:getAmi")
    assert len(refusals) == 1


def test_a_file_of_the_world_that_is_not_json_ends_the_call_with_its_name(
    provider: Caller, world: FakeAwsControl
) -> None:
    vpc = provider.create(VPC, "main", {})
    (world.folder / "world.json").write_text("{", encoding="utf-8")
    with pytest.raises(grpc.RpcError, match=r"world\.json:1:2: not JSON"):
        provider.read(vpc)


def test_names_must_be_those_of_the_wire_not_of_python(provider: Caller) -> None:
    request = pb.CheckRequest(urn="urn", name="x", type=NODE_GROUP, news=encode({**GPU, "node_role_arn": "arn"}))
    reasons = [failure.reason for failure in provider.stub.Check(request).failures]
    assert len(reasons) == 1
    assert "did you mean 'nodeRoleArn'?" in reasons[0]


def test_nothing_that_is_written_down_holds_a_secret(provider: Caller, world: FakeAwsControl) -> None:
    provider.create(NODE_GROUP, "gpu", {**GPU, "labels": {"a": Secret("hidden")}})
    texts = [path.read_text(encoding="utf-8") for path in sorted(world.folder.rglob("*.json*"))]
    assert len(texts) == 2
    assert "hidden" not in "".join(texts)
