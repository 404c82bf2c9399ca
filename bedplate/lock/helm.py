"""Helm, run so that nothing outside the chart decides what it writes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import yaml

from bedplate.environment.sections import ChartAddonSpec

_HELM_SECONDS = 120


class VendorError(Exception):
    """A chart cannot be expanded; the message names it and holds helm's own words."""


def template(addon: ChartAddonSpec, chart: Path, *, kubernetes: str) -> str:
    """What `helm template` writes for `chart` with the add-on's namespace and values. Raises VendorError."""
    arguments = ["template", addon.name, str(chart.resolve()), "--namespace", addon.namespace]
    arguments += ["--include-crds", "--kube-version", kubernetes]
    for path, value in sorted(addon.values.items()):
        # As JSON a text needs no escapes; a number would become a fraction (1e+06).
        arguments += ["--set-json" if isinstance(value, str) else "--set", f"{path}={json.dumps(value)}"]
    return _run(addon.name, arguments)


def chart_metadata(addon: str, chart: Path) -> tuple[str, str]:
    """Name and version that `chart` (an archive or a folder) gives itself. Raises VendorError."""
    text = _run(addon, ["show", "chart", str(chart.resolve())])
    try:
        data = yaml.safe_load(text)
        return str(data["name"]), str(data["version"])
    except (yaml.YAMLError, KeyError, TypeError):
        raise VendorError(f"{addon}: {chart} has no Chart.yaml with a name and a version") from None


def _run(addon: str, arguments: list[str]) -> str:
    """What helm writes, in an empty home: repositories, plugins and settings of whoever runs it change nothing."""
    helm = shutil.which("helm")
    if helm is None:
        raise VendorError(f"{addon}: helm is not on PATH; `bedplate doctor` says how to get it")
    what = f"{addon}: helm {arguments[0]}"
    with tempfile.TemporaryDirectory(prefix="bedplate-helm-") as home:
        env = {"PATH": os.environ["PATH"], "HOME": home}
        argv = [os.path.abspath(helm), *arguments]
        try:
            done = subprocess.run(argv, env=env, cwd=home, capture_output=True, text=True, timeout=_HELM_SECONDS)
        except subprocess.TimeoutExpired:
            raise VendorError(f"{what} ran for more than {_HELM_SECONDS} s") from None
        except OSError as error:
            raise VendorError(f"{what}: {helm} cannot be run: {error.strerror}") from None
    if done.returncode != 0:
        raise VendorError(f"{what}: {done.stderr.strip()}")
    return done.stdout
