"""Who may take a role: runs of a CI system, by their tokens, and people. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from components.bootstrap.names import issuer_host, provider_arn
from components.bootstrap.spec import BootstrapSpec, CiSpec, TrustSpec
from components.iam import Statement, policy_document


def trust_document(spec: BootstrapSpec, duty: str, *, account: str) -> str:
    """Trust policy of the role for `duty`: operators, and the runs that CI entries name for it."""
    statements = [Statement(sid="TakeByOperators", actions=("sts:AssumeRole",), principal={"AWS": spec.operators})]
    for ci in spec.ci:
        trust = ci.trusts().get(duty)
        if trust is not None:
            statements += _by_token(ci, trust, account)
    return policy_document(statements)


def _by_token(ci: CiSpec, trust: TrustSpec, account: str) -> Iterator[Statement]:
    """Both claims are compared: without the subject, every repository of a shared issuer could take the role."""
    host = issuer_host(ci.issuer)
    audience = {f"{host}:aud": ci.audience}
    title = "".join(part.title() for part in ci.name.split("-"))

    def allow(sid: str, operator: str, subjects: Iterable[str]) -> Statement:
        conditions: dict[str, dict[str, str | tuple[str, ...]]] = {"StringEquals": {**audience}}
        conditions.setdefault(operator, {})[f"{host}:sub"] = tuple(subjects)
        return Statement(
            sid=sid,
            actions=("sts:AssumeRoleWithWebIdentity",),
            principal={"Federated": provider_arn(account, ci.issuer)},
            conditions=conditions,
        )

    if trust.subjects:
        yield allow(f"TakeBy{title}", "StringEquals", trust.subjects)
    if trust.patterns:
        yield allow(f"TakeBy{title}Patterns", "StringLike", (item.pattern for item in trust.patterns))
