"""The API server's defaults, as far as pods are compared with real ones."""

from __future__ import annotations

import pytest

from bedplate.graph.values import Json, freeze
from tests.support.api_defaults import with_api_defaults


def pod_with(*containers: Json, **spec: Json) -> Json:
    """A pod of these containers."""
    return {"kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": list(containers), **spec}}


def test_requests_default_to_limits_in_every_container() -> None:
    container = {
        "name": "web",
        "image": "web:1",
        "resources": {"limits": {"cpu": "2", "memory": "1Gi"}, "requests": {"cpu": "1"}},
    }
    full = with_api_defaults(pod_with(container, initContainers=[container]))
    for field in ("containers", "initContainers"):
        assert full["spec"][field][0]["resources"]["requests"] == {"cpu": "1", "memory": "1Gi"}


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("web", "Always"),
        ("web:latest", "Always"),
        ("registry:5000/web", "Always"),
        ("web:1", "IfNotPresent"),
        ("registry:5000/web:1", "IfNotPresent"),
        ("web@sha256:" + "0" * 64, "IfNotPresent"),
        ("web:latest@sha256:" + "0" * 64, "IfNotPresent"),
    ],
)
def test_the_pull_policy_defaults_by_tag(image: str, policy: str) -> None:
    full = with_api_defaults(pod_with({"name": "web", "image": image}))
    assert full["spec"]["containers"][0]["imagePullPolicy"] == policy


def test_defaults_fill_what_is_absent_and_change_nothing_that_is_there() -> None:
    probe = {"httpGet": {"port": 8080}, "periodSeconds": 5}
    container = {"name": "web", "image": "web:1", "ports": [{"containerPort": 80}], "readinessProbe": probe}
    given = pod_with(container, serviceAccountName="web", terminationGracePeriodSeconds=0, hostNetwork=True)
    spec = with_api_defaults(freeze(given))["spec"]
    assert (spec["serviceAccountName"], spec["terminationGracePeriodSeconds"]) == ("web", 0)
    assert (spec["dnsPolicy"], spec["restartPolicy"], spec["enableServiceLinks"]) == ("ClusterFirst", "Always", True)
    assert spec["containers"][0]["ports"] == [{"containerPort": 80, "protocol": "TCP", "hostPort": 80}]
    assert spec["containers"][0]["readinessProbe"] == {
        "httpGet": {"port": 8080, "path": "/", "scheme": "HTTP"},
        "periodSeconds": 5,
        "timeoutSeconds": 1,
        "successThreshold": 1,
        "failureThreshold": 3,
    }


def test_a_pod_without_an_account_runs_as_default() -> None:
    assert with_api_defaults(pod_with())["spec"]["serviceAccountName"] == "default"
