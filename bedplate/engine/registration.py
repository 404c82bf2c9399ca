"""What the Pulumi SDK sends to the engine's resource monitor, as resources and values of the Graph."""

from __future__ import annotations

from collections.abc import Mapping

from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import resource_pb2

from bedplate.graph.resource import STACK_TYPE, Resource
from bedplate.graph.values import SECRET, UNKNOWN, Json, freeze
from bedplate.units.writer import writer_behind

PROJECT = "bedplate"

# Outputs that stand inside of an input: without them the program would read that there are none.
_ADDED_INSIDE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "aws:eks/cluster:Cluster": {"vpcConfig": ("clusterSecurityGroupId", "vpcId")},
}


def urn_of(stack: str, parent: str, type_: str, name: str) -> str:
    """The engine's URN: the whole chain of parent types, the stack left out. `parent` is a URN, or empty."""
    parent_type = parent.split("::")[2] if parent else STACK_TYPE
    whole = type_ if parent_type == STACK_TYPE else f"{parent_type}${type_}"
    return f"urn:pulumi:{stack}::{PROJECT}::{whole}::{name}"


def stack_urn(stack: str) -> str:
    """URN of the root resource of a stack."""
    return f"urn:pulumi:{stack}::{PROJECT}::{STACK_TYPE}::{PROJECT}-{stack}"


def answer_to(request: resource_pb2.RegisterResourceRequest) -> struct_pb2.Struct:
    """Outputs of a resource: its inputs, and inside of them, as unknown, what the provider adds there."""
    outputs = struct_pb2.Struct()
    outputs.CopyFrom(request.object)
    for key, names in _ADDED_INSIDE.get(request.type, {}).items():
        for name in names:
            outputs[key][name] = rpc.UNKNOWN
    return outputs


def registered(urn: str, request: resource_pb2.RegisterResourceRequest) -> Resource:
    """The resource that `request` registers as `urn`."""
    writer = writer_behind(request.provider)
    provider = request.provider.rpartition("::")[0] if request.provider and not writer else None
    return Resource(
        urn=urn,
        type=request.type,
        name=request.name,
        custom=request.custom,
        parent=request.parent or None,
        provider=provider,
        inputs=freeze({key: _value(item) for key, item in json_format.MessageToDict(request.object).items()}),
        dependencies=tuple(sorted(request.dependencies)),
        property_dependencies=freeze(
            {key: sorted(item.urns) for key, item in request.propertyDependencies.items() if item.urns}
        ),
        options=freeze(_options(request)),
        writer=writer,
    )


def _options(request: resource_pb2.RegisterResourceRequest) -> dict[str, Json]:
    options = {
        "protect": request.protect,
        "aliases": [json_format.MessageToDict(alias) for alias in request.aliases],
        "ignoreChanges": sorted(request.ignoreChanges),
        "replaceOnChanges": sorted(request.replaceOnChanges),
        "deleteBeforeReplace": request.deleteBeforeReplace,
        "retainOnDelete": request.retainOnDelete,
        "deletedWith": request.deletedWith,
        "import": request.importId,
        "additionalSecretOutputs": sorted(request.additionalSecretOutputs),
        "customTimeouts": json_format.MessageToDict(request.customTimeouts),
    }
    found = {key: value for key, value in options.items() if value}
    # Said and false is not the same as not said: then the provider decides.
    return {**found, "deleteBeforeReplace": False} if _refuses_to_delete_first(request) else found


def _refuses_to_delete_first(request: resource_pb2.RegisterResourceRequest) -> bool:
    return request.deleteBeforeReplaceDefined and not request.deleteBeforeReplace


def _value(value: Json) -> Json:
    """A value off the wire as Graph JSON: marks for unknown and secret, whole numbers as int (the wire has doubles)."""
    if isinstance(value, dict):
        if value.get(rpc._special_sig_key) == rpc._special_secret_sig:
            return SECRET
        if rpc._special_sig_key in value:
            return UNKNOWN
        return {key: _value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_value(item) for item in value]
    if value == rpc.UNKNOWN:
        return UNKNOWN
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def struct_to_json(message: struct_pb2.Struct) -> dict[str, Json]:
    """A protobuf struct as Graph JSON, for other readers of the wire format."""
    return {key: _value(item) for key, item in json_format.MessageToDict(message).items()}
