from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.output.views import dot, edges, mermaid, without_derived
from tests.output.builders import aws, component, derived, graph, kubernetes, platform
from tests.support.environments import dev_review


def chain() -> tuple[Resource, Resource, Resource]:
    """c needs b and a, b needs a."""
    a = aws("sqs/queue:Queue", "a")
    b = aws("sqs/queue:Queue", "b", needs=[a])
    return a, b, aws("sqs/queue:Queue", "c", needs=[a, b])


def small() -> Graph:
    network = component("Network", "net")
    vpc = aws("ec2/vpc:Vpc", "vpc", parent=network)
    service = kubernetes("InferenceService", "chat", namespace="research", needs=[vpc])
    return graph(network, vpc, service, derived("Pod", service, "chat-*", namespace="research", content={}))


def test_mermaid_groups_by_component_and_points_from_needed_to_needing() -> None:
    assert mermaid(small()) == (
        "flowchart LR\n"
        "  %% trial: arrows point from what is needed to what needs it\n"
        '  n2["InferenceService research/chat"]\n'
        '  n3("Pod research/chat-*")\n'
        '  subgraph n1["Network net"]\n'
        '    n0["ec2.Vpc vpc"]\n'
        "  end\n"
        "  n0 --> n2\n"
        "  n2 -.-> n3\n"
    )


def test_dot_shows_the_same_with_clusters_and_dashes() -> None:
    assert dot(small()) == (
        'digraph "trial" {\n'
        "  rankdir=LR;\n"
        "  node [shape=box];\n"
        '  n2 [label="InferenceService research/chat"];\n'
        '  n3 [label="Pod research/chat-*", style=dashed];\n'
        "  subgraph cluster_n1 {\n"
        '    label="Network net";\n'
        '    n0 [label="ec2.Vpc vpc"];\n'
        "  }\n"
        "  n0 -> n2;\n"
        "  n2 -> n3 [style=dashed];\n"
        "}\n"
    )


def test_an_arrow_that_follows_from_others_is_left_out() -> None:
    a, b, c = chain()
    assert edges(graph(a, b, c)) == tuple(sorted([(a.urn, b.urn), (b.urn, c.urn)]))


def test_components_are_frames_and_no_ends_of_arrows() -> None:
    network = component("Network", "net")
    assert edges(graph(network, aws("ec2/vpc:Vpc", "vpc", needs=[network]))) == ()


def test_leaving_derived_objects_out_keeps_everything_registered() -> None:
    kept = without_derived(platform())
    assert all(resource.derived_from is None for resource in kept)
    assert len(kept) == len(platform()) - 1
    assert "Pod" not in mermaid(kept)


@given(name=st.text(min_size=1))
def test_no_name_breaks_out_of_its_label(name: str) -> None:
    content = graph(kubernetes("ConfigMap", name))
    (label,) = [line for line in mermaid(content).splitlines() if line.startswith("  n")]
    assert re.fullmatch(r'  n0\["ConfigMap [A-Za-z0-9 ,./()*+#;-]+"\]', label)
    (label,) = [line for line in dot(content).splitlines() if line.startswith("  n0")]
    assert re.fullmatch(r'  n0 \[label="(?:[^"\\]|\\["\\])*"\];', label)


def test_every_object_of_the_shipped_environment_is_drawn_once() -> None:
    content = dev_review().graph
    objects = [resource for resource in content if resource.custom]
    nodes = re.findall(r"^ *(n\d+)[\[(]", mermaid(content), re.MULTILINE)
    assert len(nodes) == len(set(nodes)) == len(objects)
    assert mermaid(content).count("subgraph") == dot(content).count("subgraph")
