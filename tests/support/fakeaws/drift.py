"""An object as somebody left it outside the engine."""

from tests.support.fakeaws.schema import ResourceSchema
from tests.support.fakeaws.wire import Properties, Secret, Value


def drifted(schema: ResourceSchema, inputs: Properties, drift: Properties) -> Properties:
    """Return `inputs` as the object has them now.

    Inputs move along with the object: the engine compares the program with them, and would never correct a difference
    that is in the outputs alone. What was secret stays secret. Raises ValueError for a property that the type lacks.
    """
    unknown = sorted(drift.keys() - schema.inputs.properties.keys() - schema.outputs.keys())
    if unknown:
        message = f"world.json: {schema.token} has no property {', '.join(unknown)}"
        raise ValueError(message)
    moved = {name: value for name, value in drift.items() if name in schema.inputs.properties}
    now = {**inputs, **{name: _marked(inputs.get(name), value) for name, value in moved.items()}}
    return {name: value for name, value in now.items() if name not in moved or value is not None}


def output_drift(schema: ResourceSchema, drift: Properties) -> Properties:
    """Return the part of `drift` that concerns what only the provider sets."""
    return {name: value for name, value in drift.items() if name in schema.outputs}


def _marked(old: Value, new: Value) -> Value:
    return Secret(new) if isinstance(old, Secret) and new is not None else new
