"""Shared constrained values: what each accepts, what it refuses, and with which words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from bedplate.model import types

ACCEPTED: list[tuple[Any, str]] = [
    (types.DnsLabel, "a"),
    (types.DnsLabel, "0-a"),
    (types.DnsLabel, "x" * 63),
    (types.DnsSubdomain, "models.dev.example.org"),
    (types.DnsSubdomain, "localhost"),
    (types.LabelKey, "tier"),
    (types.LabelKey, "nvidia.com/gpu.product"),
    (types.LabelKey, "example.org/" + "x" * 63),
    (types.LabelValue, ""),
    (types.LabelValue, "NVIDIA-L4_v2.0"),
    (types.AwsRegion, "us-east-1"),
    (types.AwsRegion, "us-gov-west-1"),
    (types.AwsRegion, "ap-southeast-5"),
    (types.AwsAccountId, "011122223333"),
    (types.IamRoleArn, "arn:aws:iam::111122223333:role/admin"),
    (types.IamRoleArn, "arn:aws:iam::111122223333:role/path/to/admin@x"),
    (types.Sha256Digest, "sha256:" + "0a" * 32),
    (types.SemVer, "0.20.0"),
    (types.SemVer, "1.2.3-rc.1+build.5"),
    (types.DottedVersion, "580"),
    (types.DottedVersion, "580.159.03"),
    (types.EmailAddress, "ada.lovelace+gpu@mail.example.org"),
    (types.GroupName, "research-scientists"),
    (types.GroupName, "00000000-aaaa@tenant:group/sub"),
    (types.Quantity, "0"),
    (types.Quantity, "1.5Gi"),
    (types.Ipv4Network, "10.0.0.0/16"),
    (types.Ipv4Network, "0.0.0.0/0"),
    (types.ImageReference, "docker.io/vllm/vllm-openai:v0.31.0"),
]


@pytest.mark.parametrize(("kind", "value"), ACCEPTED)
def test_a_good_value_stays_as_it_was_written(kind: Any, value: str) -> None:
    assert TypeAdapter(kind).validate_python(value) == value


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        (types.DnsLabel, "", "'' is not lower-case letters, digits and inner hyphens"),
        (types.DnsLabel, "a-", "'a-' is not lower-case letters, digits and inner hyphens"),
        (types.DnsLabel, "Team", "'Team' is not lower-case letters, digits and inner hyphens"),
        (types.DnsLabel, "a\n", "is not lower-case letters, digits and inner hyphens"),
        (types.DnsLabel, "x" * 64, f"'{'x' * 59}…' has 64 characters; at most 63 are allowed"),
        (types.DnsSubdomain, "a..b", "'a..b' is not lower-case DNS labels joined by dots"),
        (types.DnsSubdomain, "x" * 64 + ".org", "is not lower-case DNS labels joined by dots"),
        (types.LabelKey, "/tier", "'/tier' is not a label key"),
        (types.LabelKey, "x" * 64, "is not a label key"),
        (types.LabelValue, "-a", "'-a' is not a label value"),
        (types.AwsRegion, "us-east-1a", "'us-east-1a' is not an AWS region code"),
        (types.AwsRegion, "Virginia", "'Virginia' is not an AWS region code"),
        (types.AwsAccountId, "11112222333", "'11112222333' is not an AWS account id of twelve digits"),
        (types.AwsAccountId, "٣" * 12, "is not an AWS account id of twelve digits"),
        (types.IamRoleArn, "arn:aws:iam::111122223333:user/ada", "is not the ARN of an IAM role"),
        (types.Sha256Digest, "sha256:" + "0A" * 32, "is not a digest: sha256: and 64 lower-case hexadecimal digits"),
        (types.SemVer, "v1.2.3", "'v1.2.3' is not a semantic version of three numbers, without a leading v"),
        (types.SemVer, "1.02.3", "'1.02.3' is not a semantic version"),
        (types.DottedVersion, "580.", "'580.' is not a version of numbers joined by dots"),
        (types.EmailAddress, "ada@localhost", "'ada@localhost' is not an e-mail address"),
        (types.GroupName, "system:masters", "'system:masters' is not a group name"),
        (types.Quantity, "16GB", "'16GB' is not a quantity"),
        (types.Quantity, "-1", "'-1' is below zero"),
        (types.Ipv4Network, "10.0.0.0", "'10.0.0.0' is not an IPv4 network in CIDR form"),
        (types.Ipv4Network, "10.0.0.0/33", "'10.0.0.0/33' is not an IPv4 network in CIDR form"),
        (types.Ipv4Network, "10.0.0.1/16", "'10.0.0.1/16' has bits set beyond its prefix"),
        (types.Ipv4Network, "10.0.0.0/255.255.0.0", "'10.0.0.0/255.255.0.0' does not say how many bits its prefix has"),
        (types.ImageReference, "vllm:", "image 'vllm:': '' is not a tag"),
    ],
)
def test_a_bad_value_is_refused_with_what_it_should_be(kind: Any, value: str, message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value)
    (error,) = refused.value.errors()
    assert message in str(error["ctx"]["error"])


def test_editors_learn_form_length_and_example_from_the_schema() -> None:
    assert TypeAdapter(types.DnsLabel).json_schema() == {
        "type": "string",
        "pattern": "^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)$",
        "maxLength": 63,
        "examples": ["team-a"],
    }


@pytest.mark.parametrize(("kind", "value"), ACCEPTED)
def test_the_schema_accepts_what_the_check_accepts(kind: Any, value: str) -> None:
    schema = TypeAdapter(kind).json_schema()
    assert re.search(schema.get("pattern", ""), value)
    assert len(value) <= schema.get("maxLength", len(value))
    for example in schema["examples"]:
        assert TypeAdapter(kind).validate_python(example.strip('"'))
