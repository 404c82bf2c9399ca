"""The cluster-wide KServe configuration, as far as it decides what KServe makes.

KServe reads it from the ConfigMap ``inferenceservice-config`` in its own namespace, and from the
ClusterStorageContainers. "Chart" below is the chart kserve-resources v0.20.0; its values are the defaults named here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from bedplate.graph.values import Json, get, thaw

STANDARD = "Standard"
KNATIVE = "Knative"
# Modes of old manifests, and what KServe reads them as.
LEGACY_MODES: Mapping[str, str] = {"RawDeployment": STANDARD, "Serverless": KNATIVE}

# Annotations of an InferenceService that KServe copies to nothing (constants.ServiceAnnotationDisallowedList).
_NEVER_COPIED = frozenset(
    {
        "autoscaling.knative.dev/min-scale",
        "autoscaling.knative.dev/max-scale",
        "internal.serving.kserve.io/storage-initializer-sourceuri",
        "kubectl.kubernetes.io/last-applied-configuration",
        "modelFormat",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageInitializer:
    """Key ``storageInitializer``: the init container that downloads a model, and whether models may be images.

    A ClusterStorageContainer that supports the storage URI is laid over this one and wins; the security context comes
    from there alone (chart ``kserve.storage.containerSecurityContext``).
    """

    image: str
    """Chart ``kserve.storage.image`` and ``tag``: ``kserve/storage-initializer:v0.20.0``."""
    cpu_request: str
    """Fixed in the chart: ``100m``."""
    cpu_limit: str
    """Fixed in the chart: ``1``."""
    memory_request: str
    """Fixed in the chart: ``100Mi``."""
    memory_limit: str
    """Fixed in the chart: ``1Gi``."""
    ca_bundle_config_map: str = ""
    """Chart ``kserve.storage.caBundleConfigMapName``, empty: ConfigMap with ``cabundle.crt`` in KServe's namespace."""
    ca_bundle_mount_path: str = ""
    """Chart ``kserve.storage.caBundleVolumeMountPath``: ``/etc/ssl/custom-certs``."""
    model_images: str = ""
    """How ``oci://`` is served: ``modelcar``, ``native`` or ``fetch``; empty is off. The chart's
    ``kserve.storage.enableModelcar: true`` means ``modelcar``. Pods with model images are not derived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KServeSettings:
    """Everything outside an InferenceService and its runtime that decides what KServe makes of them."""

    storage_initializer: StorageInitializer
    """Key ``storageInitializer``."""
    storage_containers: tuple[Json, ...] = ()
    """The ClusterStorageContainers of the cluster. The chart makes one, ``default``."""
    deployment_mode: str = KNATIVE
    """Key ``deploy.defaultDeploymentMode``; chart ``kserve.controller.deploymentMode``: ``Knative``."""
    rollout: Mapping[str, str] = field(default_factory=dict)
    """Key ``deploy.deploymentRolloutStrategy.defaultRollout``: ``maxSurge``, ``maxUnavailable``; none in the chart."""
    headless_services: bool = False
    """Key ``service.serviceClusterIPNone``; chart ``kserve.service.serviceClusterIPNone``: false."""
    mount_service_account_token: bool = True
    """Key ``security.autoMountServiceAccountToken``; chart ``kserve.security.autoMountServiceAccountToken``: true."""
    metric_aggregation: str = "false"
    """Key ``metricsAggregator.enableMetricAggregation``, text; chart ``kserve.metricsaggregator``: ``"false"``."""
    prometheus_scraping: str = "false"
    """Key ``metricsAggregator.enablePrometheusScraping``, text; chart ``kserve.metricsaggregator``: ``"false"``."""
    local_models: bool = False
    """Key ``localModel.enabled``; chart ``kserve.localmodel.enabled``: false."""
    annotations_not_copied: frozenset[str] = _NEVER_COPIED
    """KServe's own list and ``inferenceService.serviceAnnotationDisallowedList``. Empty without that key."""
    s3: Mapping[str, str] = field(default_factory=dict)
    """Key ``credentials.s3``: names of secret keys, and endpoint options for accounts and secrets that lack their own;
    chart ``kserve.storage.s3``."""
    gcs_credential_file: str = ""
    """Key ``credentials.gcs.gcsCredentialFileName``; fixed in the chart: ``gcloud-application-credentials.json``."""
    secret_name_annotation: str = ""
    """Key ``credentials.storageSecretNameAnnotation``; chart value ``serving.kserve.io/secretName``: names a secret to
    use in place of those of the service account."""
    namespace: str = "kserve"
    """Where the controller runs, and where its configuration lies."""

    @classmethod
    def from_json(
        cls, config: Mapping[str, Json], storage_containers: Iterable[Json] = (), *, namespace: str = "kserve"
    ) -> Self:
        """From the data of the ConfigMap ``inferenceservice-config``; each value JSON text, or the mapping it holds.

        Raises ValueError naming the key that is no JSON, or that KServe needs and lacks.
        """
        parsed = {key: _parsed(key, value) for key, value in config.items() if key != "_example"}
        aggregator, credentials = parsed.get("metricsAggregator", {}), parsed.get("credentials", {})
        mode = str(get(parsed, "deploy", "defaultDeploymentMode", default=""))
        return cls(
            storage_initializer=_storage_initializer(parsed.get("storageInitializer", {})),
            storage_containers=tuple(thaw(container) for container in storage_containers),
            deployment_mode=LEGACY_MODES.get(mode, mode),
            rollout=thaw(get(parsed, "deploy", "deploymentRolloutStrategy", "defaultRollout", default={})),
            headless_services=bool(get(parsed, "service", "serviceClusterIPNone", default=False)),
            # Without the key KServe's zero value rules: no token.
            mount_service_account_token=bool(get(parsed, "security", "autoMountServiceAccountToken", default=False)),
            metric_aggregation=str(aggregator.get("enableMetricAggregation", "")),
            prometheus_scraping=str(aggregator.get("enablePrometheusScraping", "")),
            local_models=bool(get(parsed, "localModel", "enabled", default=False)),
            annotations_not_copied=_annotations_not_copied(parsed),
            s3={key: str(value) for key, value in (credentials.get("s3") or {}).items()},
            gcs_credential_file=str(get(credentials, "gcs", "gcsCredentialFileName", default="")),
            secret_name_annotation=str(credentials.get("storageSecretNameAnnotation", "")),
            namespace=namespace,
        )


def _parsed(key: str, value: Json) -> Json:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        raise ValueError(f"inferenceservice-config: key {key!r} holds no JSON: {error}") from None


def _storage_initializer(config: Mapping[str, Json]) -> StorageInitializer:
    needed = ("image", "cpuRequest", "cpuLimit", "memoryRequest", "memoryLimit")
    missing = [key for key in needed if not config.get(key)]
    if missing:
        raise ValueError(f"inferenceservice-config: key 'storageInitializer' lacks {', '.join(missing)}")
    on = config.get("enableModelcar") or config.get("enableOciModelSupport")
    return StorageInitializer(
        image=config["image"],
        cpu_request=config["cpuRequest"],
        cpu_limit=config["cpuLimit"],
        memory_request=config["memoryRequest"],
        memory_limit=config["memoryLimit"],
        ca_bundle_config_map=config.get("caBundleConfigMapName", ""),
        ca_bundle_mount_path=config.get("caBundleVolumeMountPath", ""),
        model_images=config.get("ociModelMode") or ("modelcar" if on else ""),
    )


def _annotations_not_copied(parsed: Mapping[str, Json]) -> frozenset[str]:
    # KServe fills its list only while it reads this key; without it every annotation is copied.
    if "inferenceService" not in parsed:
        return frozenset()
    more = parsed["inferenceService"].get("serviceAnnotationDisallowedList") or ()
    return _NEVER_COPIED | frozenset(more)
