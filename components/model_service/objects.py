"""Specs of the objects that KServe and Gateway API define, as plain data."""

from __future__ import annotations

from typing import Any

from components.base import NodePoolHandle, ServingHandle
from components.model_service.container import ResolvedContainer
from components.model_service.spec import ModelServiceSpec, ScaleSpec

# The name that the runtime offers itself under.
_MODEL_FORMAT = "vLLM"

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


def inference_service_spec(
    spec: ModelServiceSpec,
    container: ResolvedContainer,
    *,
    runtime: str,
    pool: NodePoolHandle,
    account: str,
    storage_uri: str,
) -> dict[str, Any]:
    """Spec of the InferenceService. `account` is the service account of its pods."""
    resources = dict(container.resources)
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
                "resources": {"requests": resources, "limits": resources},
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
