"""KServe's controller beside the cluster: what it finds in the cluster, and its webhooks pointed at the local port."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tests.support.controlplane import upstream
from tests.support.controlplane.client import KubeClient, KubeError
from tests.support.controlplane.manifests import Manifest
from tests.support.controlplane.ports import HOST

NAMESPACE = "kserve"
SERVICE_ACCOUNT = "kserve-controller-manager"
# How Bedplate's environments expect the serving layer: plain Deployments, no Istio, routes written by Bedplate alone.
GATEWAY = {"disableIngressCreation": True, "disableIstioVirtualHost": True}
VALUES = {"kserve": {"controller": {"deploymentMode": "Standard", "gateway": GATEWAY}}}
# The controller runs outside the cluster with certificates of its own, so what runs and certifies it inside stays out.
LEFT_OUT = frozenset({"Deployment", "Service", "Secret", "Certificate", "Issuer"})
WEBHOOKS = frozenset({"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"})
TOKEN_SECONDS = 24 * 3600


def chart_objects(home: Path) -> list[Manifest]:
    """Objects of KServe's chart that the cluster gets: service account, roles, configuration, webhooks."""
    values = home / "kserve-values.json"
    values.write_text(json.dumps(VALUES), encoding="utf-8")
    return [manifest for manifest in upstream.kserve_chart(values, home) if manifest["kind"] not in LEFT_OUT]


def install(client: KubeClient, objects: Iterable[Manifest]) -> None:
    """Apply everything that must exist before the controller starts: all but the webhooks."""
    client.apply(
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": NAMESPACE, "labels": {"control-plane": SERVICE_ACCOUNT}},
        }
    )
    for manifest in objects:
        if manifest["kind"] not in WEBHOOKS:
            client.apply(manifest)


def register_webhooks(client: KubeClient, objects: Iterable[Manifest], port: int, ca_base64: str) -> None:
    """Apply the webhook configurations, with the controller's local port in place of its service."""
    for manifest in objects:
        if manifest["kind"] in WEBHOOKS:
            client.apply(pointed_at_port(manifest, port, ca_base64))


def pointed_at_port(configuration: Manifest, port: int, ca_base64: str) -> Manifest:
    """A webhook configuration that calls the same paths on the loopback address."""
    webhooks = []
    for webhook in configuration["webhooks"]:
        path = webhook["clientConfig"]["service"]["path"]
        address = {"url": f"https://{HOST}:{port}{path}", "caBundle": ca_base64}
        webhooks.append({**webhook, "clientConfig": address})
    return {**configuration, "webhooks": webhooks}


def webhooks_in_effect(client: KubeClient) -> bool:
    """Whether the API server calls the webhooks already: KServe refuses a name that Kubernetes alone would take."""
    service = {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "spec": {"predictor": {"model": {"modelFormat": {"name": "x"}, "storageUri": "s3://x"}}},
    }
    try:
        client.apply({**service, "metadata": {"name": "0-refused", "namespace": "default"}}, dry_run=True)
    except KubeError as error:
        return "denied the request" in error.message
    return False


def controller_token(client: KubeClient) -> str:
    """A token of KServe's own service account: the controller works with the rights of its chart, no more."""
    request = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"expirationSeconds": TOKEN_SECONDS},
    }
    path = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/{SERVICE_ACCOUNT}/token"
    token: str = client.request("POST", path, request)["status"]["token"]
    return token
