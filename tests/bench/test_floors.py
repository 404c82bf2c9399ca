"""The floors hold what they are compared with."""

from __future__ import annotations

from importlib.util import find_spec

from bedplate.graph.resource import Resource
from tests.bench.floors import MODULES, bare_loop
from tests.support.environments import dev_recorded


def _module(resource: Resource) -> str:
    """The SDK module that holds the class of `resource`; one class serves all custom resources."""
    package, place, _ = resource.type.split(":")
    if package == "aws":
        return f"pulumi_aws.{place.partition('/')[0]}"
    group, _, version = place.partition("/")
    module = f"pulumi_kubernetes.{group.partition('.')[0]}"
    return f"{module}.{version}" if find_spec(module) else "pulumi_kubernetes.apiextensions"


def test_the_floor_of_a_plan_loads_the_modules_that_dev_uses_and_no_other() -> None:
    used = {_module(resource) for resource in dev_recorded() if resource.is_aws or resource.is_kubernetes}
    assert set(MODULES) == used


def test_a_bare_loop_records_as_many_resources_as_asked() -> None:
    graph = bare_loop(7)
    assert len([resource for resource in graph if resource.is_kubernetes]) == 7
