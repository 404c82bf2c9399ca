"""Pods on nodes that a controller starts when pods wait for them: what must fit, what could, what never will.

Karpenter looks at one pod after the other and takes the cheapest machine that it gets. Which machines it will start
nobody can prove; that some would do, and that none would, can be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from itertools import islice

from bedplate.capacity.claims import Claims
from bedplate.capacity.packing import Fit, Packing
from bedplate.capacity.placement import Defaults, Placement, Pool, Variant, place
from bedplate.capacity.resources import Amount
from bedplate.graph.derive.expand import PodGroup

_FITS = (Fit.ANY_ORDER, Fit.PACKED)
# Ways to choose one instance type for each pool that are tried: few pools have many types.
_MOST_CHOICES = 64


def place_elastic(
    pods: Sequence[PodGroup], pools: Sequence[Pool], defaults: Defaults, claims: Claims | None = None
) -> Placement:
    """Judge the pods at most replicas on the pools, those that may grow among them.

    What fits on the nodes that are there needs no others. Else nodes of one type for each pool are tried, as many as
    its limits allow; then what no pod could do without, the most that any type offers on the most nodes of any.
    """
    if not any(pool.variants for pool in pools):
        return place(pods, pools, defaults, claims)
    bare = place(pods, [_with(pool, None, 0) for pool in pools], defaults, claims)
    if bare.packing.fit in _FITS:
        return bare
    # Nobody needs more nodes than there are pods, nor gets more of one type than the limits of any pool allow.
    most = min(bare.pods, max(variant.count for pool in pools for variant in pool.variants))
    undecided: Packing | None = None
    for choice in islice(_choices(pools), _MOST_CHOICES):
        found = place(pods, [_with(pool, choice.get(pool.name), most) for pool in pools], defaults, claims)
        if found.packing.fit in _FITS:
            fewest = _fewest(found, most, pods, pools, choice, defaults, claims)
            return replace(bare, packing=_started(fewest.packing, choice))
        if found.packing.fit is Fit.UNKNOWN:
            undecided = undecided or found.packing
    if undecided is not None:
        return replace(bare, packing=undecided)
    best = place(pods, [_with(pool, _best(pool), bare.pods) for pool in pools], defaults, claims)
    if best.packing.fit is Fit.CANNOT:
        reason = f"even on all nodes that limits allow: {best.packing.reason}"
        return replace(bare, packing=Packing(Fit.CANNOT, best.packing.blocked, reason))
    reason = f"depends on the machines that Karpenter starts: {best.packing.reason}".removesuffix(": ")
    return replace(bare, packing=Packing(Fit.UNKNOWN, bare.packing.blocked, reason))


def _fewest(
    found: Placement,
    most: int,
    pods: Sequence[PodGroup],
    pools: Sequence[Pool],
    choice: Mapping[str, Variant],
    defaults: Defaults,
    claims: Claims | None,
) -> Placement:
    """The placement that needs the fewest nodes of each pool that may grow, as far as halving finds it.

    `found` is the one with at most `most` of each.
    """
    too_few, enough = 0, most
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        tried = place(pods, [_with(pool, choice.get(pool.name), middle) for pool in pools], defaults, claims)
        if tried.packing.fit in _FITS:
            found, enough = tried, middle
        else:
            too_few = middle
    return found


def _with(pool: Pool, variant: Variant | None, most: int) -> Pool:
    """A pool that may grow, with the nodes of `variant`, at most `most`; None: with none."""
    if not pool.variants:
        return pool
    chosen = variant or Variant("", pool.least, 0)
    group = replace(pool.group, count=min(chosen.count, most))
    return Pool(group, least=chosen.offer, most=chosen.offer)


def _choices(pools: Sequence[Pool]) -> Iterator[Mapping[str, Variant]]:
    """One instance type for each pool: first the pools' smallest, then one pool after the other goes up."""
    elastic = [pool for pool in pools if pool.variants]
    longest = max(len(pool.variants) for pool in elastic)
    for index in range(longest):
        yield {pool.name: pool.variants[min(index, len(pool.variants) - 1)] for pool in elastic}
    for own in elastic:
        for variant in own.variants:
            yield {pool.name: variant if pool is own else pool.variants[0] for pool in elastic}


def _best(pool: Pool) -> Variant | None:
    """The most of everything that a node of the pool may offer, on the most nodes that it may have."""
    if not pool.variants:
        return None
    most = reduce(Amount.largest, (variant.offer for variant in pool.variants))
    return Variant("", most, pool.most_nodes)


def _started(packing: Packing, choice: Mapping[str, Variant]) -> Packing:
    """The verdict that the placement stands for, with the nodes that it needs."""
    used = Counter(name.rpartition("-")[0] for name in {node for _, node in packing.placement})
    needed = [
        f"{used[pool]} × {variant.instance_type} of pool {pool} would do"
        for pool, variant in sorted(choice.items())
        if used[pool]
    ]
    return Packing(Fit.STARTED, reason="; ".join(needed), placement=packing.placement)
