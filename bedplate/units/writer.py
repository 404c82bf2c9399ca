"""Who applies an object of a cluster, and how a program says that it is not Pulumi.

An object that another writer applies is given to a provider that stands for that writer. The recorder keeps such an
object without a provider, and the engine never hears of either.
"""

from __future__ import annotations

PULUMI = "pulumi"
"""The writer where nothing else is said."""

_TYPE = "pulumi:providers:kubernetes"
# A slash stands in no name of a cluster, after which its provider is called.
_PREFIX = "writer/"


def stand_in(writer: str) -> str:
    """Name of the Kubernetes provider that stands for `writer`."""
    return f"{_PREFIX}{writer}"


def writer_of(provider_type: str, provider_name: str) -> str:
    """Whom a provider stands for (``argocd``, ``flux``); empty where it is one of Pulumi's own."""
    stands_in = provider_type == _TYPE and provider_name.startswith(_PREFIX)
    return provider_name.removeprefix(_PREFIX) if stands_in else ""


def writer_behind(provider: str) -> str:
    """The same for a provider's URN, or for its reference (``<urn>::<id>``); empty for no provider."""
    parts = provider.split("::")
    return writer_of(parts[2], parts[3]) if len(parts) >= 4 else ""
