"""Records small programs that make AWS components, and finds resources in the Graph."""

from collections.abc import Callable

import pulumi
import pulumi_aws as aws

from bedplate.engine.recorder import record
from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import Path, is_unknown, walk

ACCOUNT = "111122223333"
REGION = "us-east-1"
ZONES = ("us-east-1a", "us-east-1b")


def record_on_aws(build: Callable[[pulumi.ResourceOptions], object]) -> Graph:
    """Record what `build` makes. It gets options with an explicit AWS provider."""

    def program() -> None:
        provider = aws.Provider("aws", region=REGION, allowed_account_ids=[ACCOUNT])
        build(pulumi.ResourceOptions(providers=[provider]))

    return record(program, stack="test")


def only(graph: Graph, resource_type: str) -> Resource:
    """The one resource of `resource_type`."""
    found = graph.of_type(resource_type)
    assert len(found) == 1, [resource.urn for resource in found]
    return found[0]


def named(graph: Graph, resource_type: str, name: str) -> Resource:
    """The resource of `resource_type` that the program calls `name`."""
    found = [resource for resource in graph.of_type(resource_type) if resource.name == name]
    assert len(found) == 1, [resource.name for resource in graph.of_type(resource_type)]
    return found[0]


def unknown_paths(resource: Resource) -> set[Path]:
    """Where `resource` has values that only AWS can tell."""
    return {path for path, value in walk(resource.inputs) if is_unknown(value)}


def needs(graph: Graph, resource: Resource) -> set[str]:
    """Names of everything that exists before `resource`, directly or through others."""
    waiting = [resource]
    found: dict[str, str] = {}
    while waiting:
        current = waiting.pop()
        urns = {*current.dependencies, *(urn for urns in current.property_dependencies.values() for urn in urns)}
        for urn in sorted(urns - found.keys()):
            found[urn] = graph[urn].name
            waiting.append(graph[urn])
    return set(found.values())
