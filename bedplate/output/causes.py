"""Words for the causes of a change that nobody wrote: because what it reads is replaced, or goes first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from bedplate.graph.diff import Cause, object_label
from bedplate.graph.resource import Resource
from bedplate.graph.spread import Fate, Why
from bedplate.output.wording import listed

_HAPPENS: Mapping[Fate, str] = {
    Fate.UPDATED: "updated",
    Fate.REPLACED: "replaced",
}
# Objects named in one sentence.
_NAMED = 3


def cause_texts(causes: Sequence[Cause]) -> Iterator[str]:
    """``because ec2.Vpc network-vpc is replaced: vpcId``; causes that differ in nothing but the object share one."""
    ordered = sorted(causes, key=lambda cause: (_RANK[cause.why], -cause.fate, cause.paths, cause.resource.urn))
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for (why, fate, paths), group in groupby(ordered, key=lambda cause: (cause.why, cause.fate, cause.paths)):
        resources = [cause.resource for cause in group]
        # What is replaced and goes first is told once: the second says nothing new.
        new = [item for item in resources if (item.urn, paths) not in seen]
        seen |= {(item.urn, paths) for item in resources}
        if new:
            yield _sentence(why, fate, paths, new)


_RANK = {
    Why.READS: 0,
    Why.READS_OTHER: 1,
    Why.GOES_FIRST: 2,
    Why.VERSION: 3,
    Why.PROVIDER: 4,
    Why.TAGS: 5,
    Why.CONTROLLER: 6,
}


def _sentence(why: Why, fate: Fate, paths: Sequence[str], resources: Sequence[Resource]) -> str:
    names = listed([object_label(item) for item in resources], most=_NAMED)
    place = f": {', '.join(paths)}" if paths else ""
    if why is Why.READS_OTHER:
        return f"because it no longer reads the same object{place} ({names})"
    if why is Why.TAGS:
        return f"because {names} writes other default tags{place}"
    verb = "is" if len(resources) == 1 else "are"
    happens = f"{verb} {_HAPPENS[fate]}" if fate in _HAPPENS else "may be replaced"
    if why is Why.GOES_FIRST:
        happens += ", the old one first"
    return f"because {names} {happens}{place}"
