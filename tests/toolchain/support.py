"""Stand-ins for the tool chain's tests: a publisher on localhost, a ``go`` command and a catalogue of small tools."""

import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.toolchain.obtain import current_platform

FAKE_GO = """#!/bin/sh
# Stand-in for the go command: "build" writes a program of version 1.2.3, "mod download" names a folder.
case "$1" in
build)
    echo "compiling"
    if [ -e "{broken}" ]; then echo "undefined: colour"; exit 3; fi
    printf '#!/bin/sh\\necho built 1.2.3\\n' >"$3"
    ;;
mod)
    if [ -e "{broken}" ]; then echo '{{"Error": "module lookup disabled"}}'; exit 1; fi
    echo '{{"Dir": "{upstream}"}}'
    ;;
esac
"""


class Publisher:
    """Files by path, and the paths that were asked for; a path in ``cut`` loses its last byte on the way."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.files: dict[str, bytes] = {}
        self.cut: set[str] = set()
        self.requests: list[str] = []


@contextmanager
def publisher() -> Iterator[Publisher]:
    """A publisher on localhost for the duration of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.requests.append(self.path)
            body = served.files.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write((body or b"")[: -1 if self.path in served.cut else None])

        def log_message(self, *_: object) -> None:
            """Keep test output free of request lines."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Publisher(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def program(version: str) -> bytes:
    """A program that prints its version."""
    return f"#!/bin/sh\necho published {version}\n".encode()


def sha256(content: bytes) -> str:
    """The SHA-256 of some bytes, in hex."""
    return hashlib.sha256(content).hexdigest()


def tarball(files: Mapping[str, bytes]) -> bytes:
    """A gzip-compressed tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def write_go(folder: Path, upstream: Path) -> Path:
    """Write the stand-in ``go`` command; while the returned file exists, everything it does fails."""
    broken = folder / "broken"
    command = folder / "go"
    command.write_text(FAKE_GO.format(broken=broken, upstream=upstream), encoding="utf-8")
    command.chmod(0o755)
    return broken


def write_catalogue(folder: Path, downloads: Mapping[str, Mapping[str, str]]) -> Path:
    """A catalogue of the tools ``alpha`` and ``beta``, version 1.2.3, and the module ``charts``."""
    wrapper = folder / "wrapper"
    wrapper.mkdir(parents=True, exist_ok=True)
    (wrapper / "go.mod").write_text("module example.test/wrapper\n", encoding="utf-8")
    (wrapper / "go.sum").write_text("example.test/tool v1.2.3 h1:one=\n", encoding="utf-8")
    (wrapper / "main.go").write_text("package main\n", encoding="utf-8")
    lines = []
    for name in ("alpha", "beta"):
        lines += [
            f"[tools.{name}]",
            'version = "1.2.3"',
            'folder = "wrapper"',
            'module = "example.test/tool"',
            f'package = "example.test/tool/cmd/{name}"',
            "minutes = 1",
            'version_args = ["version"]',
        ]
        if name in downloads:
            lines.append(f"[tools.{name}.download.{current_platform()}]")
            lines += [f'{key} = "{value}"' for key, value in downloads[name].items()]
    lines += ["[modules.charts]", 'module = "example.test/tool"', 'version = "v1.2.3"', 'folder = "wrapper"']
    path = folder / "tools.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
