"""Property values as the engine sends them, with secrets and unknowns as Python types of their own.

On the wire a secret is an object with a signature key, and a value that is not known before apply is a reserved string.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from google.protobuf.struct_pb2 import Struct
from google.protobuf.struct_pb2 import Value as WireValue

SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"

UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWN_MARKS = frozenset(
    {
        UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)

Value: TypeAlias = object
Properties: TypeAlias = dict[str, Value]


class Unknown:
    """A value that is known only after apply. There is one: `UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that the engine encrypts in its state and masks in its output, as long as the mark stays on it."""

    value: Value

    def __repr__(self) -> str:
        return "Secret(…)"


def decode(struct: Struct) -> Properties:
    """Return the properties in `struct`, keys sorted, whole numbers as int."""
    return {key: _decode_value(struct.fields[key]) for key in sorted(struct.fields)}


def _decode_value(value: WireValue) -> Value:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        fields = decode(value.struct_value)
        if fields.get(SIGNATURE_KEY) == SECRET_SIGNATURE:
            return Secret(fields.get("value"))
        return fields
    if kind == "list_value":
        return [_decode_value(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "string_value":
        return UNKNOWN if value.string_value in UNKNOWN_MARKS else value.string_value
    if kind == "bool_value":
        return value.bool_value
    return None


def encode(properties: Mapping[str, Value]) -> Struct:
    """Return `properties` as the engine reads them. The opposite of `decode`."""
    struct = Struct()
    struct.update({key: _encode_value(value) for key, value in properties.items()})
    return struct


def _encode_value(value: Value) -> Value:
    if isinstance(value, Secret):
        return {SIGNATURE_KEY: SECRET_SIGNATURE, "value": _encode_value(value.value)}
    if isinstance(value, Unknown):
        return UNKNOWN_STRING
    if isinstance(value, Mapping):
        return {key: _encode_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encode_value(item) for item in value]
    return value


def plain(value: Value) -> Value:
    """Return `value` without its secret marks, at every depth."""
    if isinstance(value, Secret):
        return plain(value.value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def masked(value: Value) -> Value:
    """Return `value` with every secret replaced by the text `[secret]`: safe to write to a file."""
    if isinstance(value, Secret):
        return "[secret]"
    if isinstance(value, dict):
        return {key: masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item) for item in value]
    return value


def has_secret(value: Value) -> bool:
    """Whether `value` is, or holds at any depth, a secret."""
    if isinstance(value, dict):
        return any(has_secret(item) for item in value.values())
    if isinstance(value, list):
        return any(has_secret(item) for item in value)
    return isinstance(value, Secret)
