"""Policy documents within AWS's limits: statements by group, split where one document cannot hold them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from components.iam import Statement, policy_document

# IAM and AWS STS quotas: characters of a managed policy without white space, of which our documents have none.
LONGEST_POLICY = 6144

_GROUPS: Mapping[str, str] = {"ec2": "ec2", "eks": "eks", "iam": "iam"}
_OTHERS = "data"


def documents(statements: Iterable[Statement]) -> dict[str, str]:
    """Documents by a short name: one per group of services, numbered from the second on where a group needs more.

    Raises ValueError where a single statement is longer than a document may be.
    """
    groups: dict[str, list[Statement]] = {}
    for statement in statements:
        groups.setdefault(_group(statement), []).append(statement)
    found: dict[str, str] = {}
    for group in sorted(groups):
        for number, document in enumerate(_split(groups[group]), start=1):
            found[group if number == 1 else f"{group}-{number}"] = document
    return found


def _group(statement: Statement) -> str:
    services = {action.partition(":")[0] for action in statement.actions}
    return _GROUPS.get(services.pop(), _OTHERS) if len(services) == 1 else _OTHERS


def _split(statements: Sequence[Statement]) -> Iterator[str]:
    """As few documents as the order of `statements` allows."""
    held: list[Statement] = []
    for statement in statements:
        if len(policy_document([statement])) > LONGEST_POLICY:
            raise ValueError(f"statement {statement.sid} is longer than a policy may be ({LONGEST_POLICY} characters)")
        if held and len(policy_document([*held, statement])) > LONGEST_POLICY:
            yield policy_document(held)
            held = []
        held.append(statement)
    yield policy_document(held)
