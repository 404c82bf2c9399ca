"""`bedplate upgrade --check-gates` against a server that answers as an API server does."""

from __future__ import annotations

import base64
import json
import sys
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from jsonschema import Draft202012Validator

from bedplate.engine.kubernetes import ClusterError, open_cluster
from bedplate.output.schemas import schema
from tests.cli.running import run
from tests.support.apiserver import TOKEN, ApiServer, api_server
from tests.support.environments import repository
from tests.upgrade.test_judging import node

AGENTS = {
    "metadata": {"name": "dcgm-exporter", "generation": 1},
    "status": {"observedGeneration": 1, "desiredNumberScheduled": 1, "updatedNumberScheduled": 1, "numberReady": 1},
}
HEALTHY: Mapping[str, Any] = {
    "/version": {"gitVersion": "v1.35.4"},
    "/api/v1/nodes": {"items": [node("a", pool="system"), node("b", pool="system"), node("c", pool="l4")]},
    "/apis/apps/v1/namespaces/gpu-system/daemonsets": {"items": [AGENTS]},
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ApiServer]:
    with api_server(tmp_path, HEALTHY) as made:
        yield made


def check(server: ApiServer, tmp_path: Path, *more: str) -> Any:
    root = tmp_path / "repository"
    if not root.exists():
        root.mkdir()
        repository(root)
    file = server.kubeconfig({"token": TOKEN})
    return run("upgrade", "dev", "--root", str(root), "--check-gates", "--kubeconfig", str(file), *more)


def test_a_healthy_cluster_opens_every_gate(server: ApiServer, tmp_path: Path) -> None:
    found = check(server, tmp_path)
    assert (found.code, found.out.partition("\n")[0]) == (0, "dev: all 6 gates open")
    document = check(server, tmp_path, "--json")
    Draft202012Validator(schema("gates")).validate(document.json)
    assert document.json["open"] is True
    assert TOKEN not in found.out + found.err + document.out + document.err


def test_a_closed_gate_fails_with_its_reason_and_the_way_back(server: ApiServer, tmp_path: Path) -> None:
    server.answers["/version"] = {"gitVersion": "v1.34.9"}
    found = check(server, tmp_path)
    assert found.code == 1
    assert "it runs v1.34.9" in found.out
    assert "next: git revert the commit of the last step, then bedplate apply dev" in found.out


def test_what_the_server_does_not_tell_is_unknown_and_fails(server: ApiServer, tmp_path: Path) -> None:
    del server.answers["/apis/apps/v1/namespaces/gpu-system/daemonsets"]
    found = check(server, tmp_path, "--json")
    assert found.code == 1
    assert [gate["verdict"] for gate in found.json["gates"]].count("unknown") == 1
    assert "refuses /apis/apps/v1/namespaces/gpu-system/daemonsets: 404" in found.err


@pytest.fixture
def prometheus() -> Iterator[tuple[str, dict[str, list[dict[str, Any]]]]]:
    """A server that answers queries as Prometheus does: its address, and series by query."""
    series: dict[str, list[dict[str, Any]]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = parse_qs(urlparse(self.path).query)["query"][0]
            found = [{"metric": labels, "value": [0, "1"]} for labels in series.get(query, [])]
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"status": "success", "data": {"result": found}}).encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", series
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_gate_of_prometheus_is_open_only_while_every_node_is_heard_of(
    server: ApiServer, prometheus: tuple[str, dict[str, list[dict[str, Any]]]], tmp_path: Path
) -> None:
    address, series = prometheus
    root = tmp_path / "repository"
    root.mkdir()
    repository(root)
    file = root / "environments/dev.yaml"
    health = f"gpuBaseline: {{health: {{gates: [noXid], prometheus: '{address}'}}}}\ndescription: Small"
    file.write_text(file.read_text(encoding="utf-8").replace("description: Small", health), encoding="utf-8")
    gpu_node = node("c", pool="l4")
    gpu_node["metadata"]["labels"]["nvidia.com/gpu.present"] = "true"
    server.answers["/api/v1/nodes"] = {"items": [gpu_node]}

    def verdicts() -> list[str]:
        return [gate["verdict"] for gate in check(server, tmp_path, "--json").json["gates"] if gate["kind"] == "health"]

    assert verdicts() == ["unknown"]
    series["count by (hostname, Hostname) (DCGM_FI_DEV_XID_ERRORS)"] = [{"hostname": "c"}]
    assert verdicts() == ["open"]
    series["changes(DCGM_FI_DEV_XID_ERRORS[10m]) > 0"] = [{"hostname": "c"}]
    assert verdicts() == ["closed"]


def test_a_program_may_give_the_token(server: ApiServer, tmp_path: Path) -> None:
    words = f"import json; print(json.dumps({{'status': {{'token': '{TOKEN}'}}}}))"
    file = server.kubeconfig({"exec": {"command": sys.executable, "args": ["-c", words]}})
    assert open_cluster(None, file).read("/version") == {"gitVersion": "v1.35.4"}
    failing = server.kubeconfig({"exec": {"command": sys.executable, "args": ["-c", "raise SystemExit('expired')"]}})
    with pytest.raises(ClusterError, match="gives no token: expired"):
        open_cluster(None, failing)


def test_a_client_certificate_and_a_token_file_are_read(server: ApiServer, tmp_path: Path) -> None:
    pair = server.authority.issue("client")
    (tmp_path / "token").write_text(f"{TOKEN}\n", encoding="utf-8")
    user = {
        "client-certificate-data": base64.b64encode(pair.certificate.read_bytes()).decode(),
        "client-key": str(pair.key),
        "tokenFile": "token",
    }
    assert open_cluster("one", server.kubeconfig(user)).read("/version") == {"gitVersion": "v1.35.4"}


def test_a_kubeconfig_that_leads_nowhere_says_so(server: ApiServer, tmp_path: Path) -> None:
    file = server.kubeconfig({"token": TOKEN})
    with pytest.raises(ClusterError, match="no kubeconfig with a context other"):
        open_cluster("other", file)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("https://", "http://"), encoding="utf-8")
    with pytest.raises(ClusterError, match="has no https:// address"):
        open_cluster(None, file)
    file.write_text(text.replace('"server"', '"insecure-skip-tls-verify": true, "server"'), encoding="utf-8")
    with pytest.raises(ClusterError, match="would let anybody answer"):
        open_cluster(None, file)
    with pytest.raises(ClusterError, match="set KUBECONFIG"):
        open_cluster(None, tmp_path / "none")
