"""MIG: how one GPU is split into instances with memory and compute of their own, and which splits the GPU allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from bedplate.catalog.fields import Count, Positive, Row, Text

GPU_RESOURCE = "nvidia.com/gpu"
MIG_PREFIX = "nvidia.com/mig-"
"""Extended resources that begin like this are MIG instances of one profile."""

Strategy = Literal["single", "mixed"]


class MigProfile(Row):
    """One kind of instance on one GPU. It takes `size` slices of memory in a row and begins at one of `starts`.

    `memory_mib` is what a process in the instance sees; None where no source tells.
    """

    gpu: Text
    profile: Text
    size: Positive
    starts: Annotated[tuple[Count, ...], Field(min_length=1)]
    memory_mib: Positive | None = None

    @property
    def most(self) -> int:
        """Most instances of this profile on one GPU, with nothing else on it."""
        return len(self.starts)


@dataclass(frozen=True, slots=True)
class Partition:
    """The split of every GPU of a node: instances per GPU by profile, and the memory of one instance, MiB.

    With strategy single the device plugin offers instances as nvidia.com/gpu, which they must be alike for; with mixed
    as nvidia.com/mig-<profile>.
    """

    layout: Mapping[str, int]
    strategy: Strategy
    memory_mib: Mapping[str, int | None]

    @property
    def instances(self) -> int:
        """Instances on one GPU."""
        return sum(self.layout.values())

    @property
    def config(self) -> str:
        """Name of the split: what nodes ask the MIG manager for, by the label nvidia.com/mig.config."""
        return "_".join(f"{count}x{profile}" for profile, count in sorted(self.layout.items()))

    @property
    def resources(self) -> dict[str, int]:
        """What one GPU counts for, by extended resource."""
        if self.strategy == "single":
            return {GPU_RESOURCE: self.instances}
        return {mig_resource(profile): count for profile, count in sorted(self.layout.items())}


def mig_resource(profile: str) -> str:
    """Extended resource of instances of `profile` with strategy mixed."""
    return f"{MIG_PREFIX}{profile}"


def layout_fits(profiles: Mapping[str, MigProfile], layout: Mapping[str, int]) -> bool:
    """Whether instances of `layout` can stand side by side on one GPU. All its profiles are keys of `profiles`.

    NVIDIA lets an instance begin at certain slices of memory only, so that sums alone do not decide.
    """
    wanted = [profiles[profile] for profile, count in layout.items() for _ in range(count)]
    return _place(sorted(wanted, key=lambda each: (-each.size, each.profile)), frozenset())


def _place(wanted: list[MigProfile], taken: frozenset[int]) -> bool:
    if not wanted:
        return True
    first, *others = wanted
    return any(_place(others, taken | slices) for slices in _places(first) if not taken & slices)


def _places(profile: MigProfile) -> Iterator[frozenset[int]]:
    return (frozenset(range(start, start + profile.size)) for start in profile.starts)
