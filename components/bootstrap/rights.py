"""The rights of a layer's role: rows of the catalogue, kept to one environment. Pure.

A role may do to the types that its layer registers what it takes to manage them, and to nothing else. Where AWS lets a
name decide, the name does; where ids are AWS's choice, the tag bedplate:environment does; and a role that makes roles
can only make them with the permissions boundary of its layer, or it could give itself anything by way of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bedplate.catalog.iam_rows import BoundaryPolicy, Duty, IamActions, Right
from components.iam import Statement, managed_policy_arn

_Group = tuple[str, str, tuple[str, ...], tuple[str, ...]]
_Limit = tuple[tuple[str, ...], str, tuple[str, ...]]
Conditions = dict[str, Mapping[str, str | tuple[str, ...]]]

ENVIRONMENT_TAG = "bedplate:environment"
_TAG = "ec2:CreateTags"
APPLY: tuple[Duty, ...] = ("create", "read", "update", "delete")
PLAN: tuple[Duty, ...] = ("read",)
# How whole ARNs begin.
_WHOLE = ("arn:", "{clusterKeys}")
_REGIONLESS = {"iam": "arn:aws:iam::{account}:", "s3": "arn:aws:s3:::"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What one layer of one environment makes, by name. ARNs and names may end in ``*``."""

    environment: str
    account: str
    region: str
    layer: str
    cluster: str
    roles: tuple[str, ...]
    buckets: tuple[str, ...]
    aliases: tuple[str, ...]
    policies: tuple[str, ...] = ()
    issuers: tuple[str, ...] = ()
    boundary: str = ""
    """ARN of the permissions boundary for roles that the layer makes; empty for the bootstrap layer, whose roles are
    those of the layers."""
    attachable: tuple[str, ...] = ()
    """ARNs of the policies that the layer attaches to roles; empty where the names of the roles are enough."""
    cluster_keys: tuple[str, ...] = ()
    """ARNs of KMS keys that others keep, for the Secrets of the cluster."""
    disk_keys: tuple[str, ...] = ()
    """ARNs of KMS keys that others keep, for volumes of nodes that a role of the layer starts."""


def layer_statements(rows: Iterable[IamActions], reach: Reach, duties: Sequence[Duty]) -> tuple[Statement, ...]:
    """What it takes to do `duties` for every type of the layer of `reach`, by service."""
    rights = [right for row in rows if reach.layer in row.layers for right in row.rights]
    grouped: dict[_Group, tuple[set[str], set[str]]] = {}
    for right in rights:
        arns = _arns(right, reach)
        # Nothing of the kind is made where there is no name for it.
        if arns and set(right.duties) & set(duties):
            actions, resources = grouped.setdefault(_group(right, arns), (set(), set()))
            actions.update(right.actions)
            resources.update(arns)
    return tuple(
        Statement(
            sid=service.title().replace("-", ""),
            actions=tuple(sorted(actions)),
            resources=tuple(sorted(resources)),
            conditions=_conditions(where, services, reach),
        )
        for (service, where, services, _), (actions, resources) in sorted(grouped.items(), key=lambda item: item[0])
    )


def numbered(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """`statements`, each once, with ids that differ."""
    found: list[Statement] = []
    for statement in statements:
        if not any(replace(statement, sid=each.sid) == each for each in found):
            found.append(replace(statement, sid=f"{statement.sid}{len(found) + 1}"))
    return tuple(found)


def _group(right: Right, arns: tuple[str, ...]) -> _Group:
    """What rights share that go into one statement.

    Those under the environment's own tag all go into one per service: an action of one type means nothing on another,
    and policies have a limit. For others each list of resources has a statement, so that a tag in a request for one
    object says nothing about another.
    """
    return (right.service, right.where or "", right.services, () if right.where == "resource-tag" else arns)


def boundary_statements(rows: Iterable[BoundaryPolicy], reach: Reach) -> tuple[Statement, ...]:
    """The most that roles made by the layer of `reach` can do, whatever policies they are given.

    It grants nothing by itself, so that it does not repeat how AWS scopes its own policies, but for what would reach
    other environments of the account.
    """
    grouped: dict[_Limit, set[str]] = {}
    for right in (right for row in rows if row.layer == reach.layer for right in row.rights):
        resources = tuple(arn for pattern in right.resources for arn in _filled(pattern, reach))
        if resources:
            grouped.setdefault((resources, right.where or "", right.services), set()).update(right.actions)
    limits = tuple(
        Statement(
            sid=f"Most{number}",
            actions=tuple(sorted(actions)),
            resources=resources,
            conditions=_conditions(where, services, reach),
        )
        for number, ((resources, where, services), actions) in enumerate(sorted(grouped.items()), start=1)
    )
    tags = any(_TAG in actions for actions in grouped.values())
    return (*limits, _not_adopted()) if tags else limits


def _not_adopted() -> Statement:
    """Nobody takes what is there already into the environment by tagging it: it could then be changed as its own."""
    return Statement(
        sid="NotAdopted",
        effect="Deny",
        actions=(_TAG,),
        resources=("*",),
        conditions={
            "ForAnyValue:StringEquals": {"aws:TagKeys": ENVIRONMENT_TAG},
            "Null": {"ec2:CreateAction": "true"},
        },
    )


def attachable_policies(rows: Iterable[BoundaryPolicy], layer: str) -> tuple[str, ...]:
    """ARNs of the policies of AWS that components of `layer` attach to roles."""
    return tuple(sorted(managed_policy_arn(row.policy) for row in rows if row.attached and row.layer == layer))


def _arns(right: Right, reach: Reach) -> tuple[str, ...]:
    if right.resources == ("*",):
        return ("*",)
    if right.where == "amazon-image":
        head = f"arn:aws:ec2:{reach.region}::"
    else:
        head = _REGIONLESS.get(right.service, f"arn:aws:{right.service}:{{region}}:{{account}}:")
    tails = ((tail if tail.startswith(_WHOLE) else head + tail) for tail in right.resources)
    return tuple(sorted(arn for tail in tails for arn in _filled(tail, reach)))


def _filled(pattern: str, reach: Reach) -> Iterable[str]:
    """`pattern` with its braces filled; once for each of several names."""
    lists = {
        "{roles}": reach.roles,
        "{buckets}": reach.buckets,
        "{aliases}": reach.aliases,
        "{policies}": reach.policies,
        "{issuers}": reach.issuers,
        "{clusterKeys}": reach.cluster_keys,
        "{diskKeys}": reach.disk_keys,
    }
    known = {"{region}": reach.region, "{account}": reach.account, "{cluster}": reach.cluster}
    for brace, value in known.items():
        pattern = pattern.replace(brace, value)
    for brace, values in lists.items():
        if brace in pattern:
            return [pattern.replace(brace, value) for value in values]
    return [pattern]


def _conditions(where: str, services: tuple[str, ...], reach: Reach) -> Conditions:
    """The condition that a row calls `where`."""
    tagged = {f"aws:ResourceTag/{ENVIRONMENT_TAG}": reach.environment}
    asked = {f"aws:RequestTag/{ENVIRONMENT_TAG}": reach.environment}
    templates = f"arn:aws:ec2:{reach.region}:{reach.account}:launch-template/*"
    known: dict[str, Conditions] = {
        "": {},
        "amazon-image": {"StringEquals": {"ec2:Owner": "amazon"}},
        "cluster-group": {"StringEquals": {"aws:ResourceTag/aws:eks:cluster-name": reach.cluster}},
        "from-template": {"ArnLike": {"ec2:LaunchTemplate": templates}},
        # A key that is being made has no alias yet. Nearly every key that is there has one.
        "new-key": {"StringEqualsIfExists": tagged, "StringEquals": asked, "Null": {"kms:ResourceAliases": "true"}},
        "new-tags": {"StringEquals": asked, "Null": {"ec2:CreateAction": "false"}},
        "adopted-tags": {"StringEqualsIfExists": tagged, "StringEquals": asked},
        "own-or-untagged": {"StringEqualsIfExists": tagged},
        "passed": {"StringEquals": {"iam:PassedToService": services}},
        "request-tag": {"StringEquals": asked},
        "resource-tag": {"StringEquals": tagged},
        "service-linked": {"StringEquals": {"iam:AWSServiceName": services}},
        "boundary": _bounded(reach),
        "attachable": _bounded(reach) | _listed(reach),
    }
    return known[where]


def _bounded(reach: Reach) -> Conditions:
    return {"StringEquals": {"iam:PermissionsBoundary": reach.boundary}} if reach.boundary else {}


def _listed(reach: Reach) -> Conditions:
    return {"ArnEquals": {"iam:PolicyARN": reach.attachable}} if reach.attachable else {}
