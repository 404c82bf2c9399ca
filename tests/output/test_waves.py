from __future__ import annotations

import pytest

from bedplate.graph.graph import Graph, GraphError
from bedplate.output.waves import waves
from tests.output.builders import aws, component, derived, graph, kubernetes
from tests.support.environments import dev_recorded


def numbered(content: Graph) -> dict[str, int]:
    """Wave by name of each object."""
    return {item.name: number for number, wave in enumerate(waves(content)) for item in wave}


def test_objects_that_need_nothing_stand_in_the_first_wave_together() -> None:
    assert numbered(graph(kubernetes("ConfigMap", "a"), kubernetes("ConfigMap", "b"))) == {"a": 0, "b": 0}


def test_an_object_stands_one_wave_after_the_last_that_it_needs() -> None:
    first = kubernetes("ConfigMap", "first")
    second = kubernetes("ConfigMap", "second", needs=[first])
    both = kubernetes("ConfigMap", "both", needs=[first, second])
    assert numbered(graph(first, second, both)) == {"first": 0, "second": 1, "both": 2}


def test_a_need_through_resources_outside_the_cluster_counts_without_a_wave_of_its_own() -> None:
    first = kubernetes("ServiceAccount", "first")
    role = aws("iam/role:Role", "role", needs=[first])
    policy = aws("iam/rolePolicy:RolePolicy", "policy", needs=[role])
    assert numbered(graph(first, role, policy, kubernetes("ConfigMap", "last", needs=[policy]))) == {
        "first": 0,
        "last": 1,
    }


def test_a_namespace_stands_before_what_is_in_it_though_nobody_says_so() -> None:
    content = graph(kubernetes("ConfigMap", "inside", namespace="research"), kubernetes("Namespace", "research"))
    assert numbered(content) == {"research": 0, "inside": 1}


def test_a_definition_stands_before_objects_of_its_kind_and_group_only() -> None:
    spec = {"spec": {"group": "example.org", "names": {"kind": "Widget"}}}
    definition = kubernetes(
        "CustomResourceDefinition", "widgets.example.org", api="apiextensions.k8s.io/v1", content=spec
    )
    widget = kubernetes("Widget", "mine", api="example.org/v1")
    other = kubernetes("Widget", "other", api="example.com/v1")
    assert numbered(graph(definition, widget, other)) == {"widgets.example.org": 0, "mine": 1, "other": 0}


def test_objects_that_controllers_make_are_in_no_wave() -> None:
    service = kubernetes("InferenceService", "chat")
    assert numbered(graph(service, derived("Pod", service, "chat-*", namespace="x", content={}))) == {"chat": 0}


def test_resources_without_a_manifest_are_in_no_wave() -> None:
    assert numbered(graph(aws("ec2/vpc:Vpc", "vpc"), component("Network", "network"))) == {}
    assert waves(graph()) == ()


def test_a_namespace_that_needs_its_own_content_is_refused() -> None:
    inside = kubernetes("ConfigMap", "inside", namespace="research")
    with pytest.raises(GraphError, match="need each other"):
        waves(graph(inside, kubernetes("Namespace", "research", needs=[inside])))


def test_in_the_shipped_environment_every_object_comes_after_what_it_depends_on() -> None:
    content = dev_recorded()
    wave = {item.resource.urn: number for number, group in enumerate(waves(content)) for item in group}
    assert len(wave) > 20
    for urn, number in wave.items():
        assert all(wave[need] < number for need in content[urn].dependencies if need in wave)
