"""An S3 bucket and a KMS key on this machine, as far as Pulumi's state and secrets use them, with rights.

A `with` block serves both on one port. Who asks is told by the access key in the request's signature, which is not
checked: the server is for tests alone. `rules` say for each access key which policies hold; whoever is not named may do
everything. Every request becomes the actions that AWS would ask for, and is refused unless all of them are allowed.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from tests.support.iam import Request, allowed

ACCOUNT = "111122223333"
REGION = "us-east-1"
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_SEALED = b"sealed:"
_CREDENTIAL = re.compile(r"Credential=([^/]+)/")


@dataclass
class FakeState:
    """A bucket called `bucket` and a key with the alias `alias`. `refused` lists what was refused: who, and what."""

    bucket: str
    alias: str
    rules: Mapping[str, Sequence[str]] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)

    def __enter__(self) -> Self:
        state: FakeState = self

        class Handler(_Handler):
            """Requests about this state."""

            held = state

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def env(self, who: str) -> dict[str, str]:
        """Environment of a process that asks as `who`."""
        url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return {
            "AWS_ACCESS_KEY_ID": who,
            "AWS_ENDPOINT_URL_KMS": url,
            "AWS_ENDPOINT_URL_S3": url,
            "AWS_REGION": REGION,
            "AWS_SECRET_ACCESS_KEY": "not checked",
        }

    def may(self, who: str, requests: Sequence[Request]) -> bool:
        """Whether `who` may do all of `requests`; what is not is written down."""
        missing = [item for item in requests if who in self.rules and not allowed(self.rules[who], item)]
        self.refused += [(who, f"{item.action} on {item.resource}") for item in missing]
        return not missing


class _Handler(BaseHTTPRequestHandler):
    """One request. The path is ``/bucket/key``, or ``/`` for KMS."""

    held: FakeState
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """KMS: what to do stands in a header."""
        asked = json.loads(self._body())
        action = self.headers["X-Amz-Target"].rpartition(".")[2]
        if not self._allowed(_use_key(self.held, f"kms:{action}")):
            self._refuse()
            return
        if action == "Encrypt":
            sealed = _SEALED + base64.b64decode(asked["Plaintext"])
            answer = {"CiphertextBlob": base64.b64encode(sealed).decode(), "KeyId": KEY_ARN}
        else:
            opened = base64.b64decode(asked["CiphertextBlob"]).removeprefix(_SEALED)
            answer = {"Plaintext": base64.b64encode(opened).decode(), "KeyId": KEY_ARN}
        self._answer(200, json.dumps(answer).encode(), "application/x-amz-json-1.1")

    def do_GET(self) -> None:
        """An object, or a list of keys."""
        key = self._key()
        if not key:
            self._list()
        elif self._readable(key):
            self._answer(200, self.held.objects[key])

    def do_HEAD(self) -> None:
        """Whether there is an object."""
        key = self._key()
        if self._readable(key):
            self._answer(200, self.held.objects[key])

    def do_PUT(self) -> None:
        """Write an object, or copy one."""
        key, source = self._key(), self.headers.get("x-amz-copy-source")
        body = self._body()
        needs = [self._object("s3:PutObject", key), *_use_key(self.held, "kms:GenerateDataKey")]
        if source is not None:
            origin = unquote(source).lstrip("/").partition("/")[2]
            needs += [self._object("s3:GetObject", origin), *_use_key(self.held, "kms:Decrypt")]
            body = self.held.objects[origin]
        if not self._allowed(needs):
            self._refuse()
            return
        self.held.objects[key] = body
        xml = b"<CopyObjectResult><ETag>1</ETag></CopyObjectResult>" if source is not None else b""
        self._answer(200, xml, "application/xml")

    def do_DELETE(self) -> None:
        """Hide an object behind a delete marker: it is gone for whoever asks for no version."""
        key = self._key()
        if self._allowed([self._object("s3:DeleteObject", key)]):
            self.held.objects.pop(key, None)
            self._answer(204, b"")
        else:
            self._refuse()

    def _list(self) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        context = {"s3:prefix": prefix} if prefix else {}
        if not self._allowed([Request("s3:ListBucket", f"arn:aws:s3:::{self.held.bucket}", context)]):
            self._refuse()
            return
        keys = [key for key in sorted(self.held.objects) if key.startswith(prefix)]
        items = "".join(_entries(keys, prefix, delimiter, self.held.objects))
        xml = f"<ListBucketResult><IsTruncated>false</IsTruncated>{items}</ListBucketResult>"
        self._answer(200, xml.encode(), "application/xml")

    def _readable(self, key: str) -> bool:
        """Answer with a refusal, or that there is no such object, which only those hear who may list."""
        if not self._allowed([self._object("s3:GetObject", key), *_use_key(self.held, "kms:Decrypt")]):
            self._refuse()
            return False
        if key not in self.held.objects:
            lists = Request("s3:ListBucket", f"arn:aws:s3:::{self.held.bucket}")
            if self._allowed([lists]):
                self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>", "application/xml")
            else:
                self._refuse()
            return False
        return True

    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).lstrip("/").partition("/")[2]

    def _object(self, action: str, key: str) -> Request:
        return Request(action, f"arn:aws:s3:::{self.held.bucket}/{key}")

    def _allowed(self, requests: Sequence[Request]) -> bool:
        found = _CREDENTIAL.search(self.headers.get("Authorization", ""))
        return self.held.may(found.group(1) if found else "", requests)

    def _body(self) -> bytes:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return b"".join(_chunks(body)) if "aws-chunked" in self.headers.get("Content-Encoding", "") else body

    def _refuse(self) -> None:
        if self.headers.get("X-Amz-Target"):
            self._answer(400, b'{"__type":"AccessDeniedException"}', "application/x-amz-json-1.1")
        else:
            self._answer(403, b"<Error><Code>AccessDenied</Code></Error>", "application/xml")

    def _answer(self, status: int, body: bytes, kind: str = "application/octet-stream") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Sat, 21 Nov 2026 00:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *said: object) -> None:
        """Say nothing: tests look at `refused`."""


def _use_key(state: FakeState, action: str) -> list[Request]:
    return [Request(action, KEY_ARN, {"kms:ResourceAliases": (state.alias,)})]


def _entries(keys: Sequence[str], prefix: str, delimiter: str, objects: Mapping[str, bytes]) -> Iterator[str]:
    """Keys as S3 lists them: with a delimiter, those in folders only by their folder."""
    folders: set[str] = set()
    for key in keys:
        rest = key[len(prefix) :]
        if delimiter and delimiter in rest:
            folders.add(prefix + rest.partition(delimiter)[0] + delimiter)
            continue
        written = "<LastModified>2026-11-21T00:00:00.000Z</LastModified><ETag>1</ETag>"
        yield f"<Contents><Key>{escape(key)}</Key>{written}<Size>{len(objects[key])}</Size></Contents>"
    for folder in sorted(folders):
        yield f"<CommonPrefixes><Prefix>{escape(folder)}</Prefix></CommonPrefixes>"


def _chunks(body: bytes) -> Iterator[bytes]:
    """Parts of a body in AWS's chunked encoding, without signatures and trailers."""
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size.partition(b";")[0], 16)
        if not length:
            return
        yield body[:length]
        body = body[length + 2 :]
