"""Expand a Helm chart once, into a file that is committed and reviewed like any other manifest.

The chart is a local archive or folder; `helm template` runs without a cluster and without its owner's settings, so the
same chart and values give the same bytes everywhere.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from bedplate.environment.facts import Chart
from bedplate.environment.resolve import FOLDER
from bedplate.environment.sections import ChartAddonSpec
from bedplate.graph.values import Json
from bedplate.model.files import write_atomic
from bedplate.model.lockfile import LockedChart

_HELM_SECONDS = 120


class VendorError(Exception):
    """A chart cannot be expanded; the message names it and holds helm's own words."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """Objects of a chart, sorted, and the digest of the chart that they come from."""

    digest: str
    objects: tuple[Json, ...]


def expand(addon: ChartAddonSpec, chart: Path, *, kubernetes: str) -> Expanded:
    """Run `helm template` on `chart` with the add-on's namespace and values. Raises VendorError."""
    helm = shutil.which("helm")
    if helm is None:
        raise VendorError(f"{addon.name}: helm is not on PATH; `bedplate doctor` says how to get it")
    argv = [helm, "template", addon.name, str(chart), "--namespace", addon.namespace, "--include-crds"]
    argv += ["--kube-version", kubernetes]
    for path, value in sorted(addon.values.items()):
        kind = "--set-string" if isinstance(value, str) else "--set"
        argv += [kind, f"{path}={_helm_value(value)}"]
    with tempfile.TemporaryDirectory(prefix="bedplate-helm-") as home:
        # An empty home: repositories, plugins and settings of whoever runs it must not change the result.
        env = {"PATH": os.environ["PATH"], "HOME": home, "HELM_CACHE_HOME": home, "HELM_CONFIG_HOME": home}
        done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=_HELM_SECONDS)
    if done.returncode != 0:
        raise VendorError(f"{addon.name}: helm template: {done.stderr.strip()}")
    try:
        documents = [item for item in yaml.load_all(done.stdout, yaml.CSafeLoader) if item]
    except yaml.YAMLError as error:
        raise VendorError(f"{addon.name}: helm template wrote YAML that cannot be read: {error}") from error
    return Expanded(chart_digest(chart), tuple(sorted(_with_namespace(documents, addon.namespace), key=_identity)))


def write(root: Path, name: str, chart: Chart, expanded: Expanded) -> LockedChart:
    """Write the objects below ``environments/vendor`` and return the lock entry that points at them."""
    short = expanded.digest.removeprefix("sha256:")[:12]
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
    )


def chart_digest(chart: Path) -> str:
    """SHA-256 of a chart archive; of a folder, of its sorted relative paths and file digests."""
    if chart.is_file():
        return "sha256:" + hashlib.sha256(chart.read_bytes()).hexdigest()
    files = sorted(path for path in chart.rglob("*") if path.is_file())
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(chart).as_posix()}" for path in files]
    return "sha256:" + hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _helm_value(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    # Commas separate assignments in helm's --set.
    return str(value).replace(",", "\\,")


def _with_namespace(documents: Iterable[Json], namespace: str) -> Iterable[Json]:
    """Objects with their namespace written out where the chart leaves it to helm."""
    from bedplate.graph.kubernetes import CLUSTER_SCOPED

    cluster_kinds = {
        item["spec"]["names"]["kind"]
        for item in documents
        if item["kind"] == "CustomResourceDefinition" and item["spec"]["scope"] == "Cluster"
    }
    for item in documents:
        if item["kind"] not in CLUSTER_SCOPED | _MORE_CLUSTER_SCOPED | cluster_kinds:
            item.setdefault("metadata", {}).setdefault("namespace", namespace)
        yield item


# Cluster-scoped kinds that charts use and Bedplate itself does not write.
_MORE_CLUSTER_SCOPED = frozenset(
    {"APIService", "IngressClass", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "ClusterIssuer"}
)


def _identity(item: Json) -> tuple[str, str, str, str]:
    metadata = item["metadata"]
    return item["apiVersion"], item["kind"], metadata.get("namespace", ""), metadata["name"]
