"""Where the state is: what `state.backend` and `state.secretsProvider` say, taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class StateLocation:
    """Objects below `prefix` (empty, or with a slash at its end) in an S3 bucket. `region` is empty where not said."""

    bucket: str
    prefix: str
    region: str

    @property
    def arn(self) -> str:
        """ARN of the bucket."""
        return f"arn:aws:s3:::{self.bucket}"


@dataclass(frozen=True, slots=True)
class StateKey:
    """The KMS key that encrypts secrets in the state: an alias (``alias/…``), or the ARN or id of a key."""

    reference: str
    region: str

    @property
    def alias(self) -> str:
        """The alias, or empty where the key is named otherwise."""
        _, found, name = self.reference.partition("alias/")
        return f"alias/{name}" if found else ""


def state_location(backend: str) -> StateLocation | None:
    """The bucket that a Pulumi backend URL names; None for backends that are no S3 bucket."""
    parts = urlsplit(backend)
    if parts.scheme != "s3":
        return None
    prefix = parts.path.strip("/")
    return StateLocation(parts.netloc, f"{prefix}/" if prefix else "", _region(parts.query))


def state_key(secrets_provider: str) -> StateKey | None:
    """The key that a Pulumi secrets provider URL names; None for providers that are not AWS KMS.

    Both ways of writing it are read: ``awskms://alias/…`` and, for ARNs, ``awskms:///arn:aws:kms:…``.
    """
    parts = urlsplit(secrets_provider)
    if parts.scheme != "awskms":
        return None
    return StateKey(f"{parts.netloc}{parts.path}".lstrip("/"), _region(parts.query))


def _region(query: str) -> str:
    return parse_qs(query).get("region", [""])[0]
