"""Laws of the spread of replacement: it ends, only ever grows, and is the least state in which every tie holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from hypothesis import given, settings
from hypothesis import strategies as st

from bedplate.graph.diff import Action, diff
from bedplate.graph.graph import Graph
from bedplate.graph.replacement import ReplacementRule
from bedplate.graph.resource import Resource
from bedplate.graph.spread import Fate, Link, Settled, Why, settle
from bedplate.graph.values import UNKNOWN, freeze

LAW = settings(max_examples=60, deadline=None)
URNS = tuple(f"u{n}" for n in range(9))

ties = st.lists(
    st.builds(
        Link,
        source=st.sampled_from(URNS),
        target=st.sampled_from(URNS),
        why=st.sampled_from(Why),
        most=st.sampled_from(Fate),
        least=st.sampled_from(Fate),
        capped=st.booleans(),
        first=st.booleans(),
    ),
    max_size=30,
)
starts = st.dictionaries(st.sampled_from(URNS), st.sampled_from(Fate), max_size=5)
names = st.frozensets(st.sampled_from(URNS), max_size=5)


def naive(own: Mapping[str, Fate], named: Set[str], links: Sequence[Link]) -> Settled:
    """The same, by going over everything until nothing moves."""
    state = Settled(dict.fromkeys(URNS, Fate.KEPT) | dict(own), frozenset())
    while True:
        fates, first = dict(state.fates), set(state.first)
        for link in links:
            fates[link.target] = max(fates[link.target], state.given(link))
            along = link.why in (Why.GOES_FIRST, Why.PROVIDER) and link.source in state.first
            if along and state.given(link) >= Fate.UNSURE:
                first.add(link.target)
        first |= {urn for urn in named if fates[urn] >= Fate.UNSURE}
        if (fates, first) == (state.fates, state.first):
            return state
        state = Settled(fates, frozenset(first))


def moved(state: Settled) -> dict[str, Fate]:
    return {urn: fate for urn, fate in state.fates.items() if fate is not Fate.KEPT}


@LAW
@given(starts, names, ties)
def test_the_result_is_that_of_going_over_everything_until_nothing_moves(
    own: Mapping[str, Fate], named: Set[str], links: Sequence[Link]
) -> None:
    quick, slow = settle(own, named, links), naive(own, named, links)
    assert (moved(quick), quick.first) == (moved(slow), slow.first)


@LAW
@given(starts, names, ties, st.randoms(use_true_random=False))
def test_the_order_of_the_ties_changes_nothing(
    own: Mapping[str, Fate], named: Set[str], links: list[Link], random: object
) -> None:
    shuffled = list(links)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    one, other = settle(own, named, links), settle(own, named, shuffled)
    assert (moved(one), one.first) == (moved(other), other.first)


@LAW
@given(starts, starts, names, names, ties, ties)
def test_more_changes_names_or_ties_never_make_anything_better(
    own: dict[str, Fate], more: dict[str, Fate], named: frozenset[str], other: frozenset[str], links: list[Link],
    further: list[Link],
) -> None:  # fmt: skip
    worse = {urn: max(own.get(urn, Fate.KEPT), more.get(urn, Fate.KEPT)) for urn in own.keys() | more.keys()}
    less, greater = settle(own, named, links), settle(worse, named | other, links + further)
    assert all(greater.fates.get(urn, Fate.KEPT) >= fate for urn, fate in less.fates.items())
    assert less.first <= greater.first


RULES = {f"t:{kind}": ReplacementRule(paths, name="name") for kind, paths in (("a", ("x",)), ("b", ("x", "y")))}


@st.composite
def worlds(draw: st.DrawFn) -> list[Resource]:
    """Resources of types with and without rules, each of which may read any of those before it."""
    made: list[Resource] = []
    for urn in URNS[: draw(st.integers(1, len(URNS)))]:
        before = [item.urn for item in made]
        reads = {key: draw(st.lists(st.sampled_from(before), max_size=2)) for key in "xy" if before}
        inputs = {key: draw(st.sampled_from([UNKNOWN, "known"])) for key in ("x", "y")}
        if draw(st.booleans()):
            inputs["name"] = urn
        type_ = draw(st.sampled_from(["t:a", "t:b", "t:c"]))
        made.append(Resource(urn=urn, type=type_, name=urn, inputs=freeze(inputs), property_dependencies=freeze(reads)))
    return made


@LAW
@given(worlds(), st.data())
def test_whatever_changes_was_edited_or_has_a_cause_that_changes_too(
    items: list[Resource], data: st.DataObject
) -> None:
    edited = data.draw(st.sampled_from(items)).urn
    after = [
        Resource(urn=r.urn, type=r.type, name=r.name, inputs=freeze({**r.inputs, "x": "edited"}))
        if r.urn == edited
        else r
        for r in items
    ]
    base, head = (Graph(environment="e", resources=each) for each in (items, after))
    changes = {change.urn: change for change in diff(base, head, RULES)}
    assert edited in changes
    for urn, change in changes.items():
        assert change.action in (Action.UPDATE, Action.REPLACE)
        assert urn == edited or change.causes
        assert all(cause.resource.urn in changes for cause in change.causes if cause.why is not Why.READS_OTHER)
