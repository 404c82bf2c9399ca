"""The checks of `bedplate doctor`: tools for apply, and ages of what the repository holds."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from bedplate.catalog import catalog
from bedplate.environment.load import load
from bedplate.environment.resolve import environment_names
from bedplate.graph.values import Json
from bedplate.model.source import InputError

State = Literal["ok", "warning", "missing"]

# Prices move slowly; a quarter is how often AWS has changed GPU list prices of late.
PRICES_OLD_AFTER = timedelta(days=180)
WAIVER_WARNING = timedelta(days=14)
SUPPORT_WARNING = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `missing` stops an apply, `warning` does not."""

    name: str
    state: State
    found: str
    fix: str = ""

    def to_json(self) -> dict[str, Json]:
        return {"name": self.name, "state": self.state, "found": self.found, "fix": self.fix}


def check_up(root: Path, today: date) -> list[Check]:
    """Every check, tools first."""
    return [*_tools(), *_plugins(), *_prices(today), *_environments(root, today)]


def _tools() -> Iterator[Check]:
    tools = {
        "pulumi": ("version", "missing", "install the Pulumi CLI 3.259 or newer; in this repository: make toolchain"),
        "pulumi-language-python": ("", "missing", "it comes with the Pulumi CLI; in this repository: make toolchain"),
        "aws": ("--version", "missing", "install the AWS CLI: the cluster's kubeconfig asks it for tokens"),
        "helm": ("version --short", "warning", "needed to expand charts only; in this repository: make toolchain"),
        "git": ("--version", "warning", "install git: without it a plan has nothing to compare with"),
    }
    for name, (argument, state, fix) in tools.items():
        path = shutil.which(name)
        if path is None:
            yield Check(name, state, "not on PATH", fix)  # type: ignore[arg-type]
        else:
            yield Check(name, "ok", _first_line([path, *argument.split()]) if argument else "on PATH")


def _plugins() -> Iterator[Check]:
    home = Path(os.environ.get("PULUMI_HOME", Path.home() / ".pulumi"))
    for name, package in (("aws", "pulumi-aws"), ("kubernetes", "pulumi-kubernetes")):
        wanted = version(package)
        installed = (home / "plugins" / f"resource-{name}-v{wanted}").is_dir()
        if installed or shutil.which(f"pulumi-resource-{name}"):
            yield Check(f"plugin {name}", "ok", f"v{wanted}" if installed else "on PATH")
        else:
            fix = f"pulumi plugin install resource {name} v{wanted}"
            yield Check(f"plugin {name}", "missing", f"v{wanted} is not installed", fix)


def _prices(today: date) -> Iterator[Check]:
    oldest = min(price.as_of for price in catalog.load().prices.values())
    fresh = today - oldest <= PRICES_OLD_AFTER
    fix = "" if fresh else "update the catalogue's prices, with their source"
    yield Check("prices", "ok" if fresh else "warning", f"as of {oldest.isoformat()}", fix)


def _environments(root: Path, today: date) -> Iterator[Check]:
    for name in environment_names(root):
        try:
            resolved = load(root, name)
        except InputError as error:
            yield Check(name, "missing", f"{len(error.problems)} problems", f"bedplate validate {name}")
            continue
        lock = resolved.lock
        if lock is None:
            yield Check(f"{name}: lock", "warning", "there is none", f"bedplate lock {name}")
        else:
            open_ = len(lock.unresolved)
            found = f"{open_} references unresolved" if open_ else "whole"
            yield Check(f"{name}: lock", "warning" if open_ else "ok", found)
        kubernetes = catalog.load().kubernetes_versions[resolved.baseline.kubernetes]
        ends = kubernetes.standard_support_ends
        state: State = "ok" if ends - today > SUPPORT_WARNING else "warning"
        yield Check(f"{name}: Kubernetes {kubernetes.version}", state, f"standard support ends {ends.isoformat()}")
        for waiver in resolved.environment.policies.waivers:
            if waiver.expires - today <= WAIVER_WARNING:
                found = f"expires {waiver.expires.isoformat()}"
                yield Check(
                    f"{name}: waiver {waiver.policy}", "warning", found, f"ask {waiver.owner} about {waiver.target}"
                )


def _first_line(argv: list[str]) -> str:
    done = subprocess.run(argv, capture_output=True, text=True)
    return (done.stdout or done.stderr).strip().partition("\n")[0]
