"""Hand-made Graphs, reviews and comparisons for tests of outputs: small enough to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from bedplate.graph.graph import Graph
from bedplate.graph.replacement import ReplacementRule
from bedplate.graph.resource import STACK_TYPE, Resource
from bedplate.graph.values import Json, freeze
from bedplate.output.compare import Comparison, compare
from bedplate.output.documents.review import ReviewDocument, ViolationDocument
from bedplate.output.sides import Base

NAME = "trial"
STACK = Resource(
    urn=f"urn:pulumi:{NAME}::bedplate::{STACK_TYPE}::bedplate-{NAME}", type=STACK_TYPE, name=NAME, custom=False
)

RULES = {
    "aws:ec2/vpc:Vpc": ReplacementRule(paths=("cidrBlock",)),
    "aws:eks/accessEntry:AccessEntry": ReplacementRule(
        paths=("clusterName", "principalArn"), identity=("clusterName", "principalArn")
    ),
    "aws:s3/bucket:Bucket": ReplacementRule(paths=("bucket",), stateful=True),
    "kubernetes:core/v1:ConfigMap": ReplacementRule(paths=()),
}


def urn(type_: str, name: str) -> str:
    """The URN of a resource of these tests."""
    return f"urn:pulumi:{NAME}::bedplate::{type_}::{name}"


def component(kind: str, name: str, *, layer: str = "cluster", entry: str = "", team: str = "") -> Resource:
    """A component; `kind` such as Network."""
    type_ = f"bedplate:{kind.lower()}:{kind}"
    return Resource(
        urn=urn(type_, name),
        type=type_,
        name=name,
        custom=False,
        parent=STACK.urn,
        layer=layer,
        entry=entry,
        team=team,
    )


def aws(
    kind: str,
    name: str,
    inputs: Mapping[str, Json] | None = None,
    *,
    parent: Resource = STACK,
    needs: Sequence[Resource] = (),
) -> Resource:
    """An AWS resource; `kind` such as ec2/vpc:Vpc. It stands in the layer of its component."""
    return _resource(f"aws:{kind}", name, inputs or {}, parent, needs)


def kubernetes(
    kind: str,
    name: str,
    *,
    namespace: str = "",
    api: str = "v1",
    content: Mapping[str, Json] | None = None,
    parent: Resource = STACK,
    needs: Sequence[Resource] = (),
) -> Resource:
    """An object of the cluster; `content` stands beside kind and metadata."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    manifest = {"apiVersion": api, "kind": kind, "metadata": metadata, **(content or {})}
    group = api if "/" in api else f"core/{api}"
    full = f"{namespace}/{name}" if namespace else name
    return _resource(f"kubernetes:{group}:{kind}", full, manifest, parent, needs)


def derived(kind: str, origin: Resource, name: str, *, namespace: str, content: Mapping[str, Json]) -> Resource:
    """What a controller makes of `origin`."""
    manifest = {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": namespace}, **content}
    return Resource(
        urn=f"{origin.urn}#{kind}/{namespace}/{name}",
        type=f"kubernetes:core/v1:{kind}",
        name=name,
        inputs=freeze(manifest),
        options=freeze({"writer": "some controller"}),
        layer=origin.layer,
        entry=origin.entry,
        team=origin.team,
        derived_from=origin.urn,
    )


def _resource(
    type_: str, name: str, inputs: Mapping[str, Json], parent: Resource, needs: Sequence[Resource]
) -> Resource:
    return Resource(
        urn=urn(type_, name),
        type=type_,
        name=name,
        parent=parent.urn,
        inputs=freeze(inputs),
        dependencies=tuple(sorted(item.urn for item in needs)),
        layer=parent.layer,
        entry=parent.entry,
        team=parent.team,
    )


def graph(*resources: Resource) -> Graph:
    """A Graph of `resources` and the stack."""
    return Graph(environment=NAME, resources=(STACK, *resources))


def platform(*, cidr: str = "10.0.0.0/16", subnets: int = 2, replicas: int = 1) -> Graph:
    """A VPC with subnets, a bucket, a team's namespace and a model service whose pods a controller makes."""
    network = component("Network", "network", entry="network")
    vpc = aws("ec2/vpc:Vpc", "vpc", {"cidrBlock": cidr}, parent=network)
    parts = [
        aws("ec2/subnet:Subnet", f"private-{index}", {"vpcId": {"$unknown": True}}, parent=network, needs=[vpc])
        for index in range(subnets)
    ]
    bucket = aws("s3/bucket:Bucket", "weights", {"bucket": "trial-weights"}, parent=network)
    team = component("TeamNamespace", "research", layer="platform", entry="teams[research]", team="research")
    namespace = kubernetes("Namespace", "research", parent=team)
    model = component("ModelService", "chat", layer="models", entry="models[chat]", team="research")
    service = kubernetes(
        "InferenceService",
        "chat",
        namespace="research",
        api="serving.kserve.io/v1beta1",
        content={"spec": {"predictor": {"minReplicas": replicas}}},
        parent=model,
        needs=[namespace],
    )
    pod = derived("Pod", service, "chat-*", namespace="research", content={"spec": {"replicas": replicas}})
    return graph(network, vpc, *parts, bucket, team, namespace, model, service, pod)


def review(content: Graph, **overrides: Json) -> ReviewDocument:
    """A review of `content` in which every judge is content, but for `overrides` of its sections."""
    document: dict[str, Json] = {
        "schema": "bedplate.review/v1",
        "environment": NAME,
        "tier": "development",
        "today": "2026-11-21",
        "graphDigest": content.digest,
        "graph": content.to_json(),
        "policies": {"blocked": False, "results": [rule_result("stores/private")], "violations": [], "problems": []},
        "capacity": capacity(),
        "cost": cost(),
        "unresolved": [],
        "notVendored": [],
        "decisions": decisions(),
    }
    return cast(ReviewDocument, document | overrides)


def decisions(**overrides: Json) -> dict[str, Json]:
    """Decisions without a level or a waiver."""
    plain = {"budget": "1500.00", "levels": [], "waivers": [], "owner": "platform-team", "baseline": "2026.11"}
    return {**plain, "tier": "development", **overrides}


def rule_result(policy: str, *, verdict: str = "pass", level: str = "mandatory", evaluated: int = 1) -> dict[str, Json]:
    """How a policy went."""
    return {
        "policy": policy,
        "title": f"Title of {policy}",
        "level": level,
        "verdict": verdict,
        "evaluated": evaluated,
        "failed": int(verdict == "fail"),
        "unknown": int(verdict == "unknown"),
    }


def violation(**overrides: Json) -> ViolationDocument:
    """A blocking finding about the bucket."""
    plain: dict[str, Json] = {
        "policy": "stores/private",
        "severity": "high",
        "level": "mandatory",
        "verdict": "fail",
        "object": "s3.Bucket weights",
        "urn": urn("aws:s3/bucket:Bucket", "weights"),
        "entry": "stores[weights]",
        "path": "acl",
        "got": "public-read",
        "want": "no ACL",
        "fix": "remove the ACL",
        "blocks": True,
        "waivedUntil": None,
    }
    return cast(ViolationDocument, plain | overrides)


def policies(*violations: ViolationDocument, problems: Sequence[str] = ()) -> dict[str, Json]:
    """A policy report with `violations` of the policy stores/private."""
    verdict = "fail" if violations else "pass"
    return {
        "blocked": any(item["blocks"] for item in violations) or bool(problems),
        "results": [rule_result("stores/private", verdict=verdict), rule_result("network/default-deny", evaluated=0)],
        "violations": list(violations),
        "problems": list(problems),
    }


def capacity(**overrides: Json) -> dict[str, Json]:
    """A proof that everything fits."""
    amount = {"cpuMillicores": 1500, "memoryBytes": 6 * 2**30, "gpu": 1, "pods": 1, "devices": {}}
    allowed = {"cpuMillicores": 8000, "memoryBytes": 32 * 2**30, "gpu": 4, "pods": 20, "devices": {}}
    plain = {
        "blocked": False,
        "fit": "fits in any order",
        "blockedPod": "",
        "reason": "",
        "placement": {"research/chat#1": "l4-1"},
        "pods": 1,
        "nodes": {"l4": 1, "system": 2},
        "memory": [memory()],
        "gpuShares": [{"pool": "l4", "worstUtilization": 0.5, "fits": True}],
        "quotas": [{"team": "research", "requested": amount, "allowed": allowed, "fits": True, "unknown": []}],
        "uncounted": [],
    }
    return {**plain, **overrides}


def memory(**overrides: Json) -> dict[str, Json]:
    """A model that fits into its GPU."""
    plain = {
        "model": "chat",
        "gpu": "L4",
        "gpuBytes": 24 * 2**30,
        "utilization": 0.5,
        "usableBytes": 12 * 2**30,
        "weightBytes": 2 * 2**30,
        "overheadBytes": 2**30,
        "kvBytesPerToken": 114688,
        "kvTokens": 84260,
        "context": 8192,
        "fits": True,
    }
    return {**plain, **overrides}


def cost(
    monthly: str | None = "857.1200", *, lines: Sequence[Json] | None = None, **overrides: Json
) -> dict[str, Json]:
    """A cost report of one priced line."""
    shown = [cost_line(monthly=monthly)] if lines is None else list(lines)
    plain = {
        "currency": "USD",
        "monthly": monthly,
        "budget": "1500.00",
        "overBudget": False,
        "priced": sum(1 for item in shown if item["monthly"] is not None),
        "billable": len(shown),
        "pricesAsOf": "2026-11-01",
        "lines": shown,
    }
    return {**plain, **overrides}


def cost_line(**overrides: Json) -> dict[str, Json]:
    """Nodes with a price."""
    plain = {
        "object": "eks.NodeGroup l4",
        "urn": "urn:l4",
        "entry": "nodePools[l4]",
        "item": "g6.2xlarge",
        "quantity": "1",
        "unit": "hour",
        "monthly": "857.1200",
        "upperBound": False,
        "note": "",
    }
    return {**plain, **overrides}


def comparison(head: ReviewDocument | None, base: ReviewDocument | None) -> Comparison:
    """`head` beside `base`."""
    return compare(NAME, head, Base("1a2b3c4 (main)", base), RULES)
