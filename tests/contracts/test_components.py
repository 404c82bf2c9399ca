"""What holds for every component, present and future: shape, type, family, place and names."""

from __future__ import annotations

import importlib
import inspect
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import reduce

import pytest

from bedplate.cli.pipeline import derived, recorded
from bedplate.environment.load import load
from bedplate.graph.graph import Graph
from bedplate.graph.kubernetes import kubernetes_objects
from bedplate.graph.resource import COMPONENT_PREFIX, STACK_TYPE, Resource
from bedplate.graph.values import Json, get
from bedplate.model.naming import NAME_RULES, check_name
from components.base import PlatformComponent
from tests.contracts.everything import everything
from tests.support.environments import ROOT, read, replaced, write

LAYERS = {"bootstrap", "cluster", "platform", "models"}
PROVIDER = "pulumi:providers:"
REFERENCE = "pulumi:pulumi:StackReference"

# The property that names an object of the account, and the rule for it.
AWS_NAMES = {
    "aws:cloudwatch/logGroup:LogGroup": ("name", "logGroup"),
    "aws:ec2/launchTemplate:LaunchTemplate": ("name", "launchTemplate"),
    "aws:ec2/placementGroup:PlacementGroup": ("name", "placementGroup"),
    "aws:ec2/securityGroup:SecurityGroup": ("name", "securityGroup"),
    "aws:eks/cluster:Cluster": ("name", "eksCluster"),
    "aws:eks/nodeGroup:NodeGroup": ("nodeGroupName", "eksNodeGroup"),
    "aws:iam/policy:Policy": ("name", "iamPolicy"),
    "aws:iam/role:Role": ("name", "iamRole"),
    "aws:iam/rolePolicy:RolePolicy": ("name", "iamPolicy"),
    "aws:kms/alias:Alias": ("name", "kmsAlias"),
    "aws:s3/bucket:Bucket": ("bucket", "s3Bucket"),
}
KIND_NAMES = {"Namespace": "namespace", "Service": "service", "InferenceService": "inferenceService"}


def _classes() -> list[type[PlatformComponent]]:
    """Every component class below components/."""
    for file in sorted((ROOT / "components").glob("*/component.py")):
        importlib.import_module(f"components.{file.parent.name}.component")
    found = [cls for cls in PlatformComponent.__subclasses__() if cls.__module__.startswith("components.")]
    return sorted(found, key=lambda cls: cls.__name__)


CLASSES = _classes()


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """The environment in which every leaf of the schema has a value, recorded."""
    return recorded(load(everything(tmp_path_factory.mktemp("everything")), "dev"))


def test_no_component_may_import_another() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    (contract,) = (item for item in tools["importlinter"]["contracts"] if item["id"] == "component-independence")
    folders = [file.parent.name for file in sorted((ROOT / "components").glob("*/component.py"))]
    assert contract["modules"] == [f"components.{name}" for name in folders]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_everything_after_the_spec_is_passed_by_keyword_and_options_come_last(cls: type[PlatformComponent]) -> None:
    name, spec, *rest = inspect.signature(cls).parameters.values()
    assert name.name == "name"
    assert {parameter.kind for parameter in (name, spec)} == {inspect.Parameter.POSITIONAL_OR_KEYWORD}
    assert {parameter.kind for parameter in rest} == {inspect.Parameter.KEYWORD_ONLY}
    assert (rest[-1].name, rest[-1].default) == ("opts", None)


def test_a_type_names_package_and_class_and_every_class_is_used(
    graph: Graph, tmp_path_factory: pytest.TempPathFactory
) -> None:
    wanted = {f"bedplate:{cls.__module__.split('.')[1]}:{cls.__name__}" for cls in CLASSES}
    root = everything(tmp_path_factory.mktemp("others"))
    plant, attached = (recorded(load(root, name)) for name in ("plant", "attached"))
    assert {item.type for item in (*graph, *plant, *attached) if not item.custom} == {*wanted, STACK_TYPE}


def _placed(graph: Graph) -> list[Resource]:
    """All but stacks, and what the program itself makes: providers, and references to lower stacks."""
    own = (PROVIDER, REFERENCE)
    return [r for r in graph if r.type != STACK_TYPE and not (r.type.startswith(own) and not graph.ancestors(r.urn))]


def test_every_child_has_a_component_as_its_parent(graph: Graph) -> None:
    parents = [graph[r.parent or ""] for r in _placed(graph) if r.custom]
    assert parents
    assert [parent.urn for parent in parents if not parent.type.startswith(COMPONENT_PREFIX)] == []


def test_every_resource_knows_its_layer_and_the_entry_it_answers_to(graph: Graph) -> None:
    assert [r.urn for r in _placed(graph) if r.layer not in LAYERS or not r.entry] == []


def test_children_are_named_after_their_component(graph: Graph) -> None:
    children = [(r.name, graph[r.parent or ""].name) for r in _placed(graph) if r.custom]
    strangers = [name for name, parent in children if not name.startswith(parent) and not name.startswith("bedplate-")]
    assert strangers == []


CHAT = "c" * 48
# The longest names that the schema and the cross-checks take.
LONGEST: Mapping[str, Json] = {
    "nodePools[l4].name": "p" * 63,
    "models[chat].pool": "p" * 63,
    "models[embeddings].pool": "p" * 63,
    "teams[research].namespace": "n" * 63,
    "teams[research].members[0].group": "g" * 253,
    "teams[research].name": "t" * 63,
    "stores[weights].readers": ["t" * 63],
    "models[chat].team": "t" * 63,
    "models[embeddings].team": "t" * 63,
    "stores[weights].name": "s" * 63,
    "models[embeddings].weights": "s" * 63,
    "models[chat].name": CHAT,
    "models[embeddings].name": "e" * 48,
    f"models[{CHAT}].consumers[0].namespace": "n" * 63,
    "cluster.access[platform-admins].name": "a" * 63,
    "cluster.access[scientists].namespaces": ["n" * 63],
    "cluster.access[scientists].group": "g" * 256,
    "cluster.oidc.name": "o" * 63,
    "gpuBaseline.namespace": "u" * 63,
    "serving.gateway.namespace": "w" * 63,
    "serving.gateway.className": "k" * 63,
    "guardrails.egress[model-hub].name": "f" * 63,
}


@pytest.fixture(scope="module")
def longest(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """An environment whose every name is as long as it may be, with derived objects."""
    root, name = everything(tmp_path_factory.mktemp("longest")), "x" * 63
    data = reduce(lambda done, item: replaced(done, *item), LONGEST.items(), read(root, "environments/dev.yaml"))
    # With roles per layer a name may not be this long (tests/components/bootstrap has the longest then).
    single = {"bootstrap": None, "delivery": {"stacks": "single"}}
    write(root, f"environments/{name}.yaml", {**data, **single, "name": name, "policies": {}})
    return derived(load(root, name))


def _account_names(graph: Graph) -> Iterator[tuple[str, str]]:
    """Rule and name of everything that has a name in the account."""
    for resource in graph:
        if resource.type in AWS_NAMES:
            key, rule = AWS_NAMES[resource.type]
            yield rule, resource.inputs[key]


def test_names_in_the_account_are_within_the_limits_of_their_service(longest: Graph) -> None:
    assert {rule for rule, _ in _account_names(longest)} == {rule for _, rule in AWS_NAMES.values()}
    assert [refusal for rule, name in _account_names(longest) if (refusal := check_name(rule, name))] == []


def test_every_resource_of_a_named_type_is_named_by_us(longest: Graph) -> None:
    assert [r.urn for r in longest if r.type in AWS_NAMES and AWS_NAMES[r.type][0] not in r.inputs] == []


def test_names_in_the_cluster_are_within_the_limits_of_their_kind(longest: Graph) -> None:
    items = [item for item in kubernetes_objects(longest) if not item.name.endswith("-*")]
    refusals = [check_name(KIND_NAMES.get(item.kind, "kubernetesName"), item.name) for item in items]
    refusals += [check_name("namespace", item.namespace) for item in items if item.namespace]
    assert items
    assert [refusal for refusal in refusals if refusal] == []


def _labels(value: Json) -> Iterator[str]:
    """Every value of every label and selector below `value`."""
    if isinstance(value, Mapping):
        for key in ("labels", "matchLabels", "nodeSelector"):
            yield from (item for item in (get(value, key) or {}).values() if isinstance(item, str))
        for item in value.values():
            yield from _labels(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from _labels(item)


def test_label_values_are_within_the_limits_of_kubernetes(longest: Graph) -> None:
    rule = NAME_RULES["kubernetesLabelValue"]
    values = {label for resource in longest for label in _labels(resource.inputs)}
    assert len(values) > 10
    assert sorted(v for v in values if v and not (len(v) <= rule.longest and re.fullmatch(rule.pattern, v))) == []
