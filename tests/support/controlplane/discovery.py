"""What an API server serves: from apiVersion and kind to the path of an object."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote


@dataclass(frozen=True, slots=True, order=True)
class ApiResource:
    """One kind of object as the API server serves it."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool
    verbs: frozenset[str]

    def path(self, namespace: str | None, name: str | None = None, subresource: str | None = None) -> str:
        """Path of the collection, of one object in it, or of an object's part such as ``status``."""
        root = f"/apis/{self.api_version}" if "/" in self.api_version else f"/api/{self.api_version}"
        place = f"/namespaces/{quote(namespace)}" if namespace else ""
        # RBAC names hold colons; everything else in a name is safe as it stands.
        return root + place + "".join(f"/{quote(part)}" for part in (self.plural, name, subresource) if part)


class UnknownKindError(LookupError):
    """The API server serves no such kind (yet): its CustomResourceDefinition is missing or not yet established."""


class Discovery:
    """Kinds of an API server, read once per group and version and again when a kind is missing."""

    def __init__(self, read: Callable[[str], dict[str, Any]]) -> None:
        self._read = read
        self._known: dict[tuple[str, str], ApiResource] = {}

    def resource(self, api_version: str, kind: str) -> ApiResource:
        """How `kind` is served.

        Raises:
            UnknownKindError: the server does not serve it.
        """
        key = (api_version, kind)
        if key not in self._known:
            self._known.update({(found.api_version, found.kind): found for found in self._of_version(api_version)})
        if key not in self._known:
            raise UnknownKindError(f"the API server serves no {kind} in {api_version}")
        return self._known[key]

    def all(self) -> list[ApiResource]:
        """Every kind in every version that the server serves, sorted."""
        groups = self._read("/apis")["groups"]
        versions = ["v1"] + [version["groupVersion"] for group in groups for version in group["versions"]]
        return sorted(found for version in versions for found in self._of_version(version))

    def _of_version(self, api_version: str) -> Iterator[ApiResource]:
        root = "/apis" if "/" in api_version else "/api"
        for entry in self._read(f"{root}/{api_version}").get("resources", []):
            if "/" not in entry["name"]:
                verbs = frozenset(entry["verbs"])
                yield ApiResource(api_version, entry["kind"], entry["name"], entry["namespaced"], verbs)
