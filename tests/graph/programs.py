"""Small programs for the recorder, and what came out of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest

from bedplate.engine.recorder import RecordError, record
from bedplate.graph.graph import Graph
from bedplate.graph.resource import STACK_TYPE, Resource
from bedplate.graph.values import Json, thaw

STACK = f"urn:pulumi:dev::bedplate::{STACK_TYPE}::bedplate-dev"
CLOUD = "urn:pulumi:dev::bedplate::pulumi:providers:aws::cloud"


def cloud() -> pulumi.ResourceOptions:
    """Options with an explicit provider of the account."""
    return pulumi.ResourceOptions(provider=aws.Provider("cloud", region="us-east-1"))


def shared() -> pulumi.ResourceOptions:
    """Options of a component whose children use one provider of the account."""
    return pulumi.ResourceOptions(providers=[aws.Provider("cloud", region="us-east-1")])


def cluster() -> pulumi.ResourceOptions:
    """Options with an explicit provider of the cluster."""
    return pulumi.ResourceOptions(provider=k8s.Provider("cluster", kubeconfig="{}"))


def also(opts: pulumi.ResourceOptions, **more: object) -> pulumi.ResourceOptions:
    """`opts` and more of them."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(**more))  # type: ignore[arg-type]


class Group(pulumi.ComponentResource):
    """A component like ours, around whatever `make` makes with the options of a child."""

    def __init__(
        self,
        name: str,
        place: Mapping[str, str],
        make: Callable[[pulumi.ResourceOptions], object],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("bedplate:test:Group", name, dict(place), opts)
        make(pulumi.ResourceOptions(parent=self))
        self.register_outputs({})


def named(graph: Graph, name: str) -> Resource:
    """The one resource called `name`."""
    (resource,) = (item for item in graph if item.name == name)
    return resource


def inputs(graph: Graph, name: str) -> Json:
    """Inputs of that resource, as plain data."""
    return thaw(named(graph, name).inputs)


def problems(program: Callable[[], object]) -> tuple[str, ...]:
    """What the recorder says of a program that it refuses."""
    with pytest.raises(RecordError) as refused:
        record(lambda: discarding(program), stack="dev")
    return refused.value.problems


def discarding(program: Callable[[], object]) -> None:
    """Run `program`; what it returns is of no interest."""
    program()
