"""One object that is being made, and the facts about it that fill the templates of shapes.yaml."""

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.support.fakeaws.account import Account, zone_id
from tests.support.fakeaws.schema import ResourceSchema
from tests.support.fakeaws.wire import Properties, has_secret, plain

EPOCH = "2026-01-01T00:00:00Z"


@dataclass(frozen=True)
class Subject:
    """An object at the moment of a create, update or read.

    `name` is its name in the program, `id` is empty until it exists. `generation` counts earlier objects of the same
    URN, so that a replacement gets an id of its own. `previous` holds the outputs before an update, and `changed` the
    inputs that the update changes. `cluster_access` replaces an EKS cluster's endpoint and certificate authority.
    """

    schema: ResourceSchema
    urn: str
    name: str
    account: Account
    inputs: Properties
    id: str = ""
    generation: int = 0
    previous: Properties = field(default_factory=dict)
    changed: frozenset[str] = frozenset()
    cluster_access: Mapping[str, str] = field(default_factory=dict)


class Facts:
    """Facts by name, for `str.format_map`: the object's inputs and what follows from them.

    `used_secret` tells whether a secret input went into any fact that was asked for.
    """

    def __init__(self, subject: Subject, templates: Mapping[str, str]) -> None:
        """`templates` holds the id and the arn, which may refer to other facts and to each other."""
        self._subject = subject
        self._templates = templates
        self.used_secret = False

    def __getitem__(self, name: str) -> str:
        """Return the fact `name`, or an empty text for an input that was not given. Raises KeyError for no fact."""
        if name == "id" and self._subject.id:
            return self._subject.id
        if name in self._templates:
            return self._templates[name].format_map(self)
        if name in _FROM_INPUTS:
            return _FROM_INPUTS[name](self)
        if name in _MADE_UP:
            digest = hashlib.sha256(f"{self._subject.urn}|{self._subject.generation}".encode()).hexdigest()
            return _MADE_UP[name](digest)
        if name in _FROM_ACCOUNT:
            return _FROM_ACCOUNT[name](self._subject.account)
        if name not in self._subject.schema.inputs.properties:
            raise KeyError(name)
        return self.given(name)

    def given(self, name: str) -> str:
        """Return the input `name` as text, or what it was before, or an empty text."""
        inputs, previous = self._subject.inputs, self._subject.previous
        value = inputs[name] if inputs.get(name) is not None else previous.get(name)
        self.used_secret = self.used_secret or has_secret(value)
        return "" if value is None else str(plain(value))

    def below(self, name: str, key: str) -> str:
        """Return the field `key` of the object input `name` as text, or an empty text."""
        value = self._subject.inputs.get(name)
        self.used_secret = self.used_secret or has_secret(value)
        inner = plain(value)
        return str(inner.get(key, "")) if isinstance(inner, Mapping) else ""

    def object_name(self) -> str:
        """Return the name that AWS knows the object by, or the program's name for an object without one."""
        prop = self._subject.schema.name_property or "name"
        prefix = self.given(f"{prop}Prefix")
        return self.given(prop) or (f"{prefix}{self['hex17']}" if prefix else self._subject.name)


_FROM_INPUTS: dict[str, Callable[[Facts], str]] = {
    "host_and_path": lambda facts: facts.given("url").removeprefix("https://"),
    "name": Facts.object_name,
    "oidc_name": lambda facts: facts.below("oidc", "identityProviderConfigName"),
    "path": lambda facts: facts.given("path") or "/",
    "region": lambda facts: facts.given("region") or facts["provider_region"],
    "target_key": lambda facts: facts.given("targetKeyId").rsplit("key/", 1)[-1],
    "zone_id": lambda facts: zone_id(facts.given("availabilityZone") or f"{facts['region']}a"),
}

_FROM_ACCOUNT: dict[str, Callable[[Account], str]] = {
    "account": lambda account: account.account_id,
    "dns_suffix": lambda account: account.dns_suffix,
    "epoch": lambda _: EPOCH,
    "partition": lambda account: account.partition,
    "provider_region": lambda account: account.region,
}

# From 64 hexadecimal digits that are the same for the same object, and different for every other.
_MADE_UP: dict[str, Callable[[str], str]] = {
    "HEX16": lambda digest: digest[:16].upper(),
    "HEX32": lambda digest: digest[:32].upper(),
    "digits": lambda digest: str(int(digest[:12], 16) % 10**10),
    "hex17": lambda digest: digest[:17],
    "octet": lambda digest: str(int(digest[:4], 16) % 254 + 1),
    "uuid": lambda digest: str(uuid.UUID(digest[:32])),
}
