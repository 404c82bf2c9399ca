"""Cross-checks of what nodes of EC2 instances start from: Kubernetes version, image, driver, local disks."""

from __future__ import annotations

from bedplate.catalog.catalog import Catalog
from bedplate.environment.checks.cuda import check_cuda
from bedplate.environment.checks.device_path import DRA_DRIVER_MINIMUM
from bedplate.environment.checks.reporter import Path, Reporter
from bedplate.environment.facts import Ec2Facts, PoolImage, pool_image
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.units.version import version_key

# How many minors the kubelet may be older than the API server (Kubernetes, "Version Skew Policy").
MOST_SKEW = 3


def check_image(path: Path, facts: Ec2Facts, resolved: ResolvedEnvironment, catalog: Catalog, report: Reporter) -> None:
    """The pool's image exists for its Kubernetes, is not newer than the control plane, and carries a driver that does.

    `facts` are those of a pool whose instance types are all in the catalogue.
    """
    image = pool_image(facts, resolved.baseline, catalog)
    _kubernetes(path, image, resolved, catalog, report)
    _release(path, facts, image, resolved, report)
    _instance_store(path, facts, catalog, report)
    if facts.gpu is not None:
        _driver(path, facts, image, resolved, catalog, report)


def _kubernetes(
    path: Path, image: PoolImage, resolved: ResolvedEnvironment, catalog: Catalog, report: Reporter
) -> None:
    control_plane, nodes = resolved.baseline.kubernetes, image.kubernetes
    place = (*path, "kubernetes")
    behind = version_key(control_plane)[1] - version_key(nodes)[1]
    if nodes not in catalog.kubernetes_versions:
        message = f"EKS does not offer Kubernetes {nodes}, or the catalogue does not know it"
        report.add(place, message, allowed=tuple(sorted(catalog.kubernetes_versions)))
    elif behind < 0:
        message = f"nodes of {nodes} would be newer than the control plane, which baseline {resolved.baseline.name} "
        message += f"puts at {control_plane}"
        report.add(place, message, hint="upgrade the control plane first: set baseline")
    elif behind > MOST_SKEW:
        message = f"nodes of {nodes} are {behind} minors behind the control plane ({control_plane}); "
        message += f"Kubernetes allows {MOST_SKEW}"
        report.add(place, message)


def _release(path: Path, facts: Ec2Facts, image: PoolImage, resolved: ResolvedEnvironment, report: Reporter) -> None:
    place = (*path, "ami", "release")
    family, baseline = facts.pool.ami.family, resolved.baseline
    if image.release is None:
        what = f"Amazon Linux 2023 for Kubernetes {baseline.kubernetes}"
        message = f"is required: baseline {baseline.name} names a release of {what} only"
        report.add(place, message, hint="write the release that EKS publishes for this pool's image")
    elif family == "al2023" and not image.release.startswith(f"{image.kubernetes}."):
        message = f"{image.release} is a release for another Kubernetes than the pool's, which is {image.kubernetes}"
        report.add(place, message)


def _instance_store(path: Path, facts: Ec2Facts, catalog: Catalog, report: Reporter) -> None:
    if facts.pool.instance_store == "none":
        return
    without = [name for name in facts.pool.instance_types if not catalog.instance_types[name].nvme_gb]
    if without:
        message = f"{', '.join(without)} has no local NVMe disks to join"
        report.add((*path, "instanceStore"), message, hint="set instanceStore: none, or use types with NVMe")


def _driver(
    path: Path,
    facts: Ec2Facts,
    image: PoolImage,
    resolved: ResolvedEnvironment,
    catalog: Catalog,
    report: Reporter,
) -> None:
    """The AMI's driver meets the GPU, the environment's own minimum and the runtime's CUDA."""
    assert facts.gpu is not None
    row = catalog.ami_types.get(image.ami_type)
    driver = row.driver(image.kubernetes) if row else None
    types = (*path, "instanceTypes", 0)
    if driver is None:
        message = f"the driver of {image.ami_type} on Kubernetes {image.kubernetes} is not in the catalogue"
        report.add(types, message)
        return
    runtime = catalog.runtimes[resolved.environment.serving.runtime]
    floors: list[tuple[str, str, Path]] = [
        (facts.gpu.driver_minimum, f"the {facts.gpu.name} needs", types),
        (resolved.environment.gpu_baseline.driver_minimum, "gpuBaseline asks for", ("gpuBaseline", "driverMinimum")),
        (runtime.driver_minimum, f"{runtime.name} needs", ("serving", "runtime")),
    ]
    if facts.dra:
        floors.append((DRA_DRIVER_MINIMUM, "a pool whose GPUs are claimed needs", (*path, "devicePath")))
    for minimum, who, place in floors:
        if version_key(driver) < version_key(minimum):
            report.add(place, f"{who} driver {minimum} or newer, and {image.ami_type} carries {driver}")
    check_cuda(driver, f"{image.ami_type} carries", resolved, catalog, report)
