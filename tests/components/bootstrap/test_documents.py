"""Policies within AWS's limits."""

import json

import pytest

from components.bootstrap.documents import LONGEST_POLICY, documents
from components.iam import Statement


def statement(sid: str, service: str, count: int = 1) -> Statement:
    actions = tuple(f"{service}:DescribeSomethingOrOther{number:04}" for number in range(count))
    return Statement(sid=sid, actions=actions, resources=("*",))


def ids(document: str) -> list[str]:
    return [item["Sid"] for item in json.loads(document)["Statement"]]


def test_services_with_many_rights_have_documents_of_their_own_and_the_others_share_one() -> None:
    made = documents([statement("A", "ec2"), statement("B", "s3"), statement("C", "kms"), statement("D", "iam")])

    assert {name: ids(text) for name, text in made.items()} == {"data": ["B", "C"], "ec2": ["A"], "iam": ["D"]}


def test_what_does_not_fit_goes_on_in_a_further_document_in_the_same_order() -> None:
    made = documents([statement(letter, "ec2", 60) for letter in "ABCDE"])

    assert list(made) == ["ec2", "ec2-2", "ec2-3"]
    assert [sid for text in made.values() for sid in ids(text)] == list("ABCDE")
    assert all(len(text) <= LONGEST_POLICY for text in made.values())


def test_a_statement_that_no_document_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="statement A is longer than a policy may be"):
        documents([statement("A", "ec2", 400)])
