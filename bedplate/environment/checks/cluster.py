"""Cross-checks of the cluster: its addresses, who gets in, and its EKS add-ons."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network
from urllib.parse import urlsplit

from bedplate.catalog.catalog import Catalog
from bedplate.catalog.rows import EksAddon
from bedplate.environment.checks.reporter import Path, Reporter
from bedplate.environment.environment import Environment
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.sections import EksAddonSpec
from bedplate.model.source import did_you_mean
from components.cluster.access_spec import AccessSpec
from components.cluster.addons import cni_settings
from components.cluster.control_plane_spec import EndpointSpec, PodsSpec
from components.cluster.spec import ClusterSpec, EksExistingClusterSpec

# EKS API reference, KubernetesNetworkConfigRequest: where a range of Services must lie, and how large it may be.
_PRIVATE_RANGES = tuple(IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_SERVICE_PREFIXES = (12, 24)
# Amazon EKS user guide, "Configure network access to cluster API server endpoint": a block cannot include reserved
# addresses. Those for documentation are left out here, since examples are made of them.
_NOT_PUBLIC = (
    *_PRIVATE_RANGES,
    *map(IPv4Network, ("0.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")),
)
_EKS_HOSTS = ".eks.amazonaws.com"


def check_cluster(resolved: ResolvedEnvironment, catalog: Catalog, report: Reporter) -> None:
    """The cluster can be made, somebody can administer it, and its add-ons can be installed."""
    environment = resolved.environment
    cluster = environment.cluster
    if isinstance(cluster, ClusterSpec):
        _endpoint(cluster.endpoint, report)
        _service_range(cluster.service_cidr, environment, report)
        _control_plane(cluster, report)
        _access(cluster.access, environment, report)
        _administrator(cluster.access, report)
    if isinstance(cluster, EksExistingClusterSpec):
        _address(cluster, environment, report)
        _vpc(cluster, environment, report)
        _service_range(cluster.service_cidr, environment, report)
        _access(cluster.access, environment, report)
    _addons(environment, catalog, report)


def _endpoint(endpoint: EndpointSpec, report: Reporter) -> None:
    path = ("cluster", "endpoint", "publicCidrs")
    if endpoint.public and not endpoint.public_cidrs:
        report.add(path, "is required where public is true: name the ranges that may reach the API server")
    if not endpoint.public and endpoint.public_cidrs:
        report.add(path, "has no effect while public is false", hint="set public: true, or remove publicCidrs")
    for index, cidr in enumerate(endpoint.public_cidrs):
        if any(IPv4Network(cidr).subnet_of(other) for other in _NOT_PUBLIC):
            message = f"nobody comes from {cidr} on the internet, and EKS refuses it"
            report.add((*path, index), message, hint="name the public addresses of your own network")


def _service_range(cidr: str | None, environment: Environment, report: Reporter) -> None:
    if cidr is None or environment.network is None:
        return
    path = ("cluster", "serviceCidr")
    services, vpc = IPv4Network(cidr), IPv4Network(environment.network.vpc_range)
    shortest, longest = _SERVICE_PREFIXES
    if not any(services.subnet_of(private) for private in _PRIVATE_RANGES):
        report.add(path, f"{services} is not private", allowed=tuple(str(private) for private in _PRIVATE_RANGES))
    elif not shortest <= services.prefixlen <= longest:
        size = "large" if services.prefixlen < shortest else "small"
        report.add(path, f"{services} is too {size}: EKS takes /{shortest} to /{longest}")
    elif services.overlaps(vpc):
        message = f"{services} overlaps the VPC, {vpc}: pods could not tell a Service from a node"
        made = isinstance(environment.cluster, ClusterSpec)
        own = "choose a range outside of the VPC, or leave it to EKS's own"
        report.add(path, message, hint=own if made else "state the range and the VPC that the cluster has")


def _control_plane(cluster: ClusterSpec, report: Reporter) -> None:
    if cluster.hpa_sync_seconds < 15 and cluster.control_plane_tier == "standard":
        message = f"{cluster.hpa_sync_seconds} needs a control plane whose capacity is held ready"
        report.add(("cluster", "hpaSyncSeconds"), message, hint="set controlPlaneTier: tier-xl, or remove it")


def _address(cluster: EksExistingClusterSpec, environment: Environment, report: Reporter) -> None:
    """An address that EKS gave lies in the region where everything else is made."""
    host = urlsplit(cluster.endpoint).hostname or ""
    region = host.removesuffix(_EKS_HOSTS).rpartition(".")[2]
    if host.endswith(_EKS_HOSTS) and region != environment.region:
        message = f"the API server is in {region}, and nodes would be in {environment.region}"
        report.add(("cluster", "endpoint"), message, hint="state the cluster of that region, or set cloud.region")


def _vpc(cluster: EksExistingClusterSpec, environment: Environment, report: Reporter) -> None:
    """Nodes reach the control plane inside its VPC."""
    if environment.network is not None and environment.network.existing is None:
        message = f"would be another VPC than the one in which {cluster.name} stands: its nodes could not join"
        report.add(("network", "cidr"), message, hint="name the cluster's VPC and subnets in network.existing")


def _access(entries: tuple[AccessSpec, ...], environment: Environment, report: Reporter) -> None:
    seen: dict[str, str] = {}
    for index, entry in enumerate(entries):
        if entry.principal in seen:
            path = ("cluster", "access", index, "principal")
            message = f"{entry.principal} has an entry already, {seen[entry.principal]}: EKS takes one for each role"
            report.add(path, message, hint="one entry can give a policy and kubernetesGroups")
        seen.setdefault(entry.principal, entry.name)
        _namespaces(index, entry.namespaces, environment, report)


def _administrator(entries: tuple[AccessSpec, ...], report: Reporter) -> None:
    if not any(entry.policy == "clusterAdmin" and not entry.namespaces for entry in entries):
        message = "no entry gives clusterAdmin over the whole cluster: nobody could administer it, nor could Bedplate"
        report.add(("cluster", "access"), message, hint="give it to the role that runs bedplate apply")


def _namespaces(index: int, names: tuple[str, ...], environment: Environment, report: Reporter) -> None:
    known = tuple(team.namespace for team in environment.teams)
    for position, name in enumerate(names):
        if name not in known:
            path = ("cluster", "access", index, "namespaces", position)
            report.add(path, f"{name!r} is no team's namespace", allowed=known, hint=did_you_mean(name, known))


def _addons(environment: Environment, catalog: Catalog, report: Reporter) -> None:
    known = catalog.eks_addons
    there = {addon.name for addon in environment.addons if addon.source in ("eks", "provided")}
    for index, addon in enumerate(environment.addons):
        path: Path = ("addons", index)
        ours = isinstance(environment.cluster, ClusterSpec)
        if ours and addon.source == "provided" and addon.name in known and known[addon.name].required:
            message = f"{addon.name} cannot be there before the cluster that Bedplate makes"
            report.add((*path, "source"), message, allowed=("eks",))
        if not isinstance(addon, EksAddonSpec):
            continue
        if addon.name not in known:
            hint = did_you_mean(addon.name, known) or "see `aws eks describe-addon-versions`, and add a catalogue row"
            report.add((*path, "name"), f"EKS has no add-on {addon.name!r}", hint=hint)
            continue
        _needs(path, known[addon.name], there, report)
        _rights(path, addon, known[addon.name], report)
        _settings(path, addon, report)


def _needs(path: Path, row: EksAddon, there: set[str], report: Reporter) -> None:
    for need in row.needs:
        if need not in there:
            message = f"{row.name} needs {need}, installed by EKS or there already, before it"
            report.add((*path, "name"), message, hint=f"add {{name: {need}, source: eks}}")


def _rights(path: Path, addon: EksAddonSpec, row: EksAddon, report: Reporter) -> None:
    if addon.policies and not row.service_accounts:
        report.add((*path, "policies"), f"have no use: no pod of {row.name} calls AWS")
    if row.own_policies and not addon.policies:
        message = f"{row.name} can do nothing without policies that say what it may reach"
        report.add(path, message, hint="name one of your own in policies")


def _settings(path: Path, addon: EksAddonSpec, report: Reporter) -> None:
    """What `cluster.pods` says of the CNI is not said a second time."""
    if addon.name != "vpc-cni":
        return
    ours = cni_settings(PodsSpec(prefix_delegation=True))
    for key, value in ours.items():
        theirs = addon.configuration.get(key)
        for name in sorted(value.keys() & (theirs.keys() if isinstance(theirs, Mapping) else ())):
            message = "is said by cluster.pods, which capacity follows"
            report.add((*path, "configuration", key, name), message, hint="set cluster.pods.prefixDelegation")
