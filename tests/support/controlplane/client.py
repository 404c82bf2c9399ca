"""A small typed client of the Kubernetes API for tests: JSON over HTTPS, one connection a request, no cache."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.support.controlplane.discovery import ApiResource, Discovery, UnknownKindError
from tests.support.controlplane.manifests import Manifest, last_seen, title
from tests.support.polling import poll

FIELD_MANAGER = "bedplate-tests"
APPLY = "application/apply-patch+yaml"
JSON = "application/json"
MERGE = "application/merge-patch+json"
REQUEST_SECONDS = 60.0
DEFAULT_DEADLINE = 60.0
# A server that is busy, or that has just begun to serve a kind, asks to be asked again.
BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.GATEWAY_TIMEOUT)
BUSY_SECONDS = 30.0
BUSY_PAUSE_SECONDS = 0.2


class KubeError(Exception):
    """The API server refused a request. `status` is the HTTP code, `reason` Kubernetes' word, for example NotFound."""

    def __init__(self, request: str, status: int, reason: str, message: str) -> None:
        super().__init__(f"{request}: {status} {reason}: {message}")
        self.status = status
        self.reason = reason
        self.message = message


class KubeClient:
    """Talks to one API server as the holder of one token."""

    def __init__(self, endpoint: str, token: str, ca_file: Path) -> None:
        self._address = urlsplit(endpoint).netloc
        self._headers = {"Authorization": f"Bearer {token}", "Accept": JSON}
        self._tls = ssl.create_default_context(cafile=str(ca_file))
        self._discovery = Discovery(lambda path: self.request("GET", path))

    def request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | bytes | None = None,
        *,
        query: Mapping[str, str] | None = None,
        content_type: str = JSON,
    ) -> Manifest:
        """Send one request, again while the server is too busy to take it, and return the answer's JSON.

        Raises:
            KubeError: the server answered with an error.
            OSError: the server cannot be reached.
        """
        target = f"{path}?{urlencode(query)}" if query else path
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        end = time.monotonic() + BUSY_SECONDS
        while True:
            status, text = self._send(method, target, content, content_type)
            if status not in BUSY or time.monotonic() >= end:
                break
            time.sleep(BUSY_PAUSE_SECONDS)
        if status >= 400:
            raise _error(f"{method} {path}", status, text)
        answer: Manifest = json.loads(text)
        return answer

    def _send(self, method: str, target: str, content: bytes | None, content_type: str) -> tuple[int, bytes]:
        # http.client knows no proxies, which is right for a server on the loopback address.
        connection = http.client.HTTPSConnection(self._address, context=self._tls, timeout=REQUEST_SECONDS)
        try:
            connection.request(method, target, content, {**self._headers, "Content-Type": content_type})
            response = connection.getresponse()
            return response.status, response.read()
        except http.client.HTTPException as error:
            raise ConnectionError(f"{method} {target}: {error!r}") from error
        finally:
            connection.close()

    def ready(self) -> bool:
        """Whether the API server says that it is ready."""
        try:
            return self._send("GET", "/readyz", None, JSON)[0] == HTTPStatus.OK
        except OSError:
            return False

    def resources(self) -> list[ApiResource]:
        """Every kind that the server serves, sorted; `ApiResource.verbs` says which can be listed or deleted."""
        return self._discovery.all()

    def get(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> Manifest:
        """One object.

        Raises:
            KubeError: 404 where there is none.
            UnknownKindError: the server does not serve the kind.
        """
        return self.request("GET", self._discovery.resource(api_version, kind).path(namespace, name))

    def find(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> Manifest | None:
        """One object, or None where there is none or the kind is not served."""
        try:
            return self.get(api_version, kind, name, namespace)
        except UnknownKindError:
            return None
        except KubeError as error:
            if error.status == 404:
                return None
            raise

    def objects(
        self,
        api_version: str,
        kind: str,
        namespace: str | None = None,
        *,
        label_selector: str = "",
        field_selector: str = "",
    ) -> list[Manifest]:
        """Objects of a kind, of all namespaces where none is given, in the server's order, with apiVersion and kind."""
        selectors = {"labelSelector": label_selector, "fieldSelector": field_selector}
        query = {key: value for key, value in selectors.items() if value}
        answer = self.request("GET", self._discovery.resource(api_version, kind).path(namespace), query=query)
        return [{"apiVersion": api_version, "kind": kind, **item} for item in answer["items"]]

    def apply(
        self,
        manifest: Mapping[str, Any],
        *,
        dry_run: bool = False,
        field_manager: str = FIELD_MANAGER,
        subresource: str | None = None,
    ) -> Manifest:
        """Server-side apply with strict field validation; conflicts with other managers are taken over.

        Raises:
            KubeError: refused, for example 400 for an unknown field, 403 by a policy or quota, 422 for a bad value.
        """
        query = {"fieldManager": field_manager, "fieldValidation": "Strict", "force": "true"}
        if dry_run:
            query["dryRun"] = "All"
        return self.request("PATCH", self._path(manifest, subresource), manifest, query=query, content_type=APPLY)

    def patch(
        self,
        api_version: str,
        kind: str,
        name: str,
        change: Mapping[str, Any],
        *,
        namespace: str | None = None,
        subresource: str | None = None,
    ) -> Manifest:
        """JSON merge patch of an object or of its `subresource`."""
        path = self._discovery.resource(api_version, kind).path(namespace, name, subresource)
        return self.request("PATCH", path, change, content_type=MERGE)

    def delete(
        self, api_version: str, kind: str, name: str, namespace: str | None = None, *, grace_seconds: int | None = None
    ) -> None:
        """Delete an object; what it owns goes in the background. An absent object is no error."""
        options: Manifest = {"propagationPolicy": "Background"}
        if grace_seconds is not None:
            options["gracePeriodSeconds"] = grace_seconds
        try:
            self.request("DELETE", self._discovery.resource(api_version, kind).path(namespace, name), options)
        except KubeError as error:
            if error.status != 404:
                raise

    def evict(self, name: str, namespace: str) -> bool:
        """Ask for a pod to go; False where its disruption budget does not allow it now. A pod that is gone has gone.

        Raises:
            KubeError: refused for another reason, for example two budgets for one pod.
        """
        path = f"/api/v1/namespaces/{namespace}/pods/{name}/eviction"
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": namespace}}
        # Not as other requests: this 429 is an answer, and nothing to ask again at once.
        status, text = self._send("POST", path, json.dumps(body).encode(), JSON)
        if status >= 400 and status not in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.NOT_FOUND):
            raise _error(f"POST {path}", status, text)
        return status != HTTPStatus.TOO_MANY_REQUESTS

    def wait_for(
        self,
        api_version: str,
        kind: str,
        name: str,
        predicate: Callable[[Manifest], bool],
        *,
        namespace: str | None = None,
        deadline: float = DEFAULT_DEADLINE,
        what: str = "the awaited state",
    ) -> Manifest:
        """Poll until the object exists and satisfies `predicate`, and return it.

        Raises:
            DeadlineError: not within `deadline` seconds; shows the object's last status.
        """
        last: Manifest | None = None

        def probe() -> Manifest | None:
            nonlocal last
            last = self.find(api_version, kind, name, namespace)
            return last if last is not None and predicate(last) else None

        return poll(f"{title(kind, name, namespace)}: {what}", probe, deadline, lambda: last_seen(last))

    def wait_gone(
        self,
        api_version: str,
        kind: str,
        name: str,
        namespace: str | None = None,
        *,
        deadline: float = DEFAULT_DEADLINE,
    ) -> None:
        """Poll until the object does not exist.

        Raises:
            DeadlineError: it still exists after `deadline` seconds; shows its last status.
        """
        last: Manifest | None = None

        def probe() -> bool:
            nonlocal last
            last = self.find(api_version, kind, name, namespace)
            return last is None

        poll(f"{title(kind, name, namespace)}: deletion", probe, deadline, lambda: last_seen(last))

    def _path(self, manifest: Mapping[str, Any], subresource: str | None) -> str:
        metadata = manifest["metadata"]
        resource = self._discovery.resource(manifest["apiVersion"], manifest["kind"])
        namespace = metadata.get("namespace", "default") if resource.namespaced else None
        return resource.path(namespace, metadata["name"], subresource)


def _error(request: str, status: int, text: bytes) -> KubeError:
    try:
        answer = json.loads(text)
    except ValueError:
        return KubeError(request, status, "Unknown", text.decode(errors="replace")[:2000])
    return KubeError(request, status, answer.get("reason", "Unknown"), answer.get("message", ""))
