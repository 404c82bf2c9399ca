"""A layer that a controller applies, as the controller has to be told about it."""

from __future__ import annotations

from dataclasses import dataclass

from components.delivery.spec import DeliveredLayer, Writer


@dataclass(frozen=True, slots=True, order=True)
class ObjectKind:
    """A kind by its API group ("" for core), and by the resource under which the API server serves it."""

    group: str
    kind: str
    resource: str = ""


MODEL_KINDS = (
    ObjectKind("", "ServiceAccount", "serviceaccounts"),
    ObjectKind("gateway.networking.k8s.io", "HTTPRoute", "httproutes"),
    ObjectKind("networking.k8s.io", "NetworkPolicy", "networkpolicies"),
    ObjectKind("resource.k8s.io", "ResourceClaimTemplate", "resourceclaimtemplates"),
    ObjectKind("serving.kserve.io", "InferenceService", "inferenceservices"),
)
"""Every kind that model services are made of, all of them in their team's namespace."""


@dataclass(frozen=True, slots=True, order=True)
class OthersField:
    """A field of a kind that another controller writes; dotted path, without list positions."""

    kind: ObjectKind
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """One layer in the hands of `writer`.

    `folder` is where its objects stand in the repository. `kinds` in `namespaces` (and, with `whole_cluster`, outside
    any) are all that it is made of. `others` are fields of them that somebody else writes. `after` are layers of the
    same writer that come first.
    """

    layer: DeliveredLayer
    writer: Writer
    folder: str
    kinds: tuple[ObjectKind, ...]
    namespaces: tuple[str, ...]
    whole_cluster: bool = False
    others: tuple[OthersField, ...] = ()
    after: tuple[DeliveredLayer, ...] = ()


def delivery_name(layer: str) -> str:
    """What the controller's objects for a layer are called: one environment has a cluster for itself."""
    return f"bedplate-{layer}"
