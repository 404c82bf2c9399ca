"""Command lines of the control plane's components: one function each, from addresses and files to an argument list.

They follow the defaults of a managed cluster (RBAC, default admission, Pod Security) and leave out what a single
instance on the loopback address has no use for: leader election, health ports that nobody asks, endpoints of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.controlplane.certificates import KeyPair
from tests.support.controlplane.ports import HOST

SERVICE_RANGE = "10.96.0.0/16"
POD_RANGE = "10.200.0.0/16"
ISSUER = "https://kubernetes.default.svc"
# Tests wait for controllers; their usual limits on requests to the server only add to that.
FAST_CLIENT = ("--kube-api-qps=200", "--kube-api-burst=400")

Argv = list[str | Path]


@dataclass(frozen=True, slots=True)
class ApiServerFiles:
    """What the API server reads at its start."""

    serving: KeyPair
    tokens: Path
    service_account_key: Path


def etcd(program: Path, data: Path, client_port: int, peer_port: int) -> Argv:
    """etcd with one member, without syncing to disk: its data is thrown away."""
    client, peer = f"http://{HOST}:{client_port}", f"http://{HOST}:{peer_port}"
    return [
        program,
        f"--data-dir={data}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--unsafe-no-fsync=true",
        "--log-level=warn",
    ]


def api_server(program: Path, files: ApiServerFiles, port: int, etcd_port: int) -> Argv:
    """kube-apiserver with TLS, a token file, RBAC and its default admission plugins."""
    return [
        program,
        f"--etcd-servers=http://{HOST}:{etcd_port}",
        f"--bind-address={HOST}",
        f"--advertise-address={HOST}",
        f"--secure-port={port}",
        f"--tls-cert-file={files.serving.certificate}",
        f"--tls-private-key-file={files.serving.key}",
        f"--token-auth-file={files.tokens}",
        "--authorization-mode=RBAC",
        f"--service-account-issuer={ISSUER}",
        f"--service-account-key-file={files.service_account_key}",
        f"--service-account-signing-key-file={files.service_account_key}",
        f"--service-cluster-ip-range={SERVICE_RANGE}",
        # GPU agents are privileged pods.
        "--allow-privileged=true",
        # A loopback address is no valid endpoint of the service "kubernetes".
        "--endpoint-reconciler-type=none",
        "--profiling=false",
    ]


def controller_manager(program: Path, kubeconfig: Path, ca_file: Path, service_account_key: Path) -> Argv:
    """kube-controller-manager with its default controllers, without a port."""
    return [
        program,
        f"--kubeconfig={kubeconfig}",
        f"--root-ca-file={ca_file}",
        f"--service-account-private-key-file={service_account_key}",
        # KServe leaves the number of replicas to autoscalers: every 15 s would be most of a test's time.
        "--horizontal-pod-autoscaler-sync-period=2s",
        # Simulated kubelets are alive as long as kwok is: a busy machine alone must not lose nodes, and kwok gives pods
        # that were marked unready with their node their readiness back no more.
        "--node-monitor-grace-period=10m",
        "--leader-elect=false",
        "--secure-port=0",
        *FAST_CLIENT,
    ]


def scheduler(program: Path, kubeconfig: Path) -> Argv:
    """kube-scheduler with its default profile, without a port."""
    return [program, f"--kubeconfig={kubeconfig}", "--leader-elect=false", "--secure-port=0", *FAST_CLIENT]


def kwok(program: Path, kubeconfig: Path, stages: Sequence[Path]) -> Argv:
    """kwok as the kubelet of every node: nodes stay ready, pods that are bound to one run at once."""
    return [
        program,
        f"--kubeconfig={kubeconfig}",
        "--manage-all-nodes=true",
        f"--cidr={POD_RANGE}",
        "--node-lease-duration-seconds=40",
        *(f"--config={stage}" for stage in stages),
    ]


def kserve(program: Path, kubeconfig: Path, webhook_port: int, probe_port: int) -> Argv:
    """KServe's controller manager, which also serves its webhooks; without metrics."""
    return [
        program,
        f"--kubeconfig={kubeconfig}",
        f"--webhook-port={webhook_port}",
        f"--health-probe-addr={HOST}:{probe_port}",
        "--metrics-addr=0",
    ]
