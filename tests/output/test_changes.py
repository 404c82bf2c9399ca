from __future__ import annotations

from dataclasses import replace

from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import UNKNOWN, Json, freeze
from bedplate.output.changes import change_sections
from bedplate.output.lines import Lines
from tests.output.builders import (
    NAME,
    aws,
    comparison,
    component,
    derived,
    graph,
    kubernetes,
    platform,
    review,
    urn,
)


def text(head: Graph | None, base: Graph | None) -> str:
    both = comparison(review(head) if head else None, review(base) if base else None)
    return Lines(change_sections(both)).plain


def test_equal_graphs_have_no_change_sections() -> None:
    assert text(platform(), platform()) == ""


def test_eight_creates_of_a_kind_are_listed_and_nine_are_folded() -> None:
    assert text(platform(subnets=8), None).count("+ ec2.Subnet") == 8
    assert "+ 9 ec2.Subnet  private-0, private-1" in text(platform(subnets=9), None)


def test_deletions_are_never_folded() -> None:
    assert text(platform(subnets=0), platform(subnets=12)).count("- ec2.Subnet") == 12


def test_layers_follow_from_the_bottom_up_and_name_their_teams() -> None:
    lines = text(platform(), None).splitlines()
    places = [line for line in lines if line and not line.startswith((" ", "Changes", "Controllers"))]
    assert places == ["cluster", "platform · team research", "models · team research"]


def test_inside_a_group_the_worst_stands_first() -> None:
    lines = text(platform(cidr="10.9.0.0/16", subnets=3), platform(subnets=2)).splitlines()
    assert [line[2:6].strip() for line in lines if line.startswith("  ") and line[2] != " "] == ["-/+", "+ ec"]


def test_what_controllers_do_stands_apart_from_what_is_registered() -> None:
    both = text(platform(replicas=2), platform(replicas=1))
    registered, _, consequences = both.partition("Controllers will follow  1 object")
    assert "InferenceService research/chat" in registered
    assert "Pod" not in registered
    assert consequences == "\n  ~ Pod research/chat-*  restarts\n"


def test_pods_of_the_same_template_do_not_restart_when_their_number_changes() -> None:
    def with_pods(count: int) -> Graph:
        options = freeze({"writer": "some controller", "replicas": {"minimum": count, "maximum": count}})
        parts = [replace(r, options=options) if r.derived_from else r for r in platform(replicas=1)]
        return Graph(environment=NAME, resources=parts)

    _, _, consequences = text(with_pods(2), with_pods(1)).partition("Controllers will follow  1 object")
    assert consequences == "\n  ~ Pod research/chat-*  1 → 2 pods\n"


def test_a_stateful_object_that_goes_says_that_it_holds_data() -> None:
    assert "- s3.Bucket weights  (holds data)" in text(graph(), graph(aws("s3/bucket:Bucket", "weights")))


def test_an_update_without_a_rule_says_that_replacement_is_unknown() -> None:
    old, new = (aws("sqs/queue:Queue", "q", {"size": size}) for size in (1, 2))
    assert "~ sqs.Queue q  (replacement unknown)" in text(graph(new), graph(old))


def test_resources_with_other_dependencies_only_are_named() -> None:
    first, second = kubernetes("ConfigMap", "a"), kubernetes("ConfigMap", "b")
    waiting = kubernetes("ConfigMap", "b", needs=[first])
    assert text(graph(first, waiting), graph(first, second)) == (
        "\n1 resource with other dependencies, parents or entries: b\n"
    )


def test_a_component_that_moves_to_another_entry_is_named() -> None:
    old, new = (component("Network", "network", entry=entry) for entry in ("network", "networks[a]"))
    assert "1 resource with other dependencies, parents or entries: network" in text(graph(new), graph(old))


def test_a_removed_environment_does_not_speak_of_changes() -> None:
    gone = text(None, platform())
    assert "No longer described" in gone
    assert "Changes" not in gone
    assert "Controllers" not in gone


def reading(*nets: str, kind: str = "ec2/subnet:Subnet", **inputs: Json) -> Resource:
    """A subnet whose `vpcId` reads `nets`."""
    plain = aws(kind, "part", {"vpcId": UNKNOWN, **inputs})
    return replace(plain, property_dependencies=freeze({"vpcId": tuple(nets)}))


def worlds(part: Resource, *names: str) -> tuple[Graph, Graph]:
    """`part` beside VPCs with another address range."""
    old, new = ([aws("ec2/vpc:Vpc", name, {"cidrBlock": cidr}) for name in names] for cidr in "ab")
    return graph(part, *new), graph(part, *old)


def test_what_follows_from_another_change_says_because() -> None:
    part = reading(urn("aws:ec2/vpc:Vpc", "vpc"))
    assert ("  ~ ec2.Subnet part  (replacement unknown)\n      because ec2.Vpc vpc is replaced: vpcId\n") in text(
        *worlds(part, "vpc")
    )


def test_causes_that_differ_in_the_object_alone_share_a_sentence_and_many_are_counted() -> None:
    part = reading(*(urn("aws:ec2/vpc:Vpc", name) for name in "abcde"))
    assert "      because ec2.Vpc a, ec2.Vpc b, ec2.Vpc c and 2 more are replaced: vpcId\n" in text(
        *worlds(part, *"abcde")
    )


def test_an_object_that_reads_another_than_before_names_both() -> None:
    nets = [aws("ec2/vpc:Vpc", name) for name in "ab"]
    old, new = (graph(*nets, reading(net.urn)) for net in nets)
    assert "because it no longer reads the same object: vpcId (ec2.Vpc a, ec2.Vpc b)" in text(new, old)


def test_what_goes_first_takes_along_and_says_so_unless_it_said_so_already() -> None:
    bucket, bound = urn("aws:s3/bucket:Bucket", "weights"), {"deleteBeforeReplace": True}
    buckets = [replace(aws("s3/bucket:Bucket", "weights", {"bucket": name}), options=freeze(bound)) for name in "ab"]
    known = replace(aws("ec2/vpc:Vpc", "v", {"cidrBlock": "x"}), property_dependencies=freeze({"cidrBlock": (bucket,)}))
    unknown = replace(known, inputs=freeze({"cidrBlock": UNKNOWN}))
    both = [graph(buckets[1], part) for part in (known, unknown)]
    assert "because s3.Bucket weights is replaced, the old one first: cidrBlock" in text(
        both[0], graph(buckets[0], known)
    )
    assert text(both[1], graph(buckets[0], unknown)).count("because") == 1


def test_a_pod_whose_owner_is_replaced_restarts() -> None:
    def world(name: str) -> Graph:
        owner = aws("ec2/vpc:Vpc", "vpc", {"cidrBlock": name})
        return graph(owner, derived("Pod", owner, "p", namespace="n", content={}))

    assert text(world("b"), world("a")).endswith("  -/+ Pod n/p  restarts\n")


def test_what_another_writer_applies_stands_under_its_name() -> None:
    ours = kubernetes("ConfigMap", "ours", namespace="a")
    theirs = replace(kubernetes("ConfigMap", "theirs", namespace="a"), layer="models", team="a", writer="flux")
    assert "models · team a · applied by flux\n  + ConfigMap a/theirs" in text(graph(ours, theirs), None)
    assert "applied by" not in text(graph(ours), None)
