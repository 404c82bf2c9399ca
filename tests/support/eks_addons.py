"""EKS add-ons as the shipped catalogue knows them, for tests of components."""

from __future__ import annotations

from collections.abc import Mapping

from bedplate.catalog import catalog
from components.cluster.addons import AddonChoice, EksAddon, eks_addons
from components.cluster.control_plane_spec import PodsSpec


def chosen(
    choices: Mapping[str, AddonChoice] | None = None,
    *,
    pods: PodsSpec | None = None,
    present: tuple[str, ...] = (),
) -> dict[str, EksAddon]:
    """The add-ons of a cluster for which an environment says `choices`, by name and in order."""
    known = catalog.load().eks_addons
    addons = eks_addons(known, choices or {}, pods=pods or PodsSpec(), present=present)
    return {addon.name: addon for addon in addons}


BEFORE_NODES = tuple(addon for addon in chosen().values() if addon.before_nodes)
AFTER_NODES = tuple(addon for addon in chosen().values() if not addon.before_nodes)
