"""Expand a Helm chart once, into a file that is committed and reviewed like any other manifest.

The chart is a local archive or folder; `helm template` runs without a cluster and without its owner's settings, so the
same chart and values give the same bytes everywhere.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from bedplate.environment.facts import Chart, expansion
from bedplate.environment.resolve import FOLDER
from bedplate.environment.sections import ChartAddonSpec
from bedplate.environment.vendored import Manifest, manifests
from bedplate.graph.kubernetes import CLUSTER_SCOPED
from bedplate.graph.values import get
from bedplate.model.files import write_atomic
from bedplate.model.lockfile import LockedChart

_HELM_SECONDS = 120
_SHORT_DIGITS = 12

# Cluster-scoped kinds that charts use and Bedplate itself does not write.
_MORE_CLUSTER_SCOPED = frozenset(
    {"APIService", "IngressClass", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "ClusterIssuer"}
)


class VendorError(Exception):
    """A chart cannot be expanded; the message names it and holds helm's own words."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """Objects of a chart, sorted, the digest of the chart that they come from, and that of what else decides them."""

    digest: str
    expansion: str
    objects: tuple[Manifest, ...]


def expand(addon: ChartAddonSpec, chart: Path, *, kubernetes: str) -> Expanded:
    """Run `helm template` on `chart` with the add-on's namespace and values. Raises VendorError."""
    helm = shutil.which("helm")
    if helm is None:
        raise VendorError(f"{addon.name}: helm is not on PATH; `bedplate doctor` says how to get it")
    argv = [helm, "template", addon.name, str(chart), "--namespace", addon.namespace, "--include-crds"]
    argv += ["--skip-tests", "--kube-version", kubernetes]
    for path, value in sorted(addon.values.items()):
        # As JSON a text needs no escapes; a number would become a fraction (1e+06).
        argv += ["--set-json" if isinstance(value, str) else "--set", f"{path}={json.dumps(value)}"]
    output = _run(addon.name, argv)
    try:
        documents = manifests(output)
    except ValueError as reason:
        raise VendorError(f"{addon.name}: helm template wrote what {reason}") from reason
    objects = sorted(_with_namespace(documents, addon.namespace), key=_identity)
    return Expanded(chart_digest(chart), expansion(addon, kubernetes), tuple(objects))


def _run(name: str, argv: list[str]) -> str:
    """What helm writes, in an empty home: repositories, plugins and settings of whoever runs it change nothing."""
    with tempfile.TemporaryDirectory(prefix="bedplate-helm-") as home:
        env = {"PATH": os.environ["PATH"], "HOME": home, "HELM_CACHE_HOME": home, "HELM_CONFIG_HOME": home}
        try:
            done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=_HELM_SECONDS)
        except subprocess.TimeoutExpired:
            raise VendorError(f"{name}: helm template ran for more than {_HELM_SECONDS} s") from None
    if done.returncode != 0:
        raise VendorError(f"{name}: helm template: {done.stderr.strip()}")
    return done.stdout


def write(root: Path, name: str, chart: Chart, expanded: Expanded) -> LockedChart:
    """Write the objects below ``environments/vendor`` and return the lock entry that points at them.

    The file's name tells chart and values apart: environments that expand one chart differently share no file.
    """
    both = f"{expanded.digest} {expanded.expansion}"
    short = hashlib.sha256(both.encode()).hexdigest()[:_SHORT_DIGITS]
    relative = f"{FOLDER}/vendor/{name}-{chart.version}-{short}.yaml"
    text = "".join("---\n" + yaml.dump(item, Dumper=yaml.CSafeDumper, sort_keys=True) for item in expanded.objects)
    (root / relative).parent.mkdir(parents=True, exist_ok=True)
    write_atomic(root / relative, text.encode())
    return LockedChart(
        name=name,
        reference=chart.reference,
        digest=expanded.digest,
        state="verified",
        vendored=relative,
        expansion=expanded.expansion,
    )


def chart_digest(chart: Path) -> str:
    """SHA-256 of a chart archive; of a folder, of its sorted relative paths and file digests."""
    if chart.is_file():
        return "sha256:" + hashlib.sha256(chart.read_bytes()).hexdigest()
    files = sorted(path for path in chart.rglob("*") if path.is_file())
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(chart).as_posix()}" for path in files]
    return "sha256:" + hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _with_namespace(documents: Sequence[Manifest], namespace: str) -> Iterator[Manifest]:
    """Objects with their namespace written out where the chart leaves it to helm."""
    own = {
        get(item, "spec", "names", "kind")
        for item in documents
        if item["kind"] == "CustomResourceDefinition" and get(item, "spec", "scope") == "Cluster"
    }
    outside = CLUSTER_SCOPED | _MORE_CLUSTER_SCOPED | own
    for item in documents:
        if item["kind"] in outside:
            yield item
        else:
            yield {**item, "metadata": {"namespace": namespace, **item["metadata"]}}


def _identity(item: Manifest) -> tuple[str, str, str, str]:
    metadata = item["metadata"]
    return item["apiVersion"], item["kind"], metadata.get("namespace", ""), metadata["name"]
