"""The judge of IAM requests: what it takes for a yes."""

import json
from collections.abc import Mapping

import pytest

from tests.support.iam import Request, allowed, trusted

BUCKET = "arn:aws:s3:::weights"


def document(*statements: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **item} for item in statements]})


def test_what_nothing_allows_is_denied() -> None:
    policy = document({"Action": "s3:GetObject", "Resource": f"{BUCKET}/*"})

    assert allowed([policy], Request("s3:GetObject", f"{BUCKET}/a/b"))
    assert not allowed([policy], Request("s3:PutObject", f"{BUCKET}/a"))
    assert not allowed([policy], Request("s3:GetObject", f"{BUCKET}-2/a"))
    assert not allowed([], Request("s3:GetObject", f"{BUCKET}/a"))


def test_a_denial_wins_from_whichever_document_it_comes() -> None:
    yes = document({"Action": ["s3:GetObject"], "Resource": "*"})
    no = document({"Effect": "Deny", "Action": "s3:Get*", "Resource": f"{BUCKET}/secret"})

    assert allowed([yes, no], Request("s3:GetObject", f"{BUCKET}/open"))
    assert not allowed([yes, no], Request("s3:GetObject", f"{BUCKET}/secret"))


def test_actions_and_condition_keys_are_read_in_any_letter_case_and_values_are_not() -> None:
    policy = document(
        {"Action": "S3:getobject", "Resource": "*", "Condition": {"StringEquals": {"aws:requesttag/Team": "a"}}}
    )

    assert allowed([policy], Request("s3:GetObject", BUCKET, {"aws:RequestTag/team": "a"}))
    assert not allowed([policy], Request("s3:GetObject", BUCKET, {"aws:RequestTag/team": "A"}))


@pytest.mark.parametrize(
    ("condition", "context", "answer"),
    [
        ({"StringEquals": {"k": ["a", "b"]}}, {"k": "b"}, True),
        ({"StringEquals": {"k": "a*"}}, {"k": "ab"}, False),
        ({"StringLike": {"k": "a*"}}, {"k": "ab"}, True),
        ({"StringEquals": {"k": "a"}}, {}, False),
        ({"StringEqualsIfExists": {"k": "a"}}, {}, True),
        ({"StringEqualsIfExists": {"k": "a"}}, {"k": "b"}, False),
        ({"Null": {"k": "false"}}, {"k": "x"}, True),
        ({"Null": {"k": "false"}}, {}, False),
        ({"Null": {"k": "true"}}, {}, True),
        ({"Bool": {"k": "false"}}, {"k": "False"}, True),
        ({"ForAnyValue:StringEquals": {"k": "a"}}, {"k": ("b", "a")}, True),
        ({"ForAnyValue:StringEquals": {"k": "a"}}, {"k": ("b", "c")}, False),
        ({"StringEquals": {"k": "a"}, "ArnLike": {"l": "arn:*"}}, {"k": "a", "l": "arn:x"}, True),
        ({"StringEquals": {"k": "a"}, "ArnLike": {"l": "arn:*"}}, {"k": "a", "l": "x"}, False),
    ],
)
def test_every_line_of_a_condition_must_hold(condition: object, context: Mapping[str, str], answer: bool) -> None:
    policy = document({"Action": "s3:GetObject", "Resource": "*", "Condition": condition})

    assert allowed([policy], Request("s3:GetObject", BUCKET, context)) is answer


def test_what_the_judge_does_not_know_is_an_error() -> None:
    with pytest.raises(KeyError):
        allowed(
            [document({"Action": "*", "Resource": "*", "Condition": {"NumericLessThan": {"k": "1"}}})],
            Request("s3:GetObject", BUCKET, {"k": "0"}),
        )
    with pytest.raises(AssertionError, match="NotAction"):
        allowed([document({"NotAction": "s3:*", "Action": "*", "Resource": "*"})], Request("s3:GetObject", BUCKET))


def test_a_role_trusts_those_whom_its_policy_names() -> None:
    policy = document(
        {
            "Principal": {"Federated": "arn:provider"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {"issuer:sub": "repo"}},
        }
    )
    request = Request("sts:AssumeRoleWithWebIdentity", "arn:role", {"issuer:sub": "repo"})

    assert trusted(policy, {"Federated": "arn:provider"}, request)
    assert not trusted(policy, {"Federated": "arn:other"}, request)
    assert not trusted(policy, {"AWS": "arn:provider"}, request)
