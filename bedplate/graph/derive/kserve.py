"""What KServe makes of an InferenceService in Standard mode: Deployment, Service, autoscaler and pods.

Follows the controller and the webhooks of KServe v0.20.0 (pkg/controller/v1beta1/inferenceservice and
pkg/webhook/admission/pod of the module github.com/kserve/kserve); tests hold it against the real ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bedplate.graph.derive.kserve_admission import EXTERNAL, HPA, KEDA, as_admitted, autoscaler_class, is_stopped
from bedplate.graph.derive.kserve_credentials import Accounts
from bedplate.graph.derive.kserve_objects import (
    ca_bundle,
    cluster_service,
    component_metadata,
    deployment,
    pod_autoscaler,
)
from bedplate.graph.derive.kserve_pods import predictor_pod_spec
from bedplate.graph.derive.kserve_runtimes import runtime_of
from bedplate.graph.derive.kserve_storage import check_storage
from bedplate.graph.derive.kserve_webhook import through_pod_webhook
from bedplate.graph.derive.results import (
    CannotDeriveError,
    Derived,
    DerivedObject,
    DerivedPod,
    Replicas,
    Underivable,
    describe,
)
from bedplate.graph.derive.settings import KServeSettings
from bedplate.graph.derive.workloads import pod_of, replicas_of
from bedplate.graph.values import Json

CONTROLLER = "KServe controller"
PODS = "Deployment controller and KServe pod webhook"


def derive_inference_service(
    service: Json,
    runtimes: Mapping[str, Json],
    namespace: Json,
    settings: KServeSettings,
    *,
    accounts: Iterable[Json] = (),
) -> tuple[Derived, ...]:
    """Everything that KServe makes of `service`, pods included; no workload if the service is stopped.

    `runtimes` are those the service may name (see `runtimes_for`), `namespace` is the Namespace it lies in, `accounts`
    the declared ServiceAccounts and Secrets (other namespaces are passed over). What KServe would refuse, and what
    depends on more than this, comes back as `Underivable`, alone or beside what is certain.
    """
    try:
        admitted = as_admitted(service, namespace, settings)
        bundle = _ca_bundle(admitted, settings)
        if is_stopped(admitted):
            return bundle
        return (*bundle, *_derive(admitted, dict(runtimes), namespace, settings, accounts))
    except CannotDeriveError as refusal:
        return (Underivable(describe(service), str(refusal)),)


def _ca_bundle(service: Json, settings: KServeSettings) -> tuple[Derived, ...]:
    if not settings.storage_initializer.ca_bundle_config_map:
        return ()
    return (DerivedObject(ca_bundle(service), CONTROLLER),)


def _derive(
    service: Json, runtimes: dict[str, Json], namespace: Json, settings: KServeSettings, accounts: Iterable[Json]
) -> tuple[Derived, ...]:
    runtime = runtime_of(service, runtimes)
    metadata = component_metadata(service, runtime, settings)
    scaled_by = autoscaler_class(metadata)
    check_storage(service, settings)
    spec = predictor_pod_spec(service, runtime)
    workload = deployment(service, metadata, spec, settings)
    autoscalers = [pod_autoscaler(service, metadata)] if scaled_by == HPA else []
    made = [cluster_service(service, metadata, spec, settings), workload, *autoscalers]
    objects: list[Derived] = [DerivedObject(manifest, CONTROLLER) for manifest in made]
    if scaled_by == KEDA:
        objects.append(Underivable(describe(service), "KServe makes a KEDA ScaledObject, which cannot be derived"))
    # Service accounts and secrets are read by the pod webhook alone: what the controller makes stands without them.
    try:
        declared = Accounts.of(metadata["namespace"], accounts)
        pod = through_pod_webhook(pod_of(workload), namespace, declared, settings)
    except CannotDeriveError as refusal:
        return (*objects, Underivable(describe(workload), str(refusal)))
    replicas = _replicas(service, workload, autoscalers, scaled_by)
    return (*objects, DerivedPod(pod, PODS, describe(workload), replicas))


def _replicas(service: Json, workload: Json, autoscalers: list[Json], scaled_by: str) -> Replicas:
    predictor = service["spec"]["predictor"]
    if scaled_by == EXTERNAL:
        return Replicas(None, None)
    if scaled_by == KEDA:
        low = 1 if predictor.get("minReplicas") is None else predictor["minReplicas"]
        return Replicas(low, max(low, predictor.get("maxReplicas") or 0))
    return replicas_of(workload, autoscalers)
