"""Cross-check of gpuBaseline.cudaMinimum: the driver of every GPU node runs that CUDA."""

from __future__ import annotations

from bedplate.catalog.catalog import Catalog
from bedplate.environment.checks.reporter import Path, Reporter
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.units.version import version_key


def check_cuda(driver: str, carries: str, resolved: ResolvedEnvironment, catalog: Catalog, report: Reporter) -> None:
    """The driver runs programs of the CUDA that the environment asks for without packages beside it.

    `carries` says whose driver it is: "AL2023_x86_64_NVIDIA carries".
    """
    wanted = resolved.environment.gpu_baseline.cuda_minimum
    if wanted is None:
        return
    path: Path = ("gpuBaseline", "cudaMinimum")
    newest = catalog.newest_cuda(driver)
    if newest is None:
        report.add(path, f"nobody knows which CUDA driver {driver} runs, which {carries}")
    elif version_key(newest) < version_key(wanted):
        message = f"gpuBaseline asks for CUDA {wanted}, and {carries} driver {driver}, which runs {newest} and older"
        report.add(path, f"{message} as it is")
