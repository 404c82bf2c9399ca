"""Programs of several stacks: one Graph, in which an upper stack reads what a lower one tells."""

from __future__ import annotations

from functools import partial

import pulumi
import pulumi_aws as aws
import pytest

from bedplate.cli.pipeline import recorded
from bedplate.engine.recorder import RecordError, record_stacks
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.stacks import LAYERS, stacks_of
from bedplate.graph.graph import Graph
from bedplate.graph.resource import STACK_REFERENCE_TYPE
from bedplate.graph.values import UNKNOWN, get
from stacks.compose import compose, compose_stack
from tests.support.aws_program import named
from tests.support.environments import dev, dev_recorded

REGION = "us-east-1"


def cloud() -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(provider=aws.Provider("cloud", region=REGION))


def lower() -> None:
    bucket = aws.s3.Bucket("made", bucket="made-below", opts=cloud())
    pulumi.export("name", bucket.bucket)
    pulumi.export("arn", bucket.arn)


def upper() -> None:
    reference = pulumi.StackReference("trial.cluster", stack_name="organization/bedplate/trial.cluster")
    aws.s3.Bucket("named", bucket=reference.require_output("name"), opts=cloud())


def pair() -> Graph:
    return record_stacks([("trial.cluster", lower), ("trial.platform", upper)], environment="trial")


def test_an_output_that_depends_on_the_cloud_stays_unknown_above() -> None:
    assert named(pair(), "aws:s3/bucket:Bucket", "named").inputs["bucket"] == UNKNOWN


def test_who_reads_a_lower_stack_needs_it() -> None:
    graph = pair()
    reference = named(graph, STACK_REFERENCE_TYPE, "trial.cluster")
    assert graph[reference.dependencies[0]].stack == "trial.cluster"
    assert reference.urn in graph[named(graph, "aws:s3/bucket:Bucket", "named").urn].dependencies


def test_a_stack_cannot_read_one_above_it() -> None:
    with pytest.raises(RecordError) as caught:
        record_stacks([("trial.platform", upper), ("trial.cluster", lower)], environment="trial")
    assert caught.value.problems == ("'trial.cluster' reads stack trial.cluster, which no lower layer makes",)


# The shipped program


def layered() -> Graph:
    programs = [(stack.name, partial(compose, dev(), stack.layers)) for stack in stacks_of("dev", layered=True)]
    return record_stacks(programs, environment="dev")


def test_layered_stacks_hold_the_same_objects_as_one_stack() -> None:
    def objects(graph: Graph) -> dict[tuple[str, str], object]:
        found = {(item.type, item.name): item for item in graph if item.custom and "pulumi:" not in item.type}
        return {key: item.inputs for key, item in found.items()}

    assert objects(layered()) == objects(dev_recorded())


def test_every_resource_stands_in_the_stack_of_its_layer() -> None:
    placed = [item for item in layered() if item.layer]
    assert {item.layer for item in placed} == {"cluster", "platform", "models"}
    assert all(item.stack == f"dev.{item.layer}" for item in placed)


def test_upper_stacks_reach_the_cluster_through_what_the_cluster_stack_tells() -> None:
    providers = [item for item in layered().of_type("pulumi:providers:kubernetes") if item.stack != "dev.cluster"]
    assert [item.stack for item in providers] == ["dev.models", "dev.platform"]
    for provider in providers:
        (reference,) = provider.property_dependencies["kubeconfig"]
        assert reference.endswith("::dev.cluster")
        assert get(provider.inputs, "kubeconfig") == UNKNOWN


@pytest.mark.parametrize("layer", LAYERS)
def test_a_single_environment_has_no_stack_for_a_layer(layer: str) -> None:
    resolved: ResolvedEnvironment = dev()
    with pytest.raises(ValueError, match=f"there is no stack dev.{layer}: dev has dev"):
        compose_stack(resolved, layer)  # type: ignore[arg-type]


def test_the_graph_of_one_stack_is_that_of_all_layers() -> None:
    assert recorded(dev()).bytes == dev_recorded().bytes


def test_what_a_provider_adds_inside_of_an_input_is_unknown_and_not_absent() -> None:
    def program() -> None:
        opts = cloud()
        network = aws.eks.ClusterVpcConfigArgs(subnet_ids=["subnet-1"])
        cluster = aws.eks.Cluster("c", role_arn="r", vpc_config=network, opts=opts)
        group = cluster.vpc_config.cluster_security_group_id
        aws.ec2.LaunchTemplate("t", vpc_security_group_ids=[group], opts=opts)

    graph = record_stacks([("trial", program)], environment="trial")
    template = named(graph, "aws:ec2/launchTemplate:LaunchTemplate", "t")
    assert template.inputs["vpcSecurityGroupIds"] == (UNKNOWN,)
    assert dict(named(graph, "aws:eks/cluster:Cluster", "c").inputs["vpcConfig"]) == {"subnetIds": ("subnet-1",)}
