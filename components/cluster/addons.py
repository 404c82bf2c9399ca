"""EKS add-ons of one cluster: which, in what order, how they are configured, and which rights they get."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bedplate.catalog.rows import EksAddon as KnownAddon
from bedplate.model.spec import plain_json
from components.cluster.control_plane_spec import PodsSpec

_CNI = "vpc-cni"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddonChoice:
    """What an environment says about an add-on. `policies` are ARNs, and take the place of the catalogue's."""

    version: str | None = None
    configuration: Mapping[str, Any] = field(default_factory=dict)
    policies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EksAddon:
    """An add-on that EKS installs and keeps.

    `version` None means EKS's default for the Kubernetes version. `configuration` is JSON text by the add-on's own
    schema. `before_nodes` marks add-ons without which a node never becomes Ready; the others need nodes to run on.
    Pods of `service_accounts` in `namespace` get `policies` (names of AWS's own, or ARNs) through EKS Pod Identity.
    """

    name: str
    version: str | None = None
    configuration: str | None = None
    before_nodes: bool = False
    namespace: str = "kube-system"
    service_accounts: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


def eks_addons(
    known: Mapping[str, KnownAddon],
    choices: Mapping[str, AddonChoice],
    *,
    pods: PodsSpec,
    present: Collection[str] = (),
) -> tuple[EksAddon, ...]:
    """The add-ons that no cluster works without and those that `choices` names, each after those that it needs.

    `known` are the catalogue's rows. `present` are there already: others keep them.
    """
    names = {*choices, *(name for name, row in known.items() if row.required)} - {*present}
    choice = {name: choices.get(name, AddonChoice()) for name in names}
    addons = {name: _addon(known[name], choice[name], pods) for name in sorted(names)}
    return tuple(_in_order(addons))


def _addon(row: KnownAddon, choice: AddonChoice, pods: PodsSpec) -> EksAddon:
    configuration: Mapping[str, Any] = dict(row.configuration)
    if row.name == _CNI:
        configuration = _merged(configuration, cni_settings(pods))
    configuration = _merged(configuration, choice.configuration)
    return EksAddon(
        name=row.name,
        version=choice.version,
        configuration=json.dumps(configuration, sort_keys=True, separators=(",", ":")) if configuration else None,
        before_nodes=row.before_nodes,
        namespace=row.namespace or "kube-system",
        service_accounts=row.service_accounts,
        policies=choice.policies or row.policies,
        needs=row.needs,
    )


def cni_settings(pods: PodsSpec) -> dict[str, Any]:
    """What `cluster.pods` means in the configuration of the VPC CNI; empty for its defaults.

    Source: EKS user guide, "Increase the available IP addresses for your node".
    """
    return {"env": {"ENABLE_PREFIX_DELEGATION": "true"}} if pods.prefix_delegation else {}


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid over `base`, mapping by mapping; plain dicts, whatever came in."""
    result = {key: plain_json(value) for key, value in base.items()}
    for key, value in over.items():
        below = result.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            result[key] = _merged(below, value)
        else:
            result[key] = plain_json(value)
    return result


def _in_order(addons: Mapping[str, EksAddon]) -> Iterable[EksAddon]:
    """Each add-on after those of `addons` that it needs; otherwise by name. The catalogue has no circles."""
    done: set[str] = set()
    while len(done) < len(addons):
        for name in sorted(addons.keys() - done):
            if all(need in done or need not in addons for need in addons[name].needs):
                done.add(name)
                yield addons[name]
                break
