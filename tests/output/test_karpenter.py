"""What reviewers are told of changes that reach nodes which Karpenter started."""

from __future__ import annotations

from bedplate.graph.graph import Graph
from bedplate.graph.values import Json
from tests.output.builders import comparison, graph, kubernetes, review

NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"


def dangers(head: Graph, base: Graph) -> tuple[str, ...]:
    return comparison(review(head), review(base)).dangers


def made(type_: str, **spec: Json) -> Graph:
    """A Graph with one object of Karpenter, called burst."""
    api, _, kind = type_.removeprefix("kubernetes:").partition(":")
    return graph(kubernetes(kind, "burst", api=api, content={"spec": spec}))


def test_another_image_replaces_the_nodes_that_are_there() -> None:
    old, new = ({"amiSelectorTerms": [{"ssmParameter": text}]} for text in ("a", "b"))

    assert dangers(made(NODE_CLASS, **new), made(NODE_CLASS, **old)) == (
        "nodes of EC2NodeClass burst that are there are replaced, as disruption budgets allow: "
        "spec.amiSelectorTerms[0].ssmParameter",
    )


def test_another_template_replaces_them_too_and_other_parts_of_a_node_pool_do_not() -> None:
    old, new = ({"template": {"spec": {"expireAfter": text}}} for text in ("720h", "24h"))

    assert dangers(made(NODE_POOL, **new), made(NODE_POOL, **old)) == (
        "nodes of NodePool burst that are there are replaced, as disruption budgets allow: "
        "spec.template.spec.expireAfter",
    )
    assert dangers(made(NODE_POOL, weight=2), made(NODE_POOL, weight=1)) == ()


def test_lower_limits_and_fewer_replicas_are_less_capacity_and_higher_ones_are_not() -> None:
    low, high = {"limits": {"cpu": "64", "memory": "512Gi"}}, {"limits": {"cpu": "128", "memory": "1024Gi"}}

    assert dangers(made(NODE_POOL, **low), made(NODE_POOL, **high)) == (
        'less capacity: NodePool burst spec.limits.cpu "128" → "64"',
        'less capacity: NodePool burst spec.limits.memory "1024Gi" → "512Gi"',
    )
    assert dangers(made(NODE_POOL, **high), made(NODE_POOL, **low)) == ()
    assert dangers(made(NODE_POOL, replicas=1), made(NODE_POOL, replicas=3)) == (
        "less capacity: NodePool burst spec.replicas 3 → 1",
    )


def test_a_limit_that_comes_allows_less_and_one_that_goes_allows_more() -> None:
    few, many = {"limits": {"cpu": "64", "nodes": "4"}}, {"limits": {"cpu": "64"}}

    assert [text.partition(":")[0] for text in dangers(made(NODE_POOL, **few), made(NODE_POOL, **many))] == [
        "less capacity"
    ]
    assert dangers(made(NODE_POOL, **many), made(NODE_POOL, **few)) == ()


def test_a_pool_that_goes_takes_its_nodes_along() -> None:
    assert dangers(graph(), made(NODE_POOL)) == ("delete NodePool burst: its nodes go too",)
