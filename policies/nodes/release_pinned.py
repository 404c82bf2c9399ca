"""Nodes that start later are like those that were tested."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, get, is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
_NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
_NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"
# Words in the parameters of AWS that name whatever is newest.
_NEWEST = ("/latest/", "/recommended/")

POLICY = Policy(
    title="Nodes start from a stated release of their image",
    severity=Severity.MEDIUM,
    rationale="Without a release EKS takes the newest: two pools of one environment then run other kernels and "
    "drivers, and what staging proved is not what production starts.",
    fix="name a baseline, which has a release, or set ami.release of the pool",
    targets=(_NODE_GROUP, _NODE_CLASS),
    controls=(Control("NIST SP 800-53", "CM-2"), Control("SOC 2", "CC8.1")),
)


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """The node group states its release, or its launch template an image of its own; an EC2NodeClass one image."""
    if resource.type == _NODE_CLASS:
        yield from _terms(get(resource.inputs, "spec", "amiSelectorTerms"))
        return
    release = resource.inputs.get("releaseVersion")
    if is_opaque(release):
        yield unknown("releaseVersion", "a release", release)
    elif not release and not _has_image(resource, context):
        yield Finding(path="releaseVersion", got=release, want="a release, as 1.35.6-20260714")


def _has_image(resource: Resource, context: PolicyContext) -> bool:
    sources = (context.graph[urn] for urn in resource.property_dependencies.get("launchTemplate", ()))
    return any(item.type == _TEMPLATE and item.inputs.get("imageId") for item in sources)


def _terms(terms: Json) -> Iterator[Finding]:
    """Terms of an EC2NodeClass: by id, by an alias with a version, or by a parameter that names one release."""
    path, want = "spec.amiSelectorTerms", "one image: an id, an alias with a version, or the parameter of a release"
    if is_opaque(terms):
        yield unknown(path, want, terms)
    elif not terms:
        yield Finding(path=path, got=terms, want=want)
    else:
        for index, term in enumerate(terms):
            if not _one_image(term):
                yield Finding(path=f"{path}[{index}]", got=term, want=want)


def _one_image(term: Json) -> bool:
    if get(term, "id"):
        return True
    parameter, alias = str(get(term, "ssmParameter", default="")), str(get(term, "alias", default=""))
    version = alias.partition("@")[2]
    return bool(parameter and not any(word in parameter for word in _NEWEST)) or version not in ("", "latest")
