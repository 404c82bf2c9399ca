"""Ids and outputs of made-up AWS objects, in the form that AWS gives them: the table is shapes.yaml."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from tests.support.fakeaws.facts import Facts, Subject
from tests.support.fakeaws.schema import Kind, ResourceSchema
from tests.support.fakeaws.tags import with_all_tags
from tests.support.fakeaws.validation import INTERNAL_PREFIX
from tests.support.fakeaws.wire import UNKNOWN, Properties, Secret, Value

TABLE = Path(__file__).with_name("shapes.yaml")
CLUSTER = "aws:eks/cluster:Cluster"
LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"

# A launch template gets a new version when anything but these changes.
_OUTSIDE_VERSIONS = {"defaultVersion", "tags", "updateDefaultVersion"}


@dataclass(frozen=True)
class Shape:
    """One row of shapes.yaml."""

    id: str = ""
    arn: str = ""
    outputs: Mapping[str, Value] = field(default_factory=dict)
    defaults: Mapping[str, Value] = field(default_factory=dict)
    nested: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)


def object_id(subject: Subject) -> str:
    """Return the id of the object that is being made.

    AWS takes many ids from names. The engine cannot keep an id secret, so a secret name gives a made-up id instead.
    """
    facts = _facts(subject)
    made = facts["id"]
    return f"{subject.schema.kind_name}-{facts['hex17']}" if facts.used_secret else made


def object_arn(subject: Subject) -> str:
    """Return the ARN that the object has once it is made."""
    return _facts(replace(subject, id=subject.id or object_id(subject)))["arn"]


def outputs(subject: Subject) -> Properties:
    """Return all outputs of an object: its inputs, and what the provider adds. A secret stays one in all it enters."""
    made = _inputs(subject)
    shape = _shape(subject.schema)
    for name in _added(subject):
        made[name] = subject.previous[name] if name in subject.previous else _added_value(subject, shape, name)
    _add_nested(made, shape, subject)
    _follow_inputs(made, subject)
    return {name: value for name, value in made.items() if value is not None}


def previewed_outputs(subject: Subject) -> Properties:
    """Return the outputs that a preview can promise: those of before, or unknown for an object that is to be made."""
    made = _inputs(subject)
    for name in _added(subject):
        made[name] = subject.previous.get(name) if subject.previous else UNKNOWN
    for name in _changing_versions(subject):
        made[name] = UNKNOWN
    for name, fields in _shape(subject.schema).nested.items():
        before = subject.previous.get(name)
        known = before if isinstance(before, dict) else {}
        _merge(made, name, {key: known.get(key, UNKNOWN) for key in fields})
    if "region" in subject.schema.filled and "region" not in subject.inputs:
        made["region"] = subject.account.region
    return {name: value for name, value in made.items() if value is not None}


def _inputs(subject: Subject) -> Properties:
    """The inputs as outputs, with all tags where the type has any."""
    given = {name: value for name, value in subject.inputs.items() if not name.startswith(INTERNAL_PREFIX)}
    return with_all_tags(subject.schema, given, subject.account)


def listed_types() -> list[str]:
    """Return the resource types that have a shape of their own, sorted."""
    return sorted(_table())


@functools.cache
def _table() -> dict[str, Shape]:
    rows = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return {token: Shape(**row) for token, row in rows.items()}


def _shape(schema: ResourceSchema) -> Shape:
    return _table().get(schema.token, Shape())


def _facts(subject: Subject) -> Facts:
    shape, schema = _shape(subject.schema), subject.schema
    named = "{name}" if schema.name_property else f"{schema.kind_name}-{{hex17}}"
    tail = "{name}" if schema.name_property else "{id}"
    anywhere = f"arn:{{partition}}:{schema.service}:{{region}}:{{account}}:{schema.kind_name}/{tail}"
    return Facts(subject, {"id": shape.id or named, "arn": shape.arn or anywhere})


def _added(subject: Subject) -> list[str]:
    """Names of the outputs that the provider adds to the inputs that were given."""
    return sorted((subject.schema.outputs.keys() | subject.schema.filled) - subject.inputs.keys() - {"tagsAll"})


def _added_value(subject: Subject, shape: Shape, name: str) -> Value:
    schema = subject.schema
    if name in shape.outputs:
        template = shape.outputs[name]
    elif name in shape.defaults:
        template = shape.defaults[name]
    elif name in ("arn", "region"):
        template = f"{{{name}}}"
    elif name == schema.name_property:
        template = "{name}"
    elif name in schema.filled:
        # A value that AWS would choose and that is not known here is left out, never guessed.
        return None
    else:
        template = _made_up(name, schema.outputs[name])
    facts = _facts(subject)
    value = _filled_in(template, facts)
    return Secret(value) if facts.used_secret else value


def _made_up(name: str, kind: Kind) -> Value:
    if kind.form == "list":
        return []
    if kind.form in ("map", "object"):
        return {}
    return {bool: False, int: 0, float: 0.0}.get(kind.scalar or str, f"{name}-{{hex17}}")


def _filled_in(template: Value, facts: Facts) -> Value:
    if isinstance(template, str):
        return template.format_map(facts)
    if isinstance(template, Mapping):
        return {key: _filled_in(item, facts) for key, item in template.items()}
    if isinstance(template, list):
        return [_filled_in(item, facts) for item in template]
    return template


def _add_nested(made: Properties, shape: Shape, subject: Subject) -> None:
    for name, fields in shape.nested.items():
        before = subject.previous.get(name)
        known = before if isinstance(before, dict) else {}
        facts = _facts(subject)
        _merge(made, name, {key: known.get(key) or _filled_in(fields[key], facts) for key in fields})


def _merge(made: Properties, name: str, fields: Mapping[str, Value]) -> None:
    given = made.get(name)
    if isinstance(given, dict):
        made[name] = {**fields, **given}


def _follow_inputs(made: Properties, subject: Subject) -> None:
    """Set the outputs that an update or the outside world moves."""
    if subject.schema.token == CLUSTER and subject.cluster_access:
        made["endpoint"] = subject.cluster_access["endpoint"]
        made["certificateAuthority"] = {"data": subject.cluster_access["certificateAuthority"]}
    if subject.schema.token == LAUNCH_TEMPLATE and subject.previous:
        _count_versions(made, subject)


def _count_versions(made: Properties, subject: Subject) -> None:
    latest = subject.previous.get("latestVersion", 1)
    changing = _changing_versions(subject)
    made["latestVersion"] = latest + 1 if "latestVersion" in changing and isinstance(latest, int) else latest
    if "defaultVersion" in changing:
        made["defaultVersion"] = made["latestVersion"]
    elif "defaultVersion" not in subject.inputs:
        made["defaultVersion"] = subject.previous.get("defaultVersion", 1)


def _changing_versions(subject: Subject) -> list[str]:
    """Names of the version numbers of a launch template that the update moves."""
    is_update = subject.schema.token == LAUNCH_TEMPLATE and subject.previous
    if not is_update or not subject.changed - _OUTSIDE_VERSIONS:
        return []
    follows = subject.inputs.get("updateDefaultVersion") is True
    return ["defaultVersion", "latestVersion"] if follows else ["latestVersion"]
