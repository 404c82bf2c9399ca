"""Data, its keys and the state of the platform live where residency says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bedplate.environment.residency import data_kept
from bedplate.graph.resource import STACK_TYPE, Resource
from bedplate.graph.values import Json, get, is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown
from bedplate.policy.regions import foreign_arns, judged, wanted

_PROVIDER = "pulumi:providers:aws"
_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
_REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"

POLICY = Policy(
    title="Data lives in the regions of residency",
    severity=Severity.HIGH,
    rationale="Contracts and laws bind data to places. A bucket, a key or a replica in another region is found by an "
    "auditor years later, and moving it back does not undo that it was there.",
    fix="make it in a region of residency.data, or let those who decide widen residency",
    targets=(STACK_TYPE, _PROVIDER, "aws:*", "kubernetes:karpenter.k8s.aws/*"),
    controls=(Control("NIST SP 800-53", "SA-9(5)"), Control("SOC 2", "C1.1")),
)


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """The provider's region, a resource's own, regions in ARNs and endpoints, and where the state is kept.

    Nothing is held against any region where the environment states no residency.
    """
    residency = context.environment.environment.residency
    if residency is None:
        return
    if resource.type == STACK_TYPE:
        for item in data_kept(context.environment):
            yield from judged(item.path, item.region, residency.data)
    elif resource.type == _PROVIDER:
        yield from judged("region", get(resource.inputs, "region"), residency.data)
    else:
        yield from _resource(resource, context, residency.data)


def _resource(resource: Resource, context: PolicyContext, regions: Sequence[str]) -> Iterator[Finding]:
    own = get(resource.inputs, "region")
    if own is not None and resource.is_aws:
        yield from judged("region", own, regions)
    yield from foreign_arns(resource, regions, logs=False)
    if resource.type == _ENDPOINT:
        yield from _endpoint(resource, regions)
    if resource.type == _REPLICATION:
        yield from _replicas(resource, context, regions)


def _endpoint(resource: Resource, regions: Sequence[str]) -> Iterator[Finding]:
    """A service in another region (com.amazonaws.<region>.<service>) gets what is asked of it."""
    name, far = get(resource.inputs, "serviceName"), get(resource.inputs, "serviceRegion")
    if far is not None:
        yield from judged("serviceRegion", far, regions)
    if is_opaque(name) or name is None:
        yield unknown("serviceName", wanted(regions), name)
    elif str(name).startswith("com.amazonaws.") and str(name).split(".")[2] not in regions:
        yield Finding(path="serviceName", got=name, want=wanted(regions))


def _replicas(resource: Resource, context: PolicyContext, regions: Sequence[str]) -> Iterator[Finding]:
    """A replica's bucket says in no ARN where it is: known is only one that the environment makes itself."""
    sources = resource.property_dependencies.get("rules", ())
    made = [urn for urn in sources if urn in context.graph and context.graph[urn].type == "aws:s3/bucket:Bucket"]
    rules: Json = get(resource.inputs, "rules", default=())
    if is_opaque(rules):
        if not made:
            yield unknown("rules", wanted(regions), rules)
        return
    for index, rule in enumerate(rules):
        bucket = get(rule, "destination", "bucket")
        if not (is_opaque(bucket) and made):
            yield unknown(f"rules[{index}].destination.bucket", wanted(regions), bucket)
