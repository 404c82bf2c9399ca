"""Each layer's role may make and delete all that the layer registers, and the same of no other environment."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest

from bedplate.catalog.catalog import load as catalog
from bedplate.catalog.iam_rows import Right
from bedplate.cli.pipeline import recorded
from bedplate.environment.load import load
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.policy.discover import rules
from bedplate.policy.policy import PolicyContext
from components.cluster.spec import ClusterSpec, EksExistingClusterSpec
from tests.contracts.account import ROLE, Thing, World, kind_of, parent_of, world
from tests.contracts.everything import everything
from tests.support.aws_program import ACCOUNT, REGION
from tests.support.environments import ROOT, TODAY, read, replaced, write
from tests.support.iam import Context, Request, allowed, trusted

ROWS = catalog().iam_actions
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
POLICY = "aws:iam/policy:Policy"
INLINE = "aws:iam/rolePolicy:RolePolicy"
TAG = "bedplate:environment"
# An account has one service-linked role per service, whoever asks for it first. Zones of endpoints belong to AWS, and
# Route 53 sees no tags of VPCs.
SHARED = {"iam:CreateServiceLinkedRole", "route53:AssociateVPCWithHostedZone"}
# Nobody but the environment that names them may do anything to them.
KEYS_OF_OTHERS = ("{clusterKeys}",)
# Names that begin alike on purpose.
OURS, OTHERS = "prod", ("prod-eu", "staging")
LAYERS = ("bootstrap", "cluster", "platform", "models")
# What happens to an object before it has tags; everything else finds them.
_MAKING = ("Allocate", "Create", "Tag")
SERVICES = {
    "aws:ec2/flowLog:FlowLog": "vpc-flow-logs.amazonaws.com",
    "aws:eks/addon:Addon": "pods.eks.amazonaws.com",
    "aws:eks/cluster:Cluster": "eks.amazonaws.com",
    "aws:eks/nodeGroup:NodeGroup": "ec2.amazonaws.com",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": "pods.eks.amazonaws.com",
    "aws:iam/instanceProfile:InstanceProfile": "ec2.amazonaws.com",
}


@dataclass(frozen=True)
class Platform:
    """One environment, recorded, with its objects and the policies of its roles by layer."""

    resolved: ResolvedEnvironment
    graph: Graph
    world: World
    documents: Mapping[str, tuple[str, ...]]


def recorded_platform(root: Path, name: str) -> Platform:
    """Environment `name` of the repository `root`."""
    resolved = load(root, name)
    graph = recorded(resolved)
    documents = {layer: tuple(_documents(graph, f"bedplate-{name}-deploy-{layer}")) for layer in LAYERS}
    cluster = resolved.environment.cluster
    existing = cluster.name if isinstance(cluster, EksExistingClusterSpec) else ""
    return Platform(resolved, graph, world(graph, name, existing), documents)


def platform(root: Path, name: str) -> Platform:
    """The environment in which every leaf has a value, called `name`."""
    data = read(root, "environments/dev.yaml")
    # An account knows an issuer once, so that only one environment can make it.
    data = replaced(data, "bootstrap.ci[github].existing", name != OURS)
    data = replaced(data, "bootstrap.permissionsBoundary", None)
    data = replaced(data, "addons[aws-ebs-csi-driver].policies", [])
    data = replaced(data, "state.backend", f"s3://bedplate-state-{name}?region={REGION}")
    data = replaced(data, "state.secretsProvider", f"awskms://alias/bedplate-state-{name}?region={REGION}")
    for entry in ("deploy-platform", "deploy-models"):
        arn = f"arn:aws:iam::{ACCOUNT}:role/bedplate/{name}/bedplate-{name}-{entry}"
        data = replaced(data, f"cluster.access[{entry}].principal", arn)
    write(root, f"environments/{name}.yaml", {**data, "name": name, "policies": {}})
    return recorded_platform(root, name)


def _documents(graph: Graph, role: str) -> Iterator[str]:
    for item in graph.of_type(ATTACHMENT):
        if item.inputs["role"] == role:
            (policy,) = (graph[urn] for urn in item.property_dependencies["policyArn"] if "policy:Policy" in urn)
            yield policy.inputs["policy"]


@pytest.fixture(scope="module")
def platforms(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Platform]:
    root = everything(tmp_path_factory.mktemp("everything"))
    return {name: platform(root, name) for name in (OURS, *OTHERS)}


def requests(resource: Resource, right: Right, action: str, of: Platform, *, making: bool) -> list[Request]:
    """The requests that `action` on `resource` of a platform consists of, as far as `right` is about them."""
    service = action.partition(":")[0]
    if right.resources == KEYS_OF_OTHERS:
        cluster = of.resolved.environment.cluster
        key = cluster.encryption.key_arn if isinstance(cluster, ClusterSpec) else None
        return [Request(action, key)] if key else []
    if right.resources == ("*",):
        return [Request(action, "*", _asked(resource, action, of))]
    own = of.world.of(resource)
    mine = [own] if own is not None else parent_of(resource, of.world, of.graph)
    kinds = {_kind(service, pattern) for pattern in right.resources}
    same = [thing for thing in mine if thing.kind in kinds]
    things = same or _others(resource, action, kinds, of)
    making = making and action.partition(":")[2].startswith(_MAKING)
    made = {} if own is None or not making else _asked(resource, action, of)
    return [
        Request(action, thing.arn, {**_context(thing, own, making=making), **made, **_more(resource, thing, of)})
        for thing in things
    ]


def _kind(service: str, pattern: str) -> tuple[str, str]:
    """Service and kind of what a row's pattern names: an ARN without its head, or whole."""
    if pattern.startswith("arn:"):
        _, _, service, _, _, pattern = pattern.split(":", 5)
    return service, kind_of(service, pattern)


def _others(resource: Resource, action: str, kinds: set[tuple[str, str]], of: Platform) -> list[Thing]:
    """Other objects that a request about `resource` names: of its own layer where that has any of the kind.

    EKS starts nodes with the security group that it made itself.
    """
    found = [thing for kind in sorted(kinds) for thing in of.world.like(kind)]
    if action == "ec2:RunInstances":
        by_aws = [thing for thing in found if not thing.layer]
        return by_aws or found
    return [thing for thing in found if thing.layer == resource.layer] or found


def _context(thing: Thing, own: Thing | None, *, making: bool) -> Context:
    """Tags of a thing are there once it is; a role's boundary is part of the request that makes it."""
    if thing is own and making:
        return {key: value for key, value in thing.context.items() if not key.startswith("aws:ResourceTag/")}
    return thing.context


def _asked(resource: Resource, action: str, of: Platform) -> Context:
    """What a request to make something says itself: the provider tags everything with the environment."""
    return {
        f"aws:RequestTag/{TAG}": of.world.environment,
        "ec2:CreateAction": f"Create{resource.type.rpartition(':')[2]}",
    }


def _more(resource: Resource, thing: Thing, of: Platform) -> Context:
    found: dict[str, str] = {}
    if resource.type in SERVICES:
        found["iam:PassedToService"] = SERVICES[resource.type]
        found["iam:AWSServiceName"] = "eks.amazonaws.com"
    if resource.type == ATTACHMENT:
        found["iam:PolicyARN"] = str(resource.inputs["policyArn"])
    if not thing.layer:
        found[f"aws:RequestTag/{TAG}"] = of.world.environment
        found["ec2:CreateAction"] = "RunInstances"
    return found


def steps(resource: Resource) -> Iterator[tuple[str, str, list[Right]]]:
    """Duty, action and rights of everything that making and deleting `resource` takes."""
    for duty in ("create", "delete"):
        rights = [right for right in ROWS[resource.type].rights if duty in right.duties]
        for action in sorted({action for right in rights for action in right.actions}):
            yield duty, action, [right for right in rights if action in right.actions]


def cases(of: Platform) -> Iterator[tuple[Resource, str, str, list[Right]]]:
    for resource in of.graph.registered:
        if resource.is_aws:
            for duty, action, rights in steps(resource):
                yield resource, duty, action, rights


Documents = Mapping[str, tuple[str, ...]]


def refused(ours: Platform, documents: Documents) -> tuple[int, list[str]]:
    """How many requests it takes to make and delete everything of a platform, and those that `documents` refuse."""
    missing: list[str] = []
    judged = 0
    for resource, duty, action, rights in cases(ours):
        for right in rights:
            asked = requests(resource, right, action, ours, making=duty == "create")
            judged += len(asked)
            if not asked and right.resources != KEYS_OF_OTHERS:
                missing.append(f"{resource.layer}: {action} for {resource.name} names nothing that is there")
            for request in asked:
                if not allowed(documents[resource.layer], request):
                    missing.append(f"{resource.layer}: {action} on {request.resource} for {resource.name}")
    return judged, missing


def taken(documents: Documents, theirs: Platform) -> set[str]:
    """What roles with `documents` could do to another platform: all requests that an action consists of are allowed."""
    found: set[str] = set()
    for resource, duty, action, rights in cases(theirs):
        kept = [right for right in rights if right.resources != ("*",) or right.where]
        every = (requests(resource, right, action, theirs, making=duty == "create") for right in kept)
        asked = [each for each in every if each]
        mine = documents[resource.layer]
        if asked and action not in SHARED and all(any(allowed(mine, request) for request in each) for each in asked):
            found.add(f"{resource.layer}: {action} for {resource.name}")
    return found


def test_a_layer_s_role_makes_and_deletes_all_that_the_layer_registers(platforms: Mapping[str, Platform]) -> None:
    judged, missing = refused(platforms[OURS], platforms[OURS].documents)

    assert judged > 300
    assert missing == []


def test_the_roles_of_the_shipped_production_make_and_delete_all_of_it() -> None:
    prod = recorded_platform(ROOT, "prod")
    missing = refused(prod, prod.documents)[1]

    # People apply its bootstrap layer, with rights of their own.
    assert prod.documents["bootstrap"] == ()
    assert [item for item in missing if not item.startswith("bootstrap:")] == []


def test_roles_make_and_delete_all_that_stands_around_a_cluster_that_others_made(tmp_path: Path) -> None:
    root = everything(tmp_path)
    data = read(root, "environments/attached.yaml")
    entry = data["cluster"]["access"][0]
    roles = {
        layer: f"arn:aws:iam::{ACCOUNT}:role/bedplate/attached/bedplate-attached-deploy-{layer}" for layer in LAYERS
    }
    access = [
        entry,
        *({"name": layer, "principal": roles[layer], "policy": "clusterAdmin"} for layer in ("platform", "models")),
    ]
    bootstrap = {"operators": [f"arn:aws:iam::{ACCOUNT}:role/platform-admins"]}
    data |= {
        "delivery": {"stacks": "layered"},
        "bootstrap": bootstrap,
        "cluster": {**data["cluster"], "access": access},
    }
    write(root, "environments/attached.yaml", replaced(data, "addons[aws-ebs-csi-driver].policies", []))
    attached = recorded_platform(root, "attached")
    judged, missing = refused(attached, attached.documents)

    assert judged > 200
    assert [item for item in missing if not item.startswith("bootstrap:")] == []


@pytest.mark.parametrize("other", OTHERS)
def test_it_does_none_of_this_to_another_environment(platforms: Mapping[str, Platform], other: str) -> None:
    assert taken(platforms[OURS].documents, platforms[other]) == set()


def test_the_models_layer_touches_nothing_of_the_layers_below(platforms: Mapping[str, Platform]) -> None:
    ours = platforms[OURS]
    found = taken(dict.fromkeys(LAYERS, ours.documents["models"]), ours)
    below = {item for item in found if not item.startswith("models:")}

    # An add-on has the same kind of association as a model; its role could not be given to one.
    assert {item for item in below if "PodIdentityAssociation" not in item and "eks:TagResource" not in item} == set()
    assert "cluster: iam:PassRole for addons-aws-ebs-csi-driver" not in found


def test_keys_are_made_by_roles_that_may_not_change_their_policies_and_the_account_s_administrators_may(
    platforms: Mapping[str, Platform],
) -> None:
    ours = platforms[OURS]
    keys = ours.graph.of_type("aws:kms/key:Key")
    root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}

    assert len({key.layer for key in keys}) > 1
    for key in keys:
        change = Request("kms:PutKeyPolicy", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1")
        assert not allowed(ours.documents[key.layer], change)
        assert trusted(key.inputs["policy"], root, change)
        # Else KMS would not make it for them.
        assert key.inputs["bypassPolicyLockoutSafetyCheck"] is True


def without(documents: Documents, part: str) -> Documents:
    """The same rights without one part of every statement."""

    def cut(document: str) -> str:
        statements = json.loads(document)["Statement"]
        return json.dumps({"Statement": [{k: v for k, v in each.items() if k != part} for each in statements]})

    return {layer: tuple(cut(item) for item in items) for layer, items in documents.items()}


def test_the_law_notices_a_right_that_is_missing_and_a_condition_that_is(platforms: Mapping[str, Platform]) -> None:
    ours = platforms[OURS]
    fewer = {layer: items[1:] for layer, items in ours.documents.items()}

    assert refused(ours, fewer)[1]
    assert taken(without(ours.documents, "Condition"), platforms["staging"])


def test_a_boundary_allows_what_the_policies_of_its_roles_do_where_they_do_it(
    platforms: Mapping[str, Platform],
) -> None:
    graph = platforms[OURS].graph
    boundaries = {item.inputs["name"]: item.inputs["policy"] for item in graph.of_type(POLICY)}
    judged = 0
    for item in graph.of_type(INLINE):
        boundary = boundaries[f"bedplate-{OURS}-boundary-{item.layer}"]
        for statement in json.loads(item.inputs["policy"])["Statement"]:
            for action, arn in product(statement["Action"], statement["Resource"]):
                request = Request(action, arn, {f"aws:ResourceTag/{TAG}": OURS})
                assert allowed([boundary], request), f"{action} on {arn}"
                judged += 1
    assert judged


def test_every_role_of_a_layer_carries_its_boundary_and_no_other(platforms: Mapping[str, Platform]) -> None:
    roles = [role for role in platforms[OURS].graph.of_type(ROLE) if role.layer != "bootstrap"]

    assert {role.layer for role in roles} == {"cluster", "models"}
    for role in roles:
        boundary = f"arn:aws:iam::{ACCOUNT}:policy/bedplate/{OURS}/bedplate-{OURS}-boundary-{role.layer}"
        assert role.inputs["permissionsBoundary"] == boundary


def test_policies_look_at_what_bootstrap_makes_and_find_nothing_wrong(platforms: Mapping[str, Platform]) -> None:
    ours = platforms[OURS]
    context = PolicyContext(ours.graph, ours.resolved, TODAY)
    made = [resource for resource in ours.graph.registered if resource.layer == "bootstrap"]
    seen = [(rule, resource) for rule in rules() for resource in made if rule.policy.looks_at(resource)]

    found = [(rule.id, item.name, finding) for rule, item in seen for finding in rule.check(item, context)]

    assert {rule.id for rule, _ in seen} >= {
        "identity/ci-subjects-bounded",
        "identity/no-wildcard-actions",
        "identity/pull-requests-read-only",
        "stores/encrypted",
        "stores/private",
    }
    assert found == []
