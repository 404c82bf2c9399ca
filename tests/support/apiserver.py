"""A server that answers as an API server does, over TLS, to whoever holds the token."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.controlplane.certificates import Authority, create_authority

TOKEN = "a-token-that-nobody-may-see"


class ApiServer:
    """Answers from `answers`, by path, to the holder of the token alone; `merged` are the patches that it took."""

    def __init__(self, folder: Path, authority: Authority, known: Mapping[str, Any]) -> None:
        self.answers: dict[str, Any] = dict(known)
        self.merged: dict[str, Any] = {}
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                allowed = self.headers.get("Authorization") == f"Bearer {TOKEN}"
                known = self.path in server.answers
                self.send_response(200 if allowed and known else 404 if allowed else 401)
                self.end_headers()
                self.wfile.write(json.dumps(server.answers.get(self.path, {})).encode())

            def do_PATCH(self) -> None:
                change = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.merged[self.path] = change
                server.answers[self.path]["metadata"] |= change["metadata"]
                self.do_GET()

            def log_message(self, *arguments: object) -> None:
                pass

        pair = authority.issue("server")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.certificate, pair.key)
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        self.folder, self.authority = folder, authority

    def serve(self, answers: dict[str, Any]) -> None:
        """Answer with these from now on."""
        self.answers = answers

    def kubeconfig(self, user: Mapping[str, Any]) -> Path:
        address = f"https://127.0.0.1:{self.http.server_address[1]}"
        file = self.folder / "kubeconfig"
        content = {
            "clusters": [
                {"name": "c", "cluster": {"server": address, "certificate-authority-data": self.authority.base64}}
            ],
            "users": [{"name": "u", "user": user}],
            "contexts": [{"name": "one", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "one",
        }
        file.write_text(json.dumps(content), encoding="utf-8")
        return file


@contextmanager
def api_server(folder: Path, known: Mapping[str, Any]) -> Iterator[ApiServer]:
    """A server that answers from `known`, until the block ends."""
    made = ApiServer(folder, create_authority(folder / "authority"), known)
    thread = threading.Thread(target=made.http.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.http.shutdown()
        made.http.server_close()
        thread.join()
