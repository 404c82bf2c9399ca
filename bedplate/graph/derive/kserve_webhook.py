"""KServe's pod webhook: what a pod of an InferenceService gains on its way into the cluster."""

from __future__ import annotations

from bedplate.graph.derive.kserve_credentials import Accounts
from bedplate.graph.derive.kserve_storage import add_model
from bedplate.graph.derive.settings import KServeSettings
from bedplate.graph.values import Json, get, thaw

METRIC_AGGREGATION = "serving.kserve.io/enable-metric-aggregation"
PROMETHEUS_SCRAPING = "serving.kserve.io/enable-prometheus-scraping"

# Ports of Knative's queue proxy, which pods in Standard mode do not have; KServe writes them all the same.
_PROXY_METRICS_PORT = "9091"
_PROXY_AGGREGATED_METRICS_PORT = "9088"
# Namespaces with this label are passed over by the webhook configuration of the chart.
_CONTROL_PLANE_LABEL = "control-plane"


def through_pod_webhook(pod: Json, namespace: Json, accounts: Accounts, settings: KServeSettings) -> Json:
    """A copy of `pod`, a pod of an InferenceService, as the webhook returns it.

    Raises CannotDeriveError where the webhook would refuse the pod, or depends on objects that are not declared.
    """
    changed: dict[str, Json] = thaw(pod)
    if _CONTROL_PLANE_LABEL in (get(namespace, "metadata", "labels") or {}):
        return changed
    changed["metadata"].setdefault("annotations", {})
    add_model(changed, accounts, settings)
    _add_metric_annotations(changed["metadata"]["annotations"], settings)
    return changed


def _add_metric_annotations(annotations: dict[str, str], settings: KServeSettings) -> None:
    aggregation = annotations.setdefault(METRIC_AGGREGATION, settings.metric_aggregation)
    if annotations.setdefault(PROMETHEUS_SCRAPING, settings.prometheus_scraping) == "true":
        aggregated = aggregation == "true"
        annotations["prometheus.io/port"] = _PROXY_AGGREGATED_METRICS_PORT if aggregated else _PROXY_METRICS_PORT
        annotations["prometheus.io/path"] = "/metrics"
