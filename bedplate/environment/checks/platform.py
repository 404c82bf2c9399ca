"""Cross-checks of namespaces, stores, add-ons and guardrails."""

from __future__ import annotations

from ipaddress import IPv4Network

from bedplate.catalog.catalog import Catalog
from bedplate.environment.checks.reporter import Reporter
from bedplate.environment.environment import Environment
from bedplate.environment.facts import chart_of
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.model.source import did_you_mean
from components.delivery.spec import NAMESPACES
from components.serving.spec import ENVOY_GATEWAY

# Namespaces that the cluster or the platform's own charts use.
RESERVED_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system", "kserve")

# Add-ons without which nothing serves models: namespace of the chart, and what for.
_KSERVE = {
    "kserve-crd": ("kserve", "models are objects of KServe's kinds"),
    "kserve": ("kserve", "model services need KServe's controller"),
}


def check_platform(resolved: ResolvedEnvironment, catalog: Catalog, report: Reporter) -> None:
    """Everything around the models can be built."""
    environment = resolved.environment
    _namespaces(environment, report)
    _stores(environment, report)
    _admission(resolved, report)
    _addons(resolved, catalog, report)
    _brought(environment, report)
    _flows(environment, report)
    _host(environment, report)


def _namespaces(environment: Environment, report: Reporter) -> None:
    taken = dict.fromkeys(RESERVED_NAMESPACES, "is reserved")
    taken[environment.gpu_baseline.namespace] = "belongs to gpuBaseline"
    taken[environment.serving.gateway.namespace] = "belongs to serving.gateway"
    for addon in environment.addons:
        if addon.source == "chart":
            taken.setdefault(addon.namespace, f"belongs to add-on {addon.name}")
    writer = environment.delivery.controller
    if environment.delivery.gitops is not None and writer in NAMESPACES:
        # Whoever may write there tells the controller what to do.
        taken.setdefault(environment.delivery.gitops.namespace or NAMESPACES[writer], f"belongs to {writer}")
    for index, team in enumerate(environment.teams):
        if team.namespace in taken:
            report.add(("teams", index, "namespace"), f"{team.namespace!r} {taken[team.namespace]}")
        elif team.namespace.startswith("kube-"):
            message = f"{team.namespace!r} begins with kube-, which Kubernetes keeps for itself"
            report.add(("teams", index, "namespace"), message)
        taken[team.namespace] = f"belongs to team {team.name}"


def _stores(environment: Environment, report: Reporter) -> None:
    teams = [team.name for team in environment.teams]
    for index, store in enumerate(environment.stores):
        for position, reader in enumerate(store.readers):
            if reader not in teams:
                report.add(
                    ("stores", index, "readers", position),
                    f"there is no team {reader!r}",
                    allowed=tuple(teams),
                    hint=did_you_mean(reader, teams),
                )


def _admission(resolved: ResolvedEnvironment, report: Reporter) -> None:
    """Images that the platform itself puts into team namespaces pass its own admission."""
    prefixes = resolved.environment.guardrails.registries
    for role in ("vllm", "storageInitializer"):
        image = resolved.baseline.images[role]
        if not image.startswith(prefixes):
            message = f"no prefix admits {image}, which every model service needs"
            report.add(("guardrails", "registries"), message, hint=f"add {image.rpartition('/')[0]}/")


def _addons(resolved: ResolvedEnvironment, catalog: Catalog, report: Reporter) -> None:
    """Charts can be found, and what the cluster already has is of the version that the baseline was tested with."""
    for index, addon in enumerate(resolved.environment.addons):
        if addon.source == "chart" and chart_of(addon, resolved.baseline) is None:
            message = f"baseline {resolved.baseline.name} has no chart {addon.name!r}: chart and version are required"
            names = tuple(sorted(resolved.baseline.charts))
            report.add(("addons", index), message, allowed=names, hint=did_you_mean(addon.name, names))
        known = _tested(resolved, catalog, addon.name)
        if addon.source == "provided" and known is not None and addon.version != known.removeprefix("v"):
            tested = f"baseline {resolved.baseline.name} was tested with {addon.name} {known}"
            message = f"{tested}, not {addon.version}"
            report.add(("addons", index, "version"), message, allowed=(known.removeprefix("v"),))


def _brought(environment: Environment, report: Reporter) -> None:
    """The kinds of the front door and of model services come with an add-on: without it no API server takes them."""
    needed = dict(_KSERVE)
    if environment.serving.gateway.controller == ENVOY_GATEWAY:
        needed["envoy-gateway"] = ("envoy-gateway-system", "the gateway needs Envoy Gateway")
    named = {addon.name for addon in environment.addons}
    for name, (namespace, why) in needed.items():
        if name not in named:
            chart = f"{{name: {name}, source: chart, namespace: {namespace}}}"
            hint = f"add {chart}; where the cluster has it already: source: provided and its version"
            report.add(("addons",), f"{why}, which no add-on {name} brings", hint=hint)


def _tested(resolved: ResolvedEnvironment, catalog: Catalog, name: str) -> str | None:
    """The version of what chart `name` of the baseline installs, which is not always the chart's own."""
    known = resolved.baseline.charts.get(name)
    if known is None:
        return None
    parts = resolved.baseline.parts()
    version = next((parts[row.part] for row in catalog.baseline_parts.values() if name in row.charts), known.version)
    return known.version if known.version.removeprefix("v") == version else version


def _flows(environment: Environment, report: Reporter) -> None:
    """Exceptions lie inside their range, as the API server demands; flows have names of their own."""
    report.unique(("guardrails", "egress"), [flow.name for flow in environment.guardrails.egress], "flow")
    for index, flow in enumerate(environment.guardrails.egress):
        for position, part in enumerate(flow.except_cidrs):
            path = ("guardrails", "egress", index, "exceptCidrs", position)
            if not IPv4Network(part).subnet_of(IPv4Network(flow.cidr)):
                report.add(path, f"{part} is no part of {flow.cidr}", hint="leave it out: it is closed anyway")
            elif part == flow.cidr:
                report.add(path, f"{part} is the whole range: nothing would be open", hint="leave the flow out")


def _host(environment: Environment, report: Reporter) -> None:
    """Gateway API takes names alone (Gateway API reference, Hostname)."""
    host = environment.serving.gateway.host
    if host.rpartition(".")[2].isdigit():
        report.add(("serving", "gateway", "host"), f"{host!r} is no DNS name: the last part of one is no number")
