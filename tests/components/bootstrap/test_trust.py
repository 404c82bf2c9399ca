"""Who may take which role."""

from typing import Any

import pytest

from components.bootstrap.trust import trust_document
from tests.components.bootstrap.builders import ADMINS, CI, GITHUB, REPOSITORY, section
from tests.support.aws_program import ACCOUNT
from tests.support.iam import Request, trusted

PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
HOST = GITHUB.removeprefix("https://")


def run(subject: str, audience: str = "sts.amazonaws.com") -> Request:
    """A run of the CI system that presents a token."""
    claims = {f"{HOST}:aud": audience, f"{HOST}:sub": subject}
    return Request("sts:AssumeRoleWithWebIdentity", "arn:role", claims)


def takes(duty: str, request: Request, **fields: Any) -> bool:
    return trusted(trust_document(section(**fields), duty, account=ACCOUNT), {"Federated": PROVIDER}, request)


def test_a_run_takes_the_role_of_its_own_duty_and_no_other() -> None:
    apply_cluster = run(f"{REPOSITORY}:environment:prod-cluster")

    assert takes("cluster", apply_cluster)
    assert not takes("models", apply_cluster)
    assert not takes("plan", apply_cluster)
    assert takes("plan", run(f"{REPOSITORY}:pull_request"))
    assert not takes("cluster", run(f"{REPOSITORY}:pull_request"))


@pytest.mark.parametrize(
    "request_",
    [
        run("repo:stranger/platform:environment:prod-cluster"),
        run(f"{REPOSITORY}:environment:prod-cluster-2"),
        run(f"{REPOSITORY}:environment:prod-cluster", audience="somebody-else"),
        Request("sts:AssumeRoleWithWebIdentity", "arn:role", {f"{HOST}:aud": "sts.amazonaws.com"}),
        Request("sts:AssumeRole", "arn:role", {f"{HOST}:sub": f"{REPOSITORY}:environment:prod-cluster"}),
    ],
)
def test_a_token_without_the_right_subject_and_audience_takes_nothing(request_: Request) -> None:
    assert not takes("cluster", request_)


def test_a_pattern_completes_a_name_and_audience_is_compared_with_it_too() -> None:
    pattern = {"pattern": f"{REPOSITORY}:ref:refs/heads/release/*", "reason": "release branches come and go"}
    ci = {**CI, "apply": {"models": {"patterns": [pattern]}}}

    assert takes("models", run(f"{REPOSITORY}:ref:refs/heads/release/1"), ci=[ci])
    assert not takes("models", run(f"{REPOSITORY}:ref:refs/heads/main"), ci=[ci])
    assert not takes("models", run(f"{REPOSITORY}:ref:refs/heads/release/1", audience="x"), ci=[ci])
    assert not takes("models", run(f"{REPOSITORY}:environment:prod-models"), ci=[ci])


def test_operators_take_every_role_and_others_of_the_account_none() -> None:
    take = Request("sts:AssumeRole", "arn:role")

    for duty in ("plan", "bootstrap", "cluster", "platform", "models"):
        document = trust_document(section(), duty, account=ACCOUNT)
        assert trusted(document, {"AWS": ADMINS}, take)
        assert not trusted(document, {"AWS": f"arn:aws:iam::{ACCOUNT}:role/other"}, take)


def test_gitlab_s_audience_and_subject_are_those_of_its_own_issuer() -> None:
    subject = "project_path:group/platform:ref_type:branch:ref:main"
    gitlab = {
        "name": "gitlab",
        "issuer": "https://gitlab.example.com",
        "audience": "https://gitlab.example.com",
        "apply": {"models": {"subjects": [subject]}},
    }
    document = trust_document(section(ci=[CI, gitlab]), "models", account=ACCOUNT)
    claims = {"gitlab.example.com:aud": "https://gitlab.example.com", "gitlab.example.com:sub": subject}
    request = Request("sts:AssumeRoleWithWebIdentity", "arn:role", claims)

    assert trusted(document, {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/gitlab.example.com"}, request)
    assert not trusted(document, {"Federated": PROVIDER}, request)
