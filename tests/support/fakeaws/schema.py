"""What the installed AWS SDK says about a resource type: its inputs, which are required, and what the provider adds.

The SDK is generated from the real provider's schema, so its classes are the schema. A type is looked up when it is
first asked for (importing one service takes about 0.1 s, and there are 250) and kept in memory.
"""

import functools
import importlib
import inspect
import keyword
import re
import sys
import threading
import types
import typing
import warnings
from collections.abc import Mapping
from collections.abc import Sequence as AbstractSequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Literal

# The SDK's only way to go from a class to wire names and types; pulumi is pinned, and test_schema.py would notice.
from pulumi._types import (
    input_type_py_to_pulumi_names,
    input_type_types,
    is_input_type,
    is_output_type,
    resource_pulumi_to_py_names,
    resource_types,
    unwrap_type,
)

SDK_PACKAGE = "pulumi_aws"
# The SDK loads its services on first use, and does not expect two threads to do so at once.
_LOADING = threading.Lock()

TOKEN = re.compile(r"aws:(?P<service>[\w-]+)/\w+:(?P<name>\w+)")


class UnknownResourceTypeError(LookupError):
    """The installed SDK has no resource of this type."""


@dataclass(frozen=True)
class Kind:
    """The form of a value: a scalar, a list or map of `element`, an object of class `fields`, or anything."""

    form: Literal["scalar", "list", "map", "object", "any"]
    scalar: type | None = None
    element: "Kind | None" = None
    fields: type | None = None


@dataclass(frozen=True)
class ObjectSchema:
    """Property names as on the wire, with the form of each, and those that must be given."""

    properties: Mapping[str, Kind]
    required: frozenset[str]


@dataclass(frozen=True)
class ResourceSchema:
    """One resource type.

    `outputs` holds what only the provider sets. `filled` holds the inputs that have a value afterwards even when the
    program leaves them out. `name_property` is the input that gets an automatic name when it is left out.
    """

    token: str
    inputs: ObjectSchema
    outputs: Mapping[str, Kind] = field(default_factory=dict)
    filled: frozenset[str] = frozenset()
    name_property: str | None = None

    @property
    def service(self) -> str:
        """The SDK's name of the service, for example `eks`."""
        return self.token.split(":")[1].split("/")[0]

    @property
    def kind_name(self) -> str:
        """The type's own name in lower camel case, for example `nodeGroup`."""
        return _lower_first(self.token.rsplit(":", 1)[1])


def sdk_version() -> str:
    """Version of the installed AWS SDK: the plugin version that the engine will ask for."""
    return version(SDK_PACKAGE)


@functools.cache
def resource_schema(token: str) -> ResourceSchema:
    """Return the schema of the resource type `token`, for example `aws:eks/nodeGroup:NodeGroup`.

    Raises UnknownResourceTypeError for a token that the installed SDK does not have.
    """
    resource = _resource_class(token)
    inputs = object_schema(_arguments_class(resource))
    everything = {name: kind_of(hint) for name, hint in sorted(resource_types(resource).items())}
    filled = frozenset(
        name
        for name, attribute in resource_pulumi_to_py_names(resource).items()
        if name in inputs.properties and name not in inputs.required and _always_present(resource, attribute)
    )
    return ResourceSchema(
        token=token,
        inputs=inputs,
        outputs={name: kind for name, kind in everything.items() if name not in inputs.properties},
        filled=filled,
        name_property=_name_property(resource.__name__, inputs, filled),
    )


@functools.cache
def provider_schema() -> ObjectSchema:
    """Return the schema of the provider's own configuration."""
    with _LOADING:
        provider = importlib.import_module(SDK_PACKAGE).Provider
    return object_schema(_arguments_class(provider))


@functools.cache
def object_schema(arguments: type) -> ObjectSchema:
    """Return the schema of one of the SDK's input classes."""
    wire_names = input_type_py_to_pulumi_names(arguments)
    parameters = inspect.signature(arguments).parameters
    required = {wire for name, wire in wire_names.items() if parameters[name].default is inspect.Parameter.empty}
    kinds = {name: kind_of(hint) for name, hint in sorted(input_type_types(arguments).items())}
    return ObjectSchema(properties=kinds, required=frozenset(required))


def kind_of(hint: object) -> Kind:
    """Return the form that a type hint of the SDK describes."""
    hint = unwrap_type(hint)  # type: ignore[arg-type]
    if isinstance(hint, type) and (is_input_type(hint) or is_output_type(hint)):
        return Kind("object", fields=hint)
    if hint in (str, bool, int, float):
        return Kind("scalar", scalar=typing.cast(type, hint))
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (AbstractSequence, list):
        return Kind("list", element=kind_of(arguments[0]))
    if origin in (Mapping, dict):
        return Kind("map", element=kind_of(arguments[1]))
    return Kind("any")


def _resource_class(token: str) -> type:
    match = TOKEN.fullmatch(token)
    service = match["service"] if match else ""
    module_name = f"{SDK_PACKAGE}.{service}_" if keyword.iskeyword(service) else f"{SDK_PACKAGE}.{service}"
    try:
        with _LOADING, warnings.catch_warnings():
            # A service announces its deprecated types when it is loaded, whichever type is wanted.
            warnings.simplefilter("ignore", DeprecationWarning)
            return typing.cast(type, getattr(importlib.import_module(module_name), match["name"] if match else ""))
    except (ImportError, AttributeError):
        message = f"{SDK_PACKAGE} {sdk_version()} has no resource type {token!r}"
        raise UnknownResourceTypeError(message) from None


def _arguments_class(resource: type) -> type:
    # Where a nested type already has the plain name (s3.BucketVersioningArgs), the generator inserts "Init".
    module = sys.modules[resource.__module__]
    plain_name = getattr(module, f"{resource.__name__}Args", None)
    return typing.cast(type, getattr(module, f"{resource.__name__}InitArgs", plain_name))


def _always_present(resource: type, attribute: str) -> bool:
    hint = getattr(resource, attribute).fget.__annotations__["return"]
    (content,) = typing.get_args(hint)
    return types.NoneType not in typing.get_args(content)


def _name_property(class_name: str, inputs: ObjectSchema, filled: frozenset[str]) -> str | None:
    kind_name = _lower_first(class_name)
    for candidate in ("name", f"{kind_name}Name", kind_name):
        if candidate in filled and inputs.properties[candidate].scalar is str:
            return candidate
    return None


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
