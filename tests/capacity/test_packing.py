"""The packing proof: sound in both outer verdicts, whatever the order and whatever node the scheduler picks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from bedplate.capacity.packing import Fit, Node, PodDemand, pack
from bedplate.capacity.resources import Amount


def node(name: str, cpu: int, gpu: int = 0, pods: int = 110) -> Node:
    return Node(name, Amount(cpu=cpu, memory=cpu, gpu=gpu, pods=pods))


def pod(name: str, cpu: int, nodes: str, gpu: int = 0) -> PodDemand:
    return PodDemand(name, Amount(cpu=cpu, memory=0, gpu=gpu, pods=1), frozenset(nodes))


def test_pods_that_all_fit_on_one_node_fit_in_any_order() -> None:
    assert pack([pod("x", 4, "a"), pod("y", 4, "a")], [node("a", 8)]).fit is Fit.ANY_ORDER


def test_a_large_pod_that_small_ones_can_shut_out_fits_only_if_packed() -> None:
    pods = [pod("large", 8, "ab"), pod("s1", 4, "ab"), pod("s2", 4, "ab")]
    result = pack(pods, [node("a", 8), node("b", 8)])
    assert (result.fit, result.blocked) == (Fit.PACKED, "large")


def test_pods_that_exceed_all_nodes_together_cannot_fit() -> None:
    assert (
        pack([pod("x", 5, "ab"), pod("y", 5, "ab"), pod("z", 5, "ab")], [node("a", 8), node("b", 8)]).fit is Fit.CANNOT
    )


def test_a_pod_without_a_node_is_named_with_the_reason() -> None:
    result = pack([pod("lost", 1, "")], [node("a", 8)])
    assert (result.fit, result.blocked, result.reason) == (
        Fit.CANNOT,
        "lost",
        "no node matches its selectors and tolerations",
    )


def test_a_pod_too_large_for_every_node_says_by_how_much() -> None:
    result = pack([pod("big", 9, "a", gpu=2)], [node("a", 8, gpu=1)])
    assert result.reason == "too large for every node that it may use (on a: cpu 9 > 8, gpu 2 > 1)"


def test_a_pod_that_asks_for_no_gpu_cannot_be_shut_out_by_gpus() -> None:
    pods = [pod("plain", 1, "a"), pod("g1", 1, "a", gpu=1)]
    assert pack(pods, [node("a", 8, gpu=1)]).fit is Fit.ANY_ORDER


def test_devices_of_two_kinds_are_counted_apart() -> None:
    room = Amount(cpu=8, pods=9, devices=(("large", 1), ("small", 2)))
    large, small = (
        PodDemand(kind, Amount(cpu=1, pods=1, devices=((kind, 1),)), frozenset("a")) for kind in ("large", "small")
    )
    assert pack([large, small, replace(small, name="s2")], [Node("a", room)]).fit is Fit.ANY_ORDER
    assert pack([large, replace(large, name="l2")], [Node("a", room)]).fit is Fit.CANNOT


def test_a_device_that_no_node_has_is_named_with_its_kind() -> None:
    asked = PodDemand("lost", Amount(pods=1, devices=(("tiny", 1),)), frozenset("a"))
    result = pack([asked], [node("a", 8)])
    assert result.reason == "too large for every node that it may use (on a: tiny 1 > 0)"


def test_the_number_of_pods_on_a_node_counts() -> None:
    assert pack([pod("x", 1, "a"), pod("y", 1, "a")], [node("a", 8, pods=1)]).fit is Fit.CANNOT


def test_hundreds_of_equal_pods_are_decided() -> None:
    nodes = [node(f"n{i}", 64) for i in range(60)]
    names = frozenset(item.name for item in nodes)
    pods = [PodDemand(f"p{i}", Amount(cpu=8, pods=1), names) for i in range(480)]
    assert pack(pods, nodes).fit is Fit.ANY_ORDER
    extra = PodDemand("one too many", Amount(cpu=8, pods=1), names)
    assert pack([*pods, extra], nodes).fit in (Fit.CANNOT, Fit.UNKNOWN)


def test_nodes_with_equal_room_are_told_apart_by_the_pods_that_may_use_them() -> None:
    pods = [pod("p1", 1, "ab"), pod("p2", 1, "ac"), pod("p3", 1, "cd"), pod("p4", 1, "da")]
    result = pack(pods, [node(name, 1) for name in "abcd"])
    assert result.fit is Fit.PACKED
    assert len(result.placement) == 4


def test_a_search_that_finds_nothing_gives_up_and_says_so() -> None:
    nodes = [node(f"n{i}", 100) for i in range(30)]
    names = frozenset(item.name for item in nodes)
    # Two of them never share a node, which their sum does not tell.
    pods = [PodDemand(f"p{i}", Amount(cpu=51 + i, pods=1), names) for i in range(30)]
    small = [PodDemand(f"s{i}", Amount(cpu=30 + i % 7, pods=1), names) for i in range(30)]
    result = pack([*pods, *small], nodes)
    assert (result.fit, result.reason) == (Fit.UNKNOWN, "no placement found in 5,000 tries")


def test_pods_that_exceed_the_nodes_they_are_confined_to_cannot_fit_however_many_they_are() -> None:
    nodes = [node(f"n{i}", 100) for i in range(60)]
    names, half = frozenset(n.name for n in nodes), frozenset(n.name for n in nodes[:30])
    pods = [PodDemand(f"p{i}", Amount(cpu=30, pods=1), half) for i in range(101)]
    pods += [PodDemand(f"q{i}", Amount(cpu=1, pods=1), names) for i in range(400)]
    assert pack(pods, nodes).fit is Fit.CANNOT


def outcomes(pods: Sequence[PodDemand], nodes: Sequence[Node]) -> set[bool]:
    """Whether all pods get a place, over every order and every choice of node: what any scheduler may do."""
    seen: set[bool] = set()

    def place(rest: Sequence[PodDemand], room: dict[str, Amount]) -> None:
        if not rest:
            seen.add(True)
            return
        options = [name for name in rest[0].nodes if rest[0].request.fits_into(room[name])]
        if not options:
            seen.add(False)
        for name in options:
            place(rest[1:], {**room, name: room[name] - rest[0].request})

    for order in permutations(pods):
        place(order, {item.name: item.room for item in nodes})
    return seen


pod_strategy = st.builds(
    lambda cpu, gpu, nodes: (cpu, gpu, nodes),
    st.integers(1, 5),
    st.integers(0, 2),
    st.sets(st.sampled_from("abc"), min_size=1),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(2, 8), st.integers(0, 2)), min_size=3, max_size=3),
    st.lists(pod_strategy, max_size=4),
)
def test_no_scheduler_contradicts_the_outer_verdicts(
    sizes: list[tuple[int, int]], wanted: list[tuple[int, int, set[str]]]
) -> None:
    nodes = [node(name, cpu, gpu) for name, (cpu, gpu) in zip("abc", sizes, strict=True)]
    pods = [pod(f"p{i}", cpu, "".join(sorted(where)), gpu) for i, (cpu, gpu, where) in enumerate(wanted)]
    truth = outcomes(pods, nodes)
    match pack(pods, nodes).fit:
        case Fit.ANY_ORDER:
            assert truth == {True}
        case Fit.PACKED:
            assert True in truth
        case Fit.CANNOT:
            assert truth == {False}
        case Fit.UNKNOWN:
            raise AssertionError("four pods are always decided")
