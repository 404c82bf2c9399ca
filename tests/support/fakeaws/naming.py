"""Automatic names: the name that an object gets when the program gives none, the same at every later preview."""

import hashlib

from tests.support.fakeaws.schema import ResourceSchema
from tests.support.fakeaws.wire import Properties, Value

# Inputs that the provider chose. The real provider keeps its list under the same name.
DEFAULTS_KEY = "__defaults"
_ALIAS = "aws:kms/alias:Alias"
_BUCKET = "aws:s3/bucket:Bucket"


def with_name(schema: ResourceSchema, inputs: Properties, old_inputs: Properties, proposal: str) -> Properties:
    """Return `inputs`, with a name where the type has one and the program gave neither a name nor a prefix.

    A name that was chosen before is kept, else every preview would replace the object. `proposal` is the engine's, and
    may be empty: then the name stays as it is without one.
    """
    prop = schema.name_property
    if prop is None or prop in inputs or f"{prop}Prefix" in inputs:
        return inputs
    old = old_inputs.get(prop) if was_chosen(prop, old_inputs) else None
    chosen: Value = old if old is not None else _shaped(schema.token, proposal)
    return {**inputs, prop: chosen, DEFAULTS_KEY: [prop]} if chosen else inputs


def was_chosen(prop: str, inputs: Properties) -> bool:
    """Whether the provider, not the program, gave the input `prop` its value."""
    chosen = inputs.get(DEFAULTS_KEY)
    return isinstance(chosen, list) and prop in chosen


def is_given_a_name(schema: ResourceSchema, inputs: Properties) -> bool:
    """Whether the program gives the object a name that the provider could have chosen.

    The real provider deletes such an object before it makes the replacement, and does not look whether the new name
    is another one (pulumi-terraform-bridge, nameRequiresDeleteBeforeReplace).
    """
    prop = schema.name_property
    return prop is not None and prop in inputs and not was_chosen(prop, inputs)


def inputs_from_id(schema: ResourceSchema, identifier: str) -> Properties:
    """Return the name that an id tells: all that is known of an object which the program only refers to."""
    if schema.name_property is None:
        return {}
    separator = "/" if identifier.startswith("arn:") else ":"
    return {schema.name_property: identifier.rsplit(separator, 1)[-1]}


def fallback_proposal(name: str, urn: str, seed: bytes) -> str:
    """Return a name for engines that propose none: the program's name and seven digits that `seed` pins."""
    return f"{name}-{hashlib.sha256(urn.encode() + seed).hexdigest()[:7]}"


def _shaped(token: str, proposal: str) -> str:
    if token == _ALIAS and proposal:
        return f"alias/{proposal}"
    return proposal.lower() if token == _BUCKET else proposal
