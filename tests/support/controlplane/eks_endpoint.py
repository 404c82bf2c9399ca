"""An EKS cluster's endpoint in front of a control plane: it says the version that the made-up account gave the cluster.

The API server behind it is one program of one version. Only reads go through it.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

from tests.support.controlplane.certificates import create_authority
from tests.support.controlplane.client import KubeError
from tests.support.controlplane.controlplane import ControlPlane
from tests.support.controlplane.kubeconfig import write_kubeconfig
from tests.support.fakeaws.files import read_json


@contextmanager
def eks_endpoint(plane: ControlPlane, account: Path, folder: Path) -> Iterator[Path]:
    """A kubeconfig for `plane` as the one cluster of the made-up `account`; its files are in `folder`."""
    authority = create_authority(folder / "endpoint")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                answer, status = plane.client.request("GET", self.path), HTTPStatus.OK
            except KubeError as error:
                answer, status = {"message": error.message}, HTTPStatus(error.status)
            if self.path == "/version":
                answer |= {"gitVersion": f"v{_version(account)}.0-eks-simulated"}
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *arguments: object) -> None:
            pass

    pair = authority.issue("server")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"https://127.0.0.1:{server.server_address[1]}"
    file = folder / "eks.kubeconfig"
    yield write_kubeconfig(file, endpoint=address, ca_base64=authority.base64, token=plane.token)
    server.shutdown()
    server.server_close()
    thread.join()


def _version(account: Path) -> str:
    (cluster,) = (account / "clusters").glob("*.json")
    return str(cast(dict[str, Any], read_json(cluster))["version"])
