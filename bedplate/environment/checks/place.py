"""Cross-checks of where an environment stands: account or none, which cluster, and how it reaches the world."""

from __future__ import annotations

import re

from bedplate.environment.checks.reporter import Reporter
from bedplate.environment.environment import Environment
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.sections import StateSpec
from components.cluster.spec import ClusterSpec, ExistingClusterSpec

# Regions of the partition aws (AWS SDKs, partitions.json, regionRegex; read 2026-11-28).
_COMMERCIAL = re.compile(r"(?:us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+", re.ASCII)


def check_place(resolved: ResolvedEnvironment, report: Reporter) -> None:
    """Account, network, cluster and connectivity go together."""
    environment = resolved.environment
    if environment.aws is None:
        _without_cloud(environment, report)
    else:
        _on_aws(environment, report)
    if isinstance(environment.cluster, ExistingClusterSpec) and environment.cluster.context is None:
        hint = "state cluster.context, or context in the site's file"
        report.add(("cluster", "context"), "is required: nothing else says which cluster it is", hint=hint)
    if not isinstance(environment.cluster, ClusterSpec):
        _version(environment.cluster.version, resolved, report)
    _connectivity(resolved, report)
    if environment.tier == "production":
        _shared_state(environment.state, report)


def _on_aws(environment: Environment, report: Reporter) -> None:
    assert environment.aws is not None
    region = environment.region
    if not _COMMERCIAL.fullmatch(region):
        message = f"{region!r} is no region of the partition that resources are named for (arn:aws:)"
        report.add(("cloud", "region"), message)
    for index, zone in enumerate(environment.zones):
        if not re.fullmatch(rf"{re.escape(region)}[a-z]", zone, re.ASCII):
            message = f"{zone!r} is not a zone of {region}"
            report.add(("cloud", "zones", index), message, hint=f"zones of {region} are called {region}a, {region}b …")
    report.unique(("cloud", "zones"), environment.zones, "zone")
    if environment.network is None:
        report.add(("network",), "is required where cloud.provider is aws", hint="state at least its cidr")
    if isinstance(environment.cluster, ExistingClusterSpec):
        message = "kind existing is for clusters outside AWS, and cloud.provider is aws"
        hint = "or set cloud: {provider: none}"
        report.add(("cluster", "kind"), message, allowed=("eks", "eksExisting"), hint=hint)


def _without_cloud(environment: Environment, report: Reporter) -> None:
    """Nothing is made outside the cluster."""
    needs = "needs an AWS account, and cloud.provider is none"
    if environment.network is not None:
        report.add(("network",), f"a VPC {needs}", hint="remove network")
    if not isinstance(environment.cluster, ExistingClusterSpec):
        report.add(("cluster", "kind"), f"kind {environment.cluster.kind} {needs}", allowed=("existing",))
    for index, store in enumerate(environment.stores):
        report.add(("stores", index, "kind"), f"a store of kind {store.kind} {needs}")
    for index, addon in enumerate(environment.addons):
        if addon.source == "eks":
            report.add(("addons", index, "source"), f"an EKS add-on {needs}", allowed=("chart", "provided"))


def _version(version: str, resolved: ResolvedEnvironment, report: Reporter) -> None:
    """A cluster that is there runs what the baseline was tested with."""
    tested = resolved.baseline.kubernetes
    if version != tested:
        message = f"baseline {resolved.baseline.name} was tested with Kubernetes {tested}, not {version}"
        report.add(("cluster", "version"), message, allowed=(tested,))


def _shared_state(state: StateSpec, report: Reporter) -> None:
    """What many apply is kept where all of them reach it, under a key that nobody has to hand on."""
    if state.backend.startswith("file://"):
        message = "production keeps no state in files, which one machine has"
        report.add(("state", "backend"), message, hint="name a shared backend, such as s3://<bucket>?region=<region>")
    if state.secrets_provider == "passphrase":
        message = "production keeps no secrets under a passphrase, which people hand on"
        report.add(("state", "secretsProvider"), message, hint="name a key, such as awskms://alias/<name>")


def _connectivity(resolved: ResolvedEnvironment, report: Reporter) -> None:
    environment = resolved.environment
    path = ("connectivity",)
    if environment.connectivity == "private" and environment.aws is None:
        message = "private means a VPC that reaches AWS through endpoints, and cloud.provider is none"
        report.add(path, message, allowed=("connected", "airgapped"))
    if environment.connectivity != "connected":
        _weights(environment, report)
    if environment.connectivity != "airgapped":
        return
    if environment.aws is not None:
        message = "airgapped means no link at all, and nodes on AWS need the region's API"
        report.add(path, message, allowed=("connected", "private"))
    elif not resolved.registry:
        hint = "add environments/<env>/sites/<site>.yaml with its registry"
        report.add(
            path, "airgapped nodes pull every image from a registry at their site, and no site names one", hint=hint
        )


def _weights(environment: Environment, report: Reporter) -> None:
    """Pods without a way to the internet load weights from a store."""
    for index, model in enumerate(environment.models):
        if model.weights == "source":
            whom = f"whom {environment.connectivity} pods do not reach"
            message = f"{model.name} loads its weights from their publisher, {whom}"
            report.add(("models", index, "weights"), message, hint="name a store")
