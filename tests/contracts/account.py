"""Objects of an AWS account as IAM sees them: what an environment registers, with ARNs and tags, and what AWS adds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import is_opaque, thaw
from tests.support.aws_program import ACCOUNT, REGION
from tests.support.fakeaws.account import Account
from tests.support.fakeaws.facts import Subject
from tests.support.fakeaws.schema import resource_schema
from tests.support.fakeaws.shapes import object_arn
from tests.support.iam import Context

ROLE = "aws:iam/role:Role"
BUCKET_PARTS = "aws:s3/bucket"
# Objects that are part of another one, which is what a request about them names.
_PARTS: Mapping[str, tuple[str, str]] = {
    "aws:cloudwatch/eventTarget:EventTarget": ("events", "rule"),
    "aws:ec2/route:Route": ("ec2", "route-table"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": ("ec2", "route-table"),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": ("eks", "access-entry"),
    "aws:sqs/queuePolicy:QueuePolicy": ("sqs", "queue"),
}


@dataclass(frozen=True)
class Thing:
    """An object, with what IAM knows of it when a request names it."""

    arn: str
    context: Context = field(default_factory=dict)
    layer: str = ""
    """Layer that makes it; empty for what AWS makes."""

    @property
    def kind(self) -> tuple[str, str]:
        """Service and kind: ("ec2", "vpc"). All buckets and what is in them are of one kind."""
        _, _, service, _, _, tail = self.arn.split(":", 5)
        return service, kind_of(service, tail)


@dataclass(frozen=True)
class World:
    """An environment's part of the account."""

    environment: str
    things: Mapping[str, Thing]
    """By URN."""
    additions: tuple[Thing, ...]

    def of(self, resource: Resource) -> Thing | None:
        """The object itself; None for one that is part of another."""
        return self.things.get(resource.urn)

    def like(self, kind: tuple[str, str]) -> Iterator[Thing]:
        """Every object of a kind."""
        yield from (thing for thing in (*self.things.values(), *self.additions) if thing.kind == kind)


def kind_of(service: str, tail: str) -> str:
    """What kind of object the end of an ARN names."""
    if service in ("s3", "sqs"):
        return {"s3": "bucket", "sqs": "queue"}[service]
    return "service-linked role" if tail.startswith("role/aws-service-role") else tail.replace(":", "/").split("/")[0]


def world(graph: Graph, environment: str, cluster: str = "") -> World:
    """What `graph` makes in the account, as it is once it is there, around a `cluster` that others made."""
    tagged = {"aws:ResourceTag/bedplate:environment": environment}
    things: dict[str, Thing] = {}
    for resource in graph.registered:
        if resource.is_aws and not _is_part(resource):
            more: dict[str, str] = {}
            if resource.layer == "bootstrap":
                more["aws:ResourceTag/bedplate:layer"] = "bootstrap"
            if resource.type == ROLE and "permissionsBoundary" in resource.inputs:
                more["iam:PermissionsBoundary"] = resource.inputs["permissionsBoundary"]
            things[resource.urn] = Thing(_arn(resource), {**tagged, **more}, resource.layer)
    return World(environment, things, tuple(_additions(environment, cluster)))


def parent_of(resource: Resource, inside: World, graph: Graph) -> list[Thing]:
    """The objects that a request about a part names."""
    inputs = resource.inputs
    if resource.type.startswith(BUCKET_PARTS):
        return [thing for thing in inside.like(("s3", "bucket")) if thing.arn.endswith(f":::{inputs['bucket']}")]
    if resource.type.startswith("aws:iam/rolePolicy"):
        named = [item for item in graph.of_type(ROLE) if item.inputs["name"] == inputs["role"]]
        return [inside.things[item.urn] for item in named]
    return list(inside.like(_PARTS[resource.type]))


def _is_part(resource: Resource) -> bool:
    return (
        resource.type in _PARTS
        or resource.type.startswith("aws:iam/rolePolicy")
        or (resource.type.startswith(BUCKET_PARTS) and not resource.type.endswith(":Bucket"))
    )


def _arn(resource: Resource) -> str:
    known = {key: value for key, value in thaw(resource.inputs).items() if not is_opaque(resource.inputs[key])}
    schema = resource_schema(resource.type)
    account = Account(region=REGION, account_id=ACCOUNT)
    return object_arn(Subject(schema, resource.urn, resource.name, account, known))


def _additions(environment: str, existing: str) -> Iterator[Thing]:
    """What AWS makes for the environment, or offers to everybody; what is there where it stands in others' cluster."""
    ec2 = f"arn:aws:ec2:{REGION}:{ACCOUNT}:"
    cluster = existing or f"bedplate-{environment}"
    if existing:
        yield Thing(f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/{existing}")
        for kind in ("subnet", "vpc"):
            yield Thing(f"{ec2}{kind}/{kind}-1", {"aws:ResourceTag/bedplate:environment": environment})
    tags = {"aws:ResourceTag/aws:eks:cluster-name": cluster}
    yield Thing(f"{ec2}security-group/sg-{cluster}", tags)
    template = {"ec2:LaunchTemplate": f"{ec2}launch-template/lt-1"}
    yield Thing(f"{ec2}capacity-reservation/cr-1")
    # EKS makes it together with an add-on that has rights.
    yield Thing(f"arn:aws:eks:{REGION}:{ACCOUNT}:podidentityassociation/{cluster}/a-1")
    for kind in ("instance", "network-interface", "volume"):
        yield Thing(f"{ec2}{kind}/new-{cluster}", template)
    yield Thing("arn:aws:route53:::hostedzone/Z1")
    yield Thing(f"arn:aws:ec2:{REGION}::image/ami-1", {"ec2:Owner": "amazon"})
    yield Thing(f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS")
