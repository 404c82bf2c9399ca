"""Constrained values that many specs share, each with a message that says what to write.

A type carries its pattern, its longest length and an example into the JSON Schema, so that editors check it too.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from bedplate.model.spec import Refusal
from bedplate.units.image import split_image
from bedplate.units.quantity import parse_quantity

_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Form:
    """Metadata of a text type: the whole value matches `pattern` and has at most `longest` characters (None: any).

    `what` completes the sentence "'x' is not …"; `example` is shown with it.
    """

    pattern: str
    what: str
    example: str
    longest: int | None = None

    def check(self, value: str) -> str:
        """The value itself. Raises Refusal."""
        if self.longest is not None and len(value) > self.longest:
            raise Refusal(f"'{_short(value)}' has {len(value)} characters; at most {self.longest} are allowed")
        if not re.fullmatch(self.pattern, value, re.ASCII):
            raise Refusal(f"'{_short(value)}' is not {self.what}", hint=f"for example {self.example}")
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        described = {**handler(schema), "pattern": f"^(?:{self.pattern})$", "examples": [self.example]}
        return described if self.longest is None else {**described, "maxLength": self.longest}


_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_SHORT_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_SUBDOMAIN = rf"{_SHORT_LABEL}(?:\.{_SHORT_LABEL})*"
_QUALIFIED = r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
_HEX = r"[0-9a-f]{64}"

DnsLabel = Annotated[str, Form(_LABEL, "lower-case letters, digits and inner hyphens", "team-a", longest=63)]
"""A name of one part: namespaces, services and everything that becomes part of a host name (RFC 1123)."""

DnsSubdomain = Annotated[
    str, Form(_SUBDOMAIN, "lower-case DNS labels joined by dots", "models.example.org", longest=253)
]
"""A host name, or the name of most Kubernetes objects (RFC 1123)."""

LabelKey = Annotated[
    str,
    Form(
        rf"(?:{_SUBDOMAIN}/)?{_QUALIFIED}",
        "a label key: up to 63 letters, digits, '.', '_' or '-', with an optional DNS prefix and '/'",
        "example.org/tier",
        longest=317,
    ),
]
"""Key of a Kubernetes label, annotation or taint."""

LabelValue = Annotated[
    str,
    Form(
        rf"(?:{_QUALIFIED})?",
        "a label value: letters, digits, '.', '_' or '-' with a letter or digit at both ends, or empty",
        "batch",
        longest=63,
    ),
]
"""Value of a Kubernetes label."""

AwsRegion = Annotated[str, Form(r"[a-z]{2,4}(?:-[a-z]+)+-[0-9]", "an AWS region code", "us-east-1")]
"""Code of an AWS region; whether it exists is the catalogue's knowledge."""

AwsAccountId = Annotated[str, Form(r"[0-9]{12}", "an AWS account id of twelve digits", '"111122223333"')]
"""Account id as text, since it can begin with 0."""

IamRoleArn = Annotated[
    str,
    Form(
        r"arn:aws:iam::[0-9]{12}:role/(?:[!-~]{1,510}/)?[\w+=,.@-]{1,64}",
        "the ARN of an IAM role",
        "arn:aws:iam::111122223333:role/platform-admin",
    ),
]
"""ARN of an IAM role, with its path."""

KmsKeyArn = Annotated[
    str,
    Form(
        r"arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})",
        "the ARN of a KMS key (an alias will not do)",
        "arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f",
    ),
]
"""ARN of a KMS key. An alias is none: what it points at can change."""

KubernetesMinor = Annotated[str, Form(r"1\.[0-9]{2}", "a minor version of Kubernetes", '"1.35"')]
"""A minor version of Kubernetes, quoted in files; whether EKS offers it is the catalogue's knowledge."""

VpcId = Annotated[str, Form(r"vpc-(?:[0-9a-f]{8}|[0-9a-f]{17})", "the id of a VPC", "vpc-0a1b2c3d4e5f60718")]
"""Id of a VPC, with 17 hexadecimal digits, or 8 where it is old."""

SubnetId = Annotated[
    str, Form(r"subnet-(?:[0-9a-f]{8}|[0-9a-f]{17})", "the id of a subnet", "subnet-0a1b2c3d4e5f60718")
]
"""Id of a subnet, with 17 hexadecimal digits, or 8 where it is old."""

LogRetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]
"""Days that a CloudWatch log group can keep its events (CloudWatch Logs API reference, PutRetentionPolicy)."""
IamPolicyArn = Annotated[
    str,
    Form(
        r"arn:aws:iam::(?:[0-9]{12}|aws):policy/(?:[!-~]{1,510}/)?[\w+=,.@-]{1,128}",
        "the ARN of an IAM policy",
        "arn:aws:iam::111122223333:policy/read-weights",
    ),
]
"""ARN of an IAM policy, AWS's or the account's own."""

HttpsUrl = Annotated[
    str, Form(r"https://[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[!-~]*)?", "an https URL", "https://login.example.org")
]
"""Address of a service that is reached with TLS."""

Sha256Digest = Annotated[
    str,
    Form(
        rf"sha256:{_HEX}", "a digest: sha256: and 64 lower-case hexadecimal digits", f"sha256:{'0123456789abcdef' * 4}"
    ),
]
"""Content digest as OCI writes it."""

MigProfileName = Annotated[
    str, Form(r"[1-7]g\.[1-9]\d*gb", "a MIG profile: slices of compute, a dot, and memory", "1g.10gb", longest=20)
]
"""Profile of a MIG instance; whether a GPU has it is the catalogue's knowledge."""

SemVer = Annotated[
    str,
    Form(
        r"(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)"
        r"(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?"
        r"(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?",
        "a semantic version of three numbers, without a leading v",
        "1.12.0",
    ),
]
"""Semantic version 2.0.0."""

DottedVersion = Annotated[str, Form(r"\d+(?:\.\d+)*", "a version of numbers joined by dots", '"580.159.03"')]
"""A version that is not semantic, such as a driver release; `bedplate.units.version` compares two."""

EmailAddress = Annotated[
    str,
    Form(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", "an e-mail address", "a@example.org"),
]
"""An address that people can be reached at. Only its shape is checked."""

# Addresses of persons in CODEOWNERS, where # begins a remark.
_PERSON = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
_HANDLE = r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?"

PersonAddress = Annotated[str, Form(_PERSON, "the e-mail address of a person", "grace@example.org", longest=255)]
"""An address that stands for one person, in a form that CODEOWNERS takes."""

Approver = Annotated[
    str,
    Form(
        rf"@{_HANDLE}(?:/{_HANDLE})*|{_PERSON}",
        "an owner as CODEOWNERS writes it: @user, @organisation/team or an e-mail address",
        '"@example/platform"',
        longest=255,
    ),
]
"""Who approves changes in the repository's host. Whether they exist there only the host knows."""

GroupName = Annotated[
    str,
    Form(
        r"(?!system:)[A-Za-z0-9](?:[A-Za-z0-9_.:@/+=-]*[A-Za-z0-9])?",
        "a group name: letters, digits and inner _ . : @ / + = -, and not one of Kubernetes' own (system:)",
        "research-scientists",
        longest=253,
    ),
]
"""Group of the identity provider, as the cluster sees it."""


# Control characters, and those that reorder text on the screen: what is printed as it is could hide what it says.
_UNPRINTED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")


def _words(value: str) -> str:
    if not value.strip():
        raise Refusal("is blank")
    found = _UNPRINTED.search(value)
    if found:
        raise Refusal(f"holds the invisible character U+{ord(found.group()):04X}", hint="write words only")
    return value


Words = Annotated[str, AfterValidator(_words)]
"""What people write for people: it says something, and shows as it is."""


def _quantity(value: str) -> str:
    try:
        amount = parse_quantity(value)
    except ValueError as reason:
        raise Refusal(str(reason)) from None
    if amount < 0:
        raise Refusal(f"'{value}' is below zero")
    return value


Quantity = Annotated[str, AfterValidator(_quantity), Field(json_schema_extra={"examples": ["500m"]})]
"""A Kubernetes quantity of zero or more, kept as written; `bedplate.units.quantity` reads it."""


def _image(value: str) -> str:
    try:
        split_image(value)
    except ValueError as reason:
        raise Refusal(str(reason)) from None
    return value


ImageReference = Annotated[
    str, AfterValidator(_image), Field(json_schema_extra={"examples": ["registry.k8s.io/pause:3.10"]})
]
"""A container image with tag, digest or both, kept as written; `split_image` takes it apart."""


def _repository(value: str) -> str:
    try:
        split_image(f"{value}/x")
    except ValueError as reason:
        raise Refusal(str(reason).replace(f"{value}/x", value)) from None
    first = value.partition("/")[0]
    if "." not in first and ":" not in first:
        raise Refusal(f"'{_short(value)}' begins with no registry host", hint="for example registry.example.org/mirror")
    return value


ImageRepository = Annotated[
    str, AfterValidator(_repository), Field(json_schema_extra={"examples": ["registry.example.org/mirror"]})
]
"""A registry host, and a path below it or none, under which images are kept."""


def _ends_with_slash(value: str) -> str:
    if value and not value.endswith("/"):
        message = f"{value!r} does not end with a slash: images of other names that begin the same way would pass too"
        raise Refusal(message, hint=f"write {value}/")
    return value


ImagePrefix = Annotated[
    str,
    Field(min_length=1),
    AfterValidator(_ends_with_slash),
    Form(
        r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?/)?"
        r"(?:[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*/)*",
        "the beginning of image names: a registry host, folders or both, each with a slash behind it",
        "docker.io/vllm/",
        longest=255,
    ),
]
"""Beginning of image references, up to a slash: what other names begin with does not pass."""


def _network(value: str) -> str:
    try:
        network = ipaddress.IPv4Network(value, strict=False)
    except ValueError:
        network = None
    if network is None or "/" not in value:
        raise Refusal(f"'{_short(value)}' is not an IPv4 network in CIDR form", hint="for example 10.0.0.0/16")
    if str(network.network_address) != value.partition("/")[0]:
        raise Refusal(f"'{value}' has bits set beyond its prefix", hint=f"the network is {network}")
    if str(network) != value:
        raise Refusal(f"'{value}' does not say how many bits its prefix has", hint=f"write {network}")
    return value


Ipv4Network = Annotated[str, AfterValidator(_network), Field(json_schema_extra={"examples": ["10.0.0.0/16"]})]
"""An IPv4 network in canonical CIDR form."""


def _short(value: str) -> str:
    return value if len(value) <= _LONGEST_SHOWN else f"{value[: _LONGEST_SHOWN - 1]}…"
