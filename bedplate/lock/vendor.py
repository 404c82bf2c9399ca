"""Expand a Helm chart once, into a file that is committed and reviewed like any other manifest.

The chart is a local archive or folder. `helm template` runs without a cluster and without its owner's settings, and
twice: the same chart and values give the same bytes everywhere, or are refused.

Helm's hooks become ordinary objects where an install or upgrade would run them; those for tests, deletion and rollback
are left out, because no apply would ever run them.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from bedplate.environment.facts import Chart, expansion
from bedplate.environment.sections import ChartAddonSpec
from bedplate.environment.targets import FOLDER
from bedplate.environment.vendored import Manifest, manifests, sha256
from bedplate.graph.kubernetes import CLUSTER_SCOPED
from bedplate.graph.values import get
from bedplate.lock.helm import VendorError, chart_metadata, template
from bedplate.model.files import write_atomic
from bedplate.model.lockfile import LockedChart

_SHORT_DIGITS = 12
_HOOK = "helm.sh/hook"
_NEVER_APPLIED = frozenset(
    {"test", "test-success", "test-failure", "pre-delete", "post-delete", "pre-rollback", "post-rollback"}
)

# Cluster-scoped kinds that charts use and Bedplate itself does not write.
_MORE_CLUSTER_SCOPED = frozenset(
    {"APIService", "IngressClass", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "ClusterIssuer"}
)


@dataclass(frozen=True, slots=True)
class Expanded:
    """Objects of a chart, sorted, the digest of the chart that they come from, and that of what else decides them."""

    digest: str
    expansion: str
    objects: tuple[Manifest, ...]


class _Dumper(yaml.CSafeDumper):
    """Whole objects: where a chart repeats a value by anchor, it is written out."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def expand(addon: ChartAddonSpec, wanted: Chart, path: Path, *, kubernetes: str) -> Expanded:
    """Expand the chart at `path` with the add-on's namespace and values.

    Raises VendorError where it is not the chart that is `wanted`, where helm refuses it, and where two runs differ.
    """
    _check_is(addon.name, wanted, path)
    first, second = (template(addon, path, kubernetes=kubernetes) for _ in range(2))
    if first != second:
        raise VendorError(f"{addon.name}: {_random(first, second)}: fix such values in the add-on's values")
    objects = sorted(_with_namespace(_applied(_objects(addon.name, first)), addon.namespace), key=_identity)
    for before, item in itertools.pairwise(objects):
        if _identity(before) == _identity(item):
            raise VendorError(f"{addon.name}: the chart writes {_label(item)} twice")
    return Expanded(chart_digest(path), expansion(addon, kubernetes), tuple(objects))


def vendored_file(name: str, chart: Chart, expanded: Expanded) -> tuple[LockedChart, bytes]:
    """The lock's entry for `expanded`, and the bytes of the file that it points at.

    The file's name holds a digest of its contents: environments that expand a chart alike share the file, others not.
    Whether the chart's reference has a known digest is not said yet.
    """
    documents = (yaml.dump(item, Dumper=_Dumper, sort_keys=True, allow_unicode=True) for item in expanded.objects)
    data = "".join(f"---\n{document}" for document in documents).encode()
    contents = sha256(data)
    short = contents.removeprefix("sha256:")[:_SHORT_DIGITS]
    entry = LockedChart(
        name=name,
        reference=chart.reference,
        state="unresolved",
        vendored=f"{FOLDER}/vendor/{name}-{chart.version}-{short}.yaml",
        contents=contents,
        archive=expanded.digest,
        expansion=expanded.expansion,
    )
    return entry, data


def write(root: Path, name: str, chart: Chart, expanded: Expanded) -> LockedChart:
    """Write the objects below ``environments/vendor`` and return the lock's entry that points at them."""
    entry, data = vendored_file(name, chart, expanded)
    save(root, entry, data)
    return entry


def save(root: Path, entry: LockedChart, data: bytes) -> None:
    """Write the file that `entry` points at."""
    assert entry.vendored is not None
    path = root / entry.vendored
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, data)


def chart_digest(chart: Path) -> str:
    """SHA-256 of a chart archive; of a folder, of its sorted relative paths and file digests."""
    if chart.is_file():
        return sha256(chart.read_bytes())
    files = sorted(path for path in chart.rglob("*") if path.is_file())
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(chart).as_posix()}" for path in files]
    return sha256("\n".join(lines).encode())


def _check_is(addon: str, wanted: Chart, path: Path) -> None:
    """The chart says itself what it is; a file's name does not."""
    name, version = chart_metadata(addon, path)
    asked = (wanted.repository.rpartition("/")[2], wanted.version)
    if (name, version.removeprefix("v")) != (asked[0], asked[1].removeprefix("v")):
        message = f"{addon}: {path} is chart {name} {version}; the environment asks for {asked[0]} {asked[1]}"
        raise VendorError(message)


def _objects(addon: str, text: str) -> tuple[Manifest, ...]:
    try:
        return manifests(text)
    except ValueError as reason:
        raise VendorError(f"{addon}: what helm template wrote {reason}") from reason


def _random(first: str, second: str) -> str:
    """What differs between two runs, as far as it can be told."""
    try:
        pairs = zip(manifests(first), manifests(second), strict=False)
    except ValueError:
        return "two runs of helm template differ"
    changed = sorted({_label(one) for one, other in pairs if one != other})
    return f"two runs of helm template differ in {', '.join(changed) or 'their order'}"


def _applied(documents: Sequence[Manifest]) -> Iterator[Manifest]:
    """Objects without the hooks that no install or upgrade runs."""
    for item in documents:
        hooks = str(get(item, "metadata", "annotations", _HOOK) or "")
        events = {event.strip() for event in hooks.split(",")}
        if not events <= _NEVER_APPLIED:
            yield item


def _with_namespace(items: Iterator[Manifest], namespace: str) -> Iterator[Manifest]:
    """Objects with their namespace written out where the chart leaves it to helm."""
    documents = tuple(items)
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
            metadata = item["metadata"]
            yield {**item, "metadata": {**metadata, "namespace": metadata.get("namespace") or namespace}}


def _identity(item: Manifest) -> tuple[str, str, str, str]:
    metadata = item["metadata"]
    return item["apiVersion"], item["kind"], metadata.get("namespace", ""), metadata["name"]


def _label(item: Manifest) -> str:
    _, kind, namespace, name = _identity(item)
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
