"""Spelling: quantities, empty fields, placeholders, as a Go controller writes them."""

from __future__ import annotations

import pytest

from bedplate.graph.derive.placeholders import fill_placeholders
from bedplate.graph.derive.quantities import canonical_quantity
from bedplate.graph.derive.results import CannotDeriveError
from bedplate.graph.derive.wire_form import container_form, wire_form
from bedplate.graph.values import SECRET, Json

METADATA = {"name": "llama", "namespace": "team-a", "labels": {"team": "a"}}


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("1000m", "1"),
        ("1500m", "1500m"),
        ("0.5", "500m"),
        (2, "2"),
        (2.5, "2500m"),
        ("2000", "2k"),
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("2048Mi", "2Gi"),
        ("0.1Gi", "107374182400m"),
        ("512", "512"),
        ("1e3", "1e3"),
        ("5e-1", "500e-3"),
        ("0", "0"),
        ("many", "many"),
        (True, True),
    ],
)
def test_a_quantity_is_spelled_as_the_api_server_stores_it(given: Json, canonical: Json) -> None:
    assert canonical_quantity(given) == canonical


def test_empty_fields_vanish_and_what_says_something_stays() -> None:
    given = {
        "env": [{"name": "A", "value": ""}],
        "args": [],
        "nodeSelector": {"zone": ""},
        "labels": {},
        "emptyDir": {},
        "securityContext": {"runAsUser": 0, "privileged": False},
        "readOnly": False,
        "readinessProbe": {"initialDelaySeconds": 0, "terminationGracePeriodSeconds": 0},
        "hostPath": {"path": "/x", "type": ""},
        "command": None,
    }
    assert wire_form(given) == {
        "env": [{"name": "A"}],
        "nodeSelector": {"zone": ""},
        "emptyDir": {},
        "securityContext": {"runAsUser": 0, "privileged": False},
        "readinessProbe": {"terminationGracePeriodSeconds": 0},
        "hostPath": {"path": "/x", "type": ""},
    }


def test_a_container_gets_the_defaults_of_kserves_resource_definitions() -> None:
    given = {"name": "c", "ports": [{"containerPort": 1}], "startupProbe": {"grpc": {"port": 1}}}
    assert container_form(given) == {
        "name": "c",
        "ports": [{"containerPort": 1, "protocol": "TCP"}],
        "startupProbe": {"grpc": {"port": 1, "service": ""}},
        "resources": {},
    }


def test_a_secret_value_keeps_its_mark() -> None:
    assert wire_form({"value": dict(SECRET)}) == {"value": SECRET}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("--name={{.Name}}", "--name=llama"),
        ("{{ .Name }}.{{ .Namespace }}", "llama.team-a"),
        ("{{.Labels.team}}{{.Labels.absent}}", "a"),
        ("no placeholder }}", "no placeholder }}"),
    ],
)
def test_placeholders_are_filled_from_the_metadata_of_the_service(text: str, filled: str) -> None:
    assert fill_placeholders({"args": [text], "port": 1}, METADATA) == {"args": [filled], "port": 1}


@pytest.mark.parametrize("text", ["{{.Annotations.x}}", "{{ if .Name }}x{{ end }}", "{{- .Name }}", "{{"])
def test_any_other_template_is_refused(text: str) -> None:
    with pytest.raises(CannotDeriveError, match="can be derived"):
        fill_placeholders(text, METADATA)
