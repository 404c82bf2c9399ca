"""What bootstrap calls things, and how it recognises what a layer makes: names and ARNs, known before anything exists.

Everything of the bootstrap layer stands below an IAM path of its own, ``/bedplate/<environment>/``, which no pattern
for the roles of other layers reaches.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bedplate.model.naming import NAME_LIMITS, fit_name

APPLYING_LAYERS = ("bootstrap", "cluster", "platform", "models")
ROLE_MAKERS = ("cluster", "models")
"""Layers that make IAM roles: each has a permissions boundary."""

ROLE_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"cluster": ("cluster", "flow-logs", "node-*", "addon-*", "karpenter-*"), "platform": (), "models": ("model-*",)}
)
"""What follows ``bedplate-<environment>-`` in the names of the roles that a layer makes."""

_RESERVED = frozenset(name.split("-")[0] for made in ROLE_NAMES.values() for name in made if name.endswith("*"))
# A bucket's name is cut off where a hyphen and 8 digits of a hash begin; before them stand bedplate-<name>-<account>.
LONGEST_ENVIRONMENT = NAME_LIMITS["s3Bucket"] - 9 - len("bedplate--") - 12
"""The longest name that every name in the account still begins with; longer ones are cut off."""
LONGEST_CLUSTER = len("bedplate-") + LONGEST_ENVIRONMENT
"""The same for a cluster that others made: what stands around it begins with its name."""


MOST_DISK_KEYS = 3
"""KMS keys for disks, kept by others, that the permissions boundary of the cluster layer has room for."""


def prefix(environment: str) -> str:
    """Beginning of everything that `environment` names in its account, and the name of its cluster."""
    return fit_name(f"bedplate-{environment}", NAME_LIMITS["eksCluster"])


def path(environment: str) -> str:
    """IAM path of everything that bootstrap makes."""
    return f"/bedplate/{environment}/"


def role_name(environment: str, duty: str) -> str:
    """Name of the role for a duty: plan, or the layer that it applies."""
    return fit_name(f"{prefix(environment)}-deploy-{duty}", NAME_LIMITS["iamRole"])


def role_arn(account: str, environment: str, duty: str) -> str:
    """ARN of that role."""
    return f"arn:aws:iam::{account}:role{path(environment)}{role_name(environment, duty)}"


def boundary_name(environment: str, layer: str) -> str:
    """Name of the permissions boundary for roles that `layer` makes."""
    return fit_name(f"{prefix(environment)}-boundary-{layer}", NAME_LIMITS["iamPolicy"])


def boundary_arn(account: str, environment: str, layer: str) -> str:
    """ARN of that boundary."""
    return f"arn:aws:iam::{account}:policy{path(environment)}{boundary_name(environment, layer)}"


def bucket_prefix(account: str, environment: str) -> str:
    """Beginning of the buckets that hold the environment's stores."""
    return f"bedplate-{environment}-{account}-"


def within_reach(environment: str, account: str) -> str | None:
    """The part of an environment's name by which the roles of another environment in `account` would reach it.

    Roles of ``prod`` that make nodes go by ``bedplate-prod-node-*``; an environment ``prod-node`` would be among them.
    """
    parts = environment.split("-")[1:]
    return next((part for part in parts if part in _RESERVED or part == account), None)


def issuer_host(issuer: str) -> str:
    """An issuer as IAM writes it in ARNs and condition keys: without https://."""
    return issuer.removeprefix("https://")


def provider_arn(account: str, issuer: str) -> str:
    """ARN of the IAM identity provider for `issuer`."""
    return f"arn:aws:iam::{account}:oidc-provider/{issuer_host(issuer)}"
