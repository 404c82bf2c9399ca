"""How long names may be, and of what they are made, for every service that bedplate names things in.

Limits are the services' own, as their API references state them; the source stands beside each.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_HASH_DIGITS = 8
_SHORTEST_FIT = _HASH_DIGITS + 2  # one character, a hyphen and the hash


@dataclass(frozen=True, slots=True)
class NameRule:
    """What one kind of name may be: whole name matches `pattern`, not `forbidden`. Lengths in characters."""

    longest: int
    pattern: str
    made_of: str
    source: str
    shortest: int = 1
    forbidden: str = ""
    reserved: str = ""
    """What `forbidden` excludes, in words."""


_EKS = "Amazon EKS API reference"
_IAM = "IAM and AWS STS quotas"
_KUBERNETES = "Kubernetes, Object Names and IDs"
_DNS_LABEL = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_DNS_WORDS = "lower-case letters, digits and inner hyphens"

NAME_RULES: Mapping[str, NameRule] = MappingProxyType(
    {
        "eksCluster": NameRule(
            100,
            r"[0-9A-Za-z][0-9A-Za-z_-]*",
            "letters, digits, - and _, first a letter or digit",
            f"{_EKS}, CreateCluster",
        ),
        "eksNodeGroup": NameRule(
            63,
            r"[0-9A-Za-z][0-9A-Za-z_-]*",
            "letters, digits, - and _, first a letter or digit",
            f"{_EKS}, CreateNodegroup",
        ),
        "iamRole": NameRule(64, r"[\w+=,.@-]+", "letters, digits and _ + = , . @ -", _IAM),
        "iamPolicy": NameRule(128, r"[\w+=,.@-]+", "letters, digits and _ + = , . @ -", _IAM),
        "iamInstanceProfile": NameRule(128, r"[\w+=,.@-]+", "letters, digits and _ + = , . @ -", _IAM),
        "sqsQueue": NameRule(80, r"[\w-]+", "letters, digits, - and _", "Amazon SQS API reference, CreateQueue"),
        "eventRule": NameRule(
            64, r"[\w.-]+", "letters, digits, . - and _", "Amazon EventBridge API reference, PutRule"
        ),
        "s3Bucket": NameRule(
            63,
            r"[a-z0-9][a-z0-9.-]*[a-z0-9]",
            "lower-case letters, digits, . and -, with a letter or digit at both ends",
            "Amazon S3 user guide, General purpose bucket naming rules",
            shortest=3,
            forbidden=r".*\.\..*|[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+|(xn--|sthree-|amzn-s3-demo-).*"
            r"|.*(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)",
            reserved="two dots in a row, the form of an IP address, and the beginnings and ends that S3 reserves",
        ),
        "kmsAlias": NameRule(
            256,
            r"alias/[0-9A-Za-z/_-]+",
            "alias/ and then letters, digits, / _ -",
            "AWS KMS API reference, CreateAlias",
            shortest=7,
            forbidden=r"alias/aws/.*",
            reserved="alias/aws/, which belongs to AWS",
        ),
        "logGroup": NameRule(
            512, r"[.\-_/#0-9A-Za-z]+", "letters, digits and . - _ / #", "CloudWatch Logs API reference, CreateLogGroup"
        ),
        "launchTemplate": NameRule(
            128,
            r"[0-9A-Za-z().\-/_]+",
            "letters, digits and ( ) . - / _",
            "Amazon EC2 API reference, CreateLaunchTemplate",
            shortest=3,
        ),
        "loadBalancer": NameRule(
            32,
            r"[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?",
            "letters, digits and inner hyphens",
            "Elastic Load Balancing API reference, CreateLoadBalancer",
            forbidden=r"internal-.*",
            reserved="the beginning internal-",
        ),
        "targetGroup": NameRule(
            32,
            r"[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?",
            "letters, digits and inner hyphens",
            "Elastic Load Balancing API reference, CreateTargetGroup",
        ),
        "securityGroup": NameRule(
            255,
            r"[0-9A-Za-z ._\-:/()#,@\[\]+=&;{}!$*]+",
            "letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*",
            "Amazon EC2 API reference, CreateSecurityGroup",
            forbidden=r"sg-.*",
            reserved="the beginning sg-",
        ),
        "placementGroup": NameRule(
            255, r"[ -~]+", "printable characters of ASCII", "Amazon EC2 API reference, CreatePlacementGroup"
        ),
        "kubernetesName": NameRule(
            253, rf"{_DNS_LABEL}(\.{_DNS_LABEL})*", "lower-case DNS labels joined by dots", _KUBERNETES
        ),
        "kubernetesLabel": NameRule(63, _DNS_LABEL, _DNS_WORDS, _KUBERNETES),
        "kubernetesLabelValue": NameRule(
            63,
            r"[0-9A-Za-z]([0-9A-Za-z_.-]*[0-9A-Za-z])?",
            "letters, digits and inner - _ .",
            "Kubernetes, Labels and Selectors",
        ),
        "namespace": NameRule(63, _DNS_LABEL, _DNS_WORDS, _KUBERNETES),
        "service": NameRule(63, r"[a-z]([a-z0-9-]*[a-z0-9])?", f"{_DNS_WORDS}, first a letter", _KUBERNETES),
        "cronJob": NameRule(52, _DNS_LABEL, _DNS_WORDS, "Kubernetes, CronJob: 11 characters are kept for its jobs"),
        "inferenceService": NameRule(
            48,
            r"[a-z]([a-z0-9-]*[a-z0-9])?",
            f"{_DNS_WORDS}, first a letter",
            "KServe: 'isvc.' and '-predictor' around it make a label value, which has 63 characters",
        ),
        "helmRelease": NameRule(53, _DNS_LABEL, _DNS_WORDS, "Helm, helm install: names of at most 53 characters"),
    }
)
"""Rules by kind of name."""

NAME_LIMITS: Mapping[str, int] = MappingProxyType({kind: rule.longest for kind, rule in NAME_RULES.items()})
"""The longest name of each kind, in characters."""


def check_name(kind: str, name: str) -> str | None:
    """Why `name` cannot name a `kind` (a key of `NAME_RULES`), or None when it can."""
    rule = NAME_RULES[kind]
    if not rule.shortest <= len(name) <= rule.longest:
        return f"'{name}' has {len(name)} characters; {rule.shortest} to {rule.longest} are allowed ({rule.source})"
    if not re.fullmatch(rule.pattern, name, re.ASCII):
        return f"'{name}' is not made of {rule.made_of} ({rule.source})"
    if rule.forbidden and re.fullmatch(rule.forbidden, name, re.ASCII):
        return f"'{name}' is reserved: names exclude {rule.reserved} ({rule.source})"
    return None


def fit_name(name: str, limit: int) -> str:
    """`name`, or where it is longer than `limit` its beginning, a hyphen and 8 hexadecimal digits of its SHA-256.

    The same name always gives the same result, and two names that share a beginning differ. `limit` is at least 10.
    """
    if len(name) <= limit:
        return name
    if limit < _SHORTEST_FIT:
        raise ValueError(
            f"a limit of {limit} leaves no room for a name and its hash; at least {_SHORTEST_FIT} are needed"
        )
    digest = hashlib.sha256(name.encode()).hexdigest()[:_HASH_DIGITS]
    return f"{name[: limit - _HASH_DIGITS - 1].rstrip('-._')}-{digest}"
