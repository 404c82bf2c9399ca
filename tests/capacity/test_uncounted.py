"""What the proof for `dev` makes of objects that somebody adds to its Graph."""

from __future__ import annotations

from bedplate.capacity.packing import Fit
from bedplate.capacity.proof import CapacityReport, prove
from bedplate.catalog import catalog
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, freeze
from tests.support.environments import dev, dev_review


def proved(kind: str, api_version: str, spec: Json) -> CapacityReport:
    """The proof for `dev` with one more object, named extra, in its team's namespace."""
    manifest = {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": "extra", "namespace": "research"},
        "spec": spec,
    }
    extra = Resource(urn="urn:extra", type=f"kubernetes:{api_version}:{kind}", name="extra", inputs=freeze(manifest))
    return prove(dev_review().graph.with_resources([extra]), dev(), catalog.load())


def test_a_daemon_set_that_selects_a_label_of_no_known_pool_is_not_counted_and_named() -> None:
    pod = {"containers": [{"name": "c"}], "nodeSelector": {"deploy.example.org/agent": "true"}}
    report = proved("DaemonSet", "apps/v1", {"template": {"spec": pod}})
    assert (
        "pods of DaemonSet research/extra: the pod selects on deploy.example.org/agent, which no pool is known to carry"
        in report.uncounted
    )


def test_a_bare_pod_counts_as_one_and_takes_the_defaults_of_its_namespace() -> None:
    report = proved("Pod", "core/v1", {"containers": [{"name": "c"}]})
    before = dev_review().capacity
    assert report.pods == before.pods + 1
    added = report.quotas[0].requested - before.quotas[0].requested
    assert (added.cpu, added.memory, added.pods) == (100, 128 * 1024**2, 1)


def test_a_pod_that_another_scheduler_places_blocks_as_undecided() -> None:
    spec = {"containers": [{"name": "c"}], "schedulerName": "volcano", "nodeSelector": {"bedplate.dev/pool": "system"}}
    report = proved("Pod", "core/v1", spec)
    assert (report.packing.fit, report.packing.blocked) == (Fit.UNKNOWN, "research/extra")
    assert report.blocked
