"""Cross-checks of nodes without a driver: the GPU Operator is there, is told nothing else, and has one for them."""

from __future__ import annotations

from bedplate.catalog.catalog import Catalog
from bedplate.environment.checks.gpu_agents import OPERATOR
from bedplate.environment.checks.reporter import Path, Reporter
from bedplate.environment.driver import GPU_DRIVER, operator_pools, operator_settings, os_tag
from bedplate.environment.environment import Environment
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.sections import ChartAddonSpec
from bedplate.units.image import split_image
from components.inventory_pool.spec import InventoryPoolSpec, OsSpec

# Bedplate writes the settings, pools declare what Node Feature Discovery would find, the plan holds the definitions.
_VALUES = {"clusterPolicy.deployCR": False, "nfd.enabled": False, "operator.upgradeCRD": False}
_PUBLISHER = "nvcr.io/nvidia/driver"


def check_gpu_operator(resolved: ResolvedEnvironment, catalog: Catalog, report: Reporter) -> None:
    """Nodes that carry no driver get one."""
    environment = resolved.environment
    bare = operator_pools(environment)
    if not bare:
        if environment.gpu_operator is not None:
            message = "no pool has nodes without a driver"
            report.add(("gpuOperator",), message, hint="remove it, or say driver: none of the pool that carries none")
        return
    _addon(environment, bare[0], report)
    _image(resolved, report)
    _sources(environment, report)
    for index, pool in enumerate(environment.node_pools):
        if isinstance(pool, InventoryPoolSpec) and pool in bare and pool.os is not None:
            _published(("nodePools", index, "os"), pool.os, resolved, catalog, report)


def _addon(environment: Environment, pool: InventoryPoolSpec, report: Reporter) -> None:
    found = [(index, addon) for index, addon in enumerate(environment.addons) if addon.name == OPERATOR]
    if not found:
        values = ", ".join(f"{key}: {str(value).lower()}" for key, value in _VALUES.items())
        namespace = environment.gpu_baseline.namespace
        message = f"the nodes of {pool.name} carry no driver, and there is no gpu-operator to install it"
        hint = f"add {{name: gpu-operator, source: chart, namespace: {namespace}, values: {{{values}}}}}"
        report.add(("addons",), message, hint=hint)
    for index, addon in found:
        if not isinstance(addon, ChartAddonSpec):
            continue
        if addon.namespace != environment.gpu_baseline.namespace:
            message = (
                f"{addon.namespace!r} is not the namespace of the GPU agents: before the operator replaces a driver "
            )
            message += "it waits there for the agents to end"
            report.add(("addons", index, "namespace"), message, allowed=(environment.gpu_baseline.namespace,))
        for key, value in _VALUES.items():
            if addon.values.get(key) is not value:
                message = f"{key} must be {str(value).lower()}: Bedplate writes what the chart would write too"
                report.add(("addons", index, "values"), message, hint=f"set {key}: {str(value).lower()}")


def _image(resolved: ResolvedEnvironment, report: Reporter) -> None:
    """The operator makes the tag of every node's image from this one, which therefore is the driver's version."""
    image, version = resolved.baseline.images[GPU_DRIVER], resolved.baseline.gpu_driver
    if split_image(image).tag == version and "@" not in image:
        return
    part = f"images.{GPU_DRIVER}"
    parts = [override.part for override in resolved.environment.baseline_overrides]
    path: Path = ("baselineOverrides", parts.index(part), "value") if part in parts else ("baseline",)
    message = (
        f"the operator adds a node's system to the tag, which must be the driver's version, {version}; got {image}"
    )
    report.add(path, message, hint="leave system, kernel and digest out of the reference")


def _sources(environment: Environment, report: Reporter) -> None:
    settings = operator_settings(environment)
    if settings.modules == "precompiled":
        if settings.package_sources is not None:
            message = "precompiled modules need no packages"
            report.add(("gpuOperator", "packageSources"), message, hint="remove it, or set modules: compiled")
    elif settings.package_sources is None and environment.connectivity != "connected":
        message = f"modules are compiled from packages, and connectivity is {environment.connectivity}"
        hint = "name a ConfigMap with the site's package sources in gpuOperator.packageSources, or use precompiled ones"
        report.add(("gpuOperator", "modules"), message, hint=hint)


def _published(path: Path, os: OsSpec, resolved: ResolvedEnvironment, catalog: Catalog, report: Reporter) -> None:
    """NVIDIA publishes an image for the system; images from elsewhere are their owner's business."""
    image = split_image(resolved.baseline.images[GPU_DRIVER])
    if f"{image.registry}/{image.repository}" != _PUBLISHER:
        return
    tag = os_tag(os)
    row = catalog.driver_containers.get(tag)
    own = f"set images.{GPU_DRIVER} in baselineOverrides to an image of your own"
    if row is None:
        message = f"NVIDIA publishes no driver image for {tag}"
        report.add((*path, "version"), message, allowed=tuple(catalog.driver_containers), hint=own)
    elif operator_settings(resolved.environment).modules == "precompiled":
        branch = resolved.baseline.gpu_driver.partition(".")[0]
        if not row.precompiles(branch, os.kernel):
            message = f"NVIDIA precompiles no driver of branch {branch} for kernel {os.kernel} of {tag}"
            report.add((*path, "kernel"), message, allowed=row.kernels(), hint=f"set modules: compiled, or {own}")
