"""Cross-checks of how pools share their GPUs: the hardware can do it."""

from __future__ import annotations

from collections.abc import Mapping

from bedplate.catalog.catalog import Catalog
from bedplate.catalog.hardware import Gpu
from bedplate.catalog.mig import MigProfile, layout_fits
from bedplate.environment.checks.reporter import Path, Reporter
from bedplate.environment.facts import Ec2Facts, NodeFacts
from bedplate.model.source import did_you_mean
from components.node_fields import MigSpec


def check_sharing(path: Path, facts: NodeFacts, catalog: Catalog, report: Reporter) -> None:
    """The pool at `path` splits its GPUs only as they, and its image, can."""
    mig = facts.sharing.mig if facts.sharing else None
    gpu = facts.gpu
    if mig is None or gpu is None:
        return
    path = (*path, "sharing", "mig")
    known = catalog.mig_profiles_of(gpu.name)
    if not known:
        capable = tuple(sorted({row.gpu for row in catalog.mig_profiles.values()}))
        hint = f"share it by time (timeSlicing), or use a pool with one of {', '.join(capable)}"
        report.add(path, f"the {gpu.name} cannot be split: it has no MIG", hint=hint)
    elif not _strange_profiles(path, mig, gpu, known, report):
        _fits(path, mig, gpu, known, report)
        _memory(path, mig, gpu, known, report)
        if isinstance(facts, Ec2Facts) and facts.pool.ami.family == "bottlerocket":
            _bottlerocket(path, mig, gpu, report)


def _bottlerocket(path: Path, mig: MigSpec, gpu: Gpu, report: Reporter) -> None:
    """Bottlerocket splits GPUs itself: those that it knows, each into as many equal instances as it holds."""
    if mig.strategy == "mixed":
        message = "Bottlerocket's device plugin offers instances as nvidia.com/gpu only"
        report.add((*path, "strategy"), message, allowed=("single",), hint="or set ami.family: al2023")
    elif mig.layout:
        message = "Bottlerocket splits a GPU into as many instances of one profile as it holds"
        report.add((*path, "layout"), message, hint="write profile, or set ami.family: al2023")
    if gpu.bottlerocket_name is None:
        message = f"Bottlerocket does not split the {gpu.name}, or nobody knows its name for it"
        report.add(path, message, hint="set ami.family: al2023")


def _strange_profiles(path: Path, mig: MigSpec, gpu: Gpu, known: Mapping[str, MigProfile], report: Reporter) -> bool:
    strange = False
    for place, profile in _named(mig):
        if profile not in known:
            message = f"{profile!r} is not a MIG profile of the {gpu.name}"
            report.add((*path, *place), message, allowed=tuple(known), hint=did_you_mean(profile, known))
            strange = True
    return strange


def _named(mig: MigSpec) -> list[tuple[Path, str]]:
    """Every profile that `mig` names, with its place below it."""
    if mig.profile is not None:
        return [(("profile",), mig.profile)]
    return [(("layout", profile), profile) for profile in mig.layout]


def _fits(path: Path, mig: MigSpec, gpu: Gpu, known: Mapping[str, MigProfile], report: Reporter) -> None:
    if layout_fits(known, mig.layout):
        return
    wanted = " and ".join(f"{count} × {profile}" for profile, count in sorted(mig.layout.items()))
    message = f"{wanted} do not fit on one {gpu.name}"
    alone = ", ".join(f"{each} × {profile}" for profile in sorted(mig.layout) for each in [known[profile].most])
    hint = f"alone on it fit {alone}; an instance may begin at certain slices of memory only"
    report.add((*path, "layout"), message, hint=hint)


def _memory(path: Path, mig: MigSpec, gpu: Gpu, known: Mapping[str, MigProfile], report: Reporter) -> None:
    for place, profile in _named(mig):
        if known[profile].memory_mib is None:
            message = (
                f"the memory of {profile} on the {gpu.name} is not in the catalogue: no model can be proved to fit"
            )
            report.add((*path, *place), message, hint="add it to mig-profiles with its source")
