"""Kubernetes providers: bound to one cluster, and the same on every machine."""

import pulumi
import pytest

from bedplate.engine.recorder import record
from bedplate.graph.graph import Graph
from components.cluster.provider import cluster_provider, context_provider
from tests.support.aws_program import only

PROVIDER = "pulumi:providers:kubernetes"


def in_context() -> Graph:
    """A program with the provider of a cluster that is there."""

    def program() -> None:
        context_provider("factory", context="hall-a", opts=pulumi.ResourceOptions())

    return record(program, stack="test")


def test_a_cluster_that_is_there_is_reached_through_a_context_of_the_runner_s_kubeconfig() -> None:
    provider = only(in_context(), PROVIDER)

    assert provider.name == "factory"
    assert provider.inputs["context"] == "hall-a"
    assert provider.inputs["clusterIdentifier"] == "factory/hall-a"


@pytest.mark.parametrize("value", ["/home/ada/.kube/config", '{"apiVersion": "v1", "kind": "Config"}'])
def test_neither_the_place_nor_the_content_of_a_kubeconfig_gets_into_the_plan(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = in_context().bytes
    monkeypatch.setenv("KUBECONFIG", value)

    assert in_context().bytes == before
    assert only(in_context(), PROVIDER).inputs["kubeconfig"] == ""


def test_an_eks_cluster_is_known_by_its_arn_whatever_its_address() -> None:
    def program() -> None:
        cluster_provider(
            "dev", kubeconfig="{}", region="eu-west-1", account="111122223333", opts=pulumi.ResourceOptions()
        )

    provider = only(record(program, stack="test"), PROVIDER)
    assert provider.inputs["clusterIdentifier"] == "arn:aws:eks:eu-west-1:111122223333:cluster/dev"
    assert "context" not in provider.inputs
