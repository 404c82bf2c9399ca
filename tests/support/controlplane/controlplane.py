"""A real Kubernetes control plane for tests: etcd, API server, controllers, scheduler, simulated kubelets, and KServe.

Several can run side by side: each takes free ports and one temporary directory. Nothing outlives it, also not when the
test process is killed (see `supervisor`). Nodes come from `NodeSimulator`; without it there are none.
"""

from __future__ import annotations

import http.client
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support.controlplane import commands, kserve, upstream
from tests.support.controlplane.certificates import Authority, create_authority, create_signing_key
from tests.support.controlplane.client import KubeClient
from tests.support.controlplane.kubeconfig import write_kubeconfig
from tests.support.controlplane.manifests import Manifest, has_condition
from tests.support.controlplane.ports import HOST, PortLeases
from tests.support.controlplane.processes import Processes

# Generous: machines that build the tool chain at the same time are slow.
START_SECONDS = 120.0
PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok")
KSERVE_PROGRAMS = ("kserve-manager", "helm")
# Where KServe's webhook server looks for its certificate, below the temporary directory.
WEBHOOK_CERTIFICATES = "k8s-webhook-server/serving-certs"
CRD_KIND = "CustomResourceDefinition"

Programs = Mapping[str, Path]
Probe = Callable[[], bool]


class ControlPlane:
    """One control plane: enter, `start`, use, leave. The attributes are there once `start` has returned.

    Attributes:
        endpoint: address of the API server, ``https://127.0.0.1:port``.
        ca_file: certificate of the authority that signed it.
        ca_base64: the same as kubeconfig files and EKS carry it.
        token: bearer token of a cluster administrator.
        kubeconfig: kubeconfig file for that administrator.
        client: client for that administrator.
    """

    endpoint: str
    ca_file: Path
    ca_base64: str
    token: str
    kubeconfig: Path
    client: KubeClient

    def __init__(self) -> None:
        self._ports = PortLeases()
        self._processes: Processes | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, with_kserve: bool = True) -> None:
        """Start everything and return when it can be used. `with_kserve` adds KServe's and Gateway API's kinds,
        KServe's controller and its webhooks.

        Raises:
            MissingToolError: a program of the tool chain is not present.
            ComponentError: a component did not come up; names it and shows the end of its log.
        """
        programs = {name: upstream.program(name) for name in PROGRAMS + (KSERVE_PROGRAMS if with_kserve else ())}
        self._processes = Processes()
        authority = create_authority(self.directory / "authority")
        self._start_api_server(programs, authority)
        definitions = upstream.gateway_api() + upstream.kserve_definitions() if with_kserve else []
        chart = kserve.chart_objects(self.directory) if with_kserve else []
        self._wait("kube-apiserver", "readiness", self.client.ready)
        self.install_definitions(definitions)
        # After the definitions: the garbage collector looks for new kinds every 30 s only.
        self._start_controllers(programs)
        if with_kserve:
            self._start_kserve(programs["kserve-manager"], authority, chart)
        self._wait("kube-controller-manager", "the service account of the namespace default", self._default_account)

    def install_definitions(self, definitions: Sequence[Mapping[str, Any]]) -> None:
        """Make kinds known, and return when the API server serves them: KServe's controller ends at once when a kind
        that it watches is not served yet.
        """
        for manifest in definitions:
            self.client.apply(manifest)
        names = [manifest["metadata"]["name"] for manifest in definitions if manifest["kind"] == CRD_KIND]
        self._wait("kube-apiserver", "established definitions", lambda: all(map(self._established, names)))

    def stop(self) -> None:
        """Stop all components, wait for them, and remove their files. A second call does nothing."""
        try:
            if self._processes is not None:
                self._processes.stop()
        finally:
            self._ports.release()

    @property
    def directory(self) -> Path:
        """The temporary directory that holds all files and, under ``logs``, one log a component."""
        return self._running.directory

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by component, with the supervisor's."""
        return dict(self._running.pids)

    def log_tails(self) -> str:
        """The end of every component's log, for messages of tests that failed."""
        return "\n".join(self._running.tail(name) for name in self.pids if name != "supervisor")

    @property
    def _running(self) -> Processes:
        if self._processes is None:
            raise RuntimeError("the control plane was not started")
        return self._processes

    def _wait(self, component: str, what: str, probe: Probe) -> None:
        self._running.wait(component, what, probe, START_SECONDS)

    def _start_api_server(self, programs: Programs, authority: Authority) -> None:
        self.ca_file, self.ca_base64 = authority.pair.certificate, authority.base64
        self.token = secrets.token_urlsafe(24)
        etcd_port, port = self._ports.pick(), self._ports.pick()
        self.endpoint = f"https://{HOST}:{port}"
        self.client = KubeClient(self.endpoint, self.token, self.ca_file)
        self.kubeconfig = self._kubeconfig("admin", self.token)
        files = commands.ApiServerFiles(
            serving=authority.issue("kube-apiserver"),
            tokens=self._write_tokens(),
            service_account_key=create_signing_key(self.directory / "service-account.key"),
        )
        data = self.directory / "etcd-data"
        self._running.start("etcd", commands.etcd(programs["etcd"], data, etcd_port, self._ports.pick()))
        argv = commands.api_server(programs["kube-apiserver"], files, port, etcd_port)
        self._running.start("kube-apiserver", argv)

    def _start_controllers(self, programs: Programs) -> None:
        key = self.directory / "service-account.key"
        manager = commands.controller_manager(programs["kube-controller-manager"], self.kubeconfig, self.ca_file, key)
        self._running.start("kube-controller-manager", manager)
        self._running.start("kube-scheduler", commands.scheduler(programs["kube-scheduler"], self.kubeconfig))
        self._running.start("kwok", commands.kwok(programs["kwok"], self.kubeconfig, upstream.kwok_stages()))

    def _established(self, name: str) -> bool:
        return has_condition(self.client.get("apiextensions.k8s.io/v1", CRD_KIND, name), "Established")

    def _start_kserve(self, program: Path, authority: Authority, chart: list[Manifest]) -> None:
        webhook_port, probe_port = self._ports.pick(), self._ports.pick()
        kserve.install(self.client, chart)
        kubeconfig = self._kubeconfig("kserve", kserve.controller_token(self.client))
        name = "kserve-manager"
        authority.issue("kserve-webhooks", self.directory / name / WEBHOOK_CERTIFICATES)
        argv = commands.kserve(program, kubeconfig, webhook_port, probe_port)
        self._running.start(name, argv, {"POD_NAMESPACE": kserve.NAMESPACE})
        self._wait(name, "readiness", lambda: _answers(probe_port))
        kserve.register_webhooks(self.client, chart, webhook_port, self.ca_base64)
        self._wait(name, "webhooks in effect", lambda: kserve.webhooks_in_effect(self.client))

    def _default_account(self) -> bool:
        account = self.client.find("v1", "ServiceAccount", "default", "default")
        return account is not None and self.client.find("v1", "ConfigMap", "kube-root-ca.crt", "default") is not None

    def _write_tokens(self) -> Path:
        file = self.directory / "tokens.csv"
        file.touch(0o600)
        file.write_text(f'{self.token},admin,admin,"system:masters"\n', encoding="utf-8")
        return file

    def _kubeconfig(self, name: str, token: str) -> Path:
        file = self.directory / f"{name}.kubeconfig"
        return write_kubeconfig(file, endpoint=self.endpoint, ca_base64=self.ca_base64, token=token)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
