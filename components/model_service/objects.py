"""Specs of the objects that KServe and Gateway API define, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bedplate.catalog.devices import GPU_CLASS, mig_class
from bedplate.catalog.mig import GPU_RESOURCE, mig_resource
from components.base import NodePoolHandle, ServingHandle, safe_name
from components.model_service.container import ResolvedContainer
from components.model_service.spec import ModelRelease, ModelServiceSpec, ScaleSpec

# The name that the runtime offers itself under.
_MODEL_FORMAT = "vLLM"

# Name of the claim within a pod, and of its one request.
_CLAIM = "gpus"

# A replica that starts needs GPUs that the one before it still holds: rolling takes down first, one at a time, and
# keeps serving from the others. A single replica is away while its successor loads.
_ROLLING_DOWN_FIRST = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}

# Volumes belong to this group, whichever user an image runs as.
_FILES_GROUP = 2000

# Answers stream for as long as the model speaks; Envoy would cut them off after 15 s.
_LONGEST_ANSWER = "10m"


def autoscaler_class(scale: ScaleSpec) -> str:
    """Who sets the number of replicas: KServe itself where it is fixed (none), else a HorizontalPodAutoscaler (hpa)."""
    return "none" if scale.min == scale.max else "hpa"


def device_resource(spec: ModelServiceSpec, pool: NodePoolHandle) -> str | None:
    """Extended resource of what a replica gets: GPUs, or instances of the MIG profile that it names. None where it
    claims them."""
    if pool.dra:
        return None
    return mig_resource(spec.mig_profile) if spec.mig_profile else GPU_RESOURCE


@dataclass(frozen=True, slots=True)
class Claim:
    """The devices that every replica claims: `count` of `device_class`, through a ResourceClaimTemplate `template`.

    A template cannot be changed, so that its name says what it holds.
    """

    template: str
    device_class: str
    count: int

    @property
    def spec(self) -> dict[str, Any]:
        """Spec of the ResourceClaimTemplate."""
        exactly = {"deviceClassName": self.device_class, "allocationMode": "ExactCount", "count": self.count}
        return {"spec": {"devices": {"requests": [{"name": _CLAIM, "exactly": exactly}]}}}


def claim_of(spec: ModelServiceSpec, release: ModelRelease, pool: NodePoolHandle) -> Claim | None:
    """What replicas claim; None where they count GPUs."""
    if not pool.dra:
        return None
    device_class, count = mig_class(spec.mig_profile) if spec.mig_profile else GPU_CLASS, release.resources.gpus
    return Claim(safe_name("kubernetesName", spec.name, device_class, str(count)), device_class, count)


def inference_service_spec(
    spec: ModelServiceSpec,
    container: ResolvedContainer,
    *,
    runtime: str,
    pool: NodePoolHandle,
    account: str,
    storage_uri: str,
    claim: Claim | None = None,
) -> dict[str, Any]:
    """Spec of the InferenceService. `account` is the service account of its pods, `claim` what each of them claims."""
    resources: dict[str, Any] = {"requests": dict(container.resources), "limits": dict(container.resources)}
    claims = [{"name": _CLAIM, "resourceClaimTemplateName": claim.template}] if claim else []
    if claim:
        resources["claims"] = [{"name": _CLAIM}]
    environment = [{"name": name, "value": value} for name, value in container.env.items()]
    return {
        "predictor": {
            "minReplicas": spec.scale.min,
            "maxReplicas": spec.scale.max,
            "deploymentStrategy": _ROLLING_DOWN_FIRST,
            "serviceAccountName": account,
            "automountServiceAccountToken": False,
            # Else every Service of the namespace becomes variables of the container, and a Service called vllm
            # sets VLLM_PORT, which vLLM reads.
            "enableServiceLinks": False,
            "nodeSelector": dict(pool.labels),
            "tolerations": [dict(toleration) for toleration in pool.tolerations],
            **({"resourceClaims": claims} if claims else {}),
            "securityContext": {
                "runAsNonRoot": True,
                "fsGroup": _FILES_GROUP,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "model": {
                "modelFormat": {"name": _MODEL_FORMAT},
                "runtime": runtime,
                "storageUri": storage_uri,
                "args": list(container.args),
                **({"env": environment} if environment else {}),
                "resources": resources,
            },
        }
    }


def route_spec(spec: ModelServiceSpec, serving: ServingHandle) -> dict[str, Any]:
    """Spec of the HTTPRoute: /<team>/<service>/… at the gateway becomes /… at the model."""
    return {
        "parentRefs": [{"name": serving.gateway, "namespace": serving.gateway_namespace}],
        "hostnames": [serving.host],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": f"/{spec.team}/{spec.name}"}}],
                "filters": [
                    {
                        "type": "URLRewrite",
                        "urlRewrite": {"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}},
                    }
                ],
                "timeouts": {"request": _LONGEST_ANSWER},
                "backendRefs": [{"name": f"{spec.name}-predictor", "port": 80}],
            }
        ],
    }
