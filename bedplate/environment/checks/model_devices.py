"""Cross-checks of what model services and teams ask of GPUs: nodes offer it, under that name."""

from __future__ import annotations

from bedplate.catalog.catalog import Catalog
from bedplate.environment.checks.reporter import Reporter
from bedplate.environment.facts import NodeFacts, node_facts
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.model.source import did_you_mean
from components.model_service.spec import ModelRelease, ModelServiceSpec


def split_suits(index: int, model: ModelServiceSpec, release: ModelRelease, facts: NodeFacts, report: Reporter) -> bool:
    """Whether the model can run on what its pool makes of each GPU. A split that cannot be made is refused at the
    pool, and no more is said here."""
    mig = facts.sharing.mig if facts.sharing else None
    path = ("models", index)
    by_profile = mig is not None and mig.strategy == "mixed"
    if model.mig_profile is not None and not by_profile:
        message = f"pool {model.pool!r} does not offer instances by profile"
        report.add((*path, "migProfile"), message, hint="leave it out")
        return False
    if mig is None:
        return True
    if release.resources.gpus > 1:
        message = f"{model.release} needs {release.resources.gpus} GPUs, and pool {model.pool!r} splits them with MIG"
        report.add((*path, "pool"), message, hint="MIG instances exchange no data: use a pool of whole GPUs")
        return False
    if facts.partition is None:
        return False
    return not by_profile or _profile_offered(index, model, tuple(sorted(facts.partition.layout)), report)


def _profile_offered(index: int, model: ModelServiceSpec, offered: tuple[str, ...], report: Reporter) -> bool:
    path = ("models", index)
    if model.mig_profile is None:
        message = f"pool {model.pool!r} offers MIG instances by profile: migProfile is required"
        report.add((*path, "pool"), message, allowed=offered)
    elif model.mig_profile not in offered:
        message = f"pool {model.pool!r} has no instances of {model.mig_profile}"
        hint = did_you_mean(model.mig_profile, offered)
        report.add((*path, "migProfile"), message, allowed=offered, hint=hint)
    return model.mig_profile in offered


def check_quotas(resolved: ResolvedEnvironment, catalog: Catalog, report: Reporter) -> None:
    """Quotas count what pools offer."""
    profiles, classes = set[str](), set[str]()
    for pool in resolved.environment.node_pools:
        facts = node_facts(pool, catalog)
        if facts is None:
            continue
        if facts.dra:
            classes |= facts.offers.keys()
        elif facts.partition is not None and facts.partition.strategy == "mixed":
            profiles |= facts.partition.layout.keys()
    for index, team in enumerate(resolved.environment.teams):
        for profile in team.quota.mig:
            if profile not in profiles:
                message = f"no pool offers instances of {profile} by profile, to be counted"
                path = ("teams", index, "quota", "mig", profile)
                hint = did_you_mean(profile, profiles) or "gpus counts instances of pools with strategy: single"
                report.add(path, message, allowed=tuple(sorted(profiles)), hint=hint)
        for device_class in team.quota.devices:
            if device_class not in classes:
                message = f"no pool offers devices of class {device_class}"
                path = ("teams", index, "quota", "devices", device_class)
                hint = did_you_mean(device_class, classes) or "set devicePath: dra on a pool"
                report.add(path, message, allowed=tuple(sorted(classes)), hint=hint)
