"""Graphs that hypothesis makes: any JSON as inputs, references only backwards, so that no cycle can arise."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import SECRET, UNKNOWN, Json, freeze

TYPES = ("aws:s3/bucket:Bucket", "kubernetes:core/v1:ConfigMap", "kubernetes:core/v1:Pod", "pulumi:providers:aws")

_numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
_scalars = st.none() | st.booleans() | _numbers | st.text(max_size=4)
_marks = st.sampled_from([UNKNOWN, SECRET])
_named = st.lists(st.sampled_from("abc"), max_size=3, unique=True)

values: st.SearchStrategy[Json] = st.recursive(
    _scalars | _marks,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | _named.flatmap(lambda names: st.tuples(*(_item(name, inner) for name in names)).map(list))
    ),
    max_leaves=6,
)
"""Any JSON, marks and lists of named objects included."""

maps = st.dictionaries(st.text(min_size=1, max_size=3), values, max_size=3)


def _item(name: str, inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return inner.map(lambda value: {"name": name, "value": value})


@st.composite
def resources(draw: st.DrawFn, most: int = 6) -> Sequence[Resource]:
    """Resources, each of which may need any of those before it."""
    made: list[Resource] = []
    for index in range(draw(st.integers(0, most))):
        before = [item.urn for item in made]
        some = st.lists(st.sampled_from(before), unique=True, max_size=3) if before else st.just([])
        one = st.none() | (st.sampled_from(before) if before else st.none())
        type_ = draw(st.sampled_from(TYPES))
        made.append(
            Resource(
                urn=f"urn:pulumi:dev::bedplate::{type_}::{index}",
                type=type_,
                name=str(index),
                custom=draw(st.booleans()),
                parent=draw(one),
                provider=draw(one),
                inputs=freeze(draw(maps)),
                dependencies=tuple(sorted(draw(some))),
                property_dependencies=freeze(draw(st.dictionaries(st.text(min_size=1, max_size=2), some, max_size=2))),
                options=freeze(draw(maps)),
                layer=draw(st.sampled_from(["", "cluster", "models"])),
                entry=draw(st.text(max_size=3)),
                team=draw(st.text(max_size=3)),
                derived_from=draw(one),
            )
        )
    return made


graphs: st.SearchStrategy[Graph] = resources().map(lambda items: Graph(environment="dev", resources=items))
