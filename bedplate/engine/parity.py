"""Does the engine do what the plan showed? Its registered inputs beside the recorder's Graph, resource by resource."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bedplate.engine.events import Event, StepStarted
from bedplate.graph.properties import property_changes
from bedplate.graph.resource import STACK_TYPE, Resource
from bedplate.graph.values import Json, canonical, is_opaque, is_secret, is_unknown

# What the engine registers by itself: the stack, and the provider behind its StackReferences.
ENGINE_OWN = frozenset({STACK_TYPE, "pulumi:providers:pulumi"})


@dataclass(frozen=True, slots=True)
class ProviderDefault:
    """An input that a provider's Check adds to what the program registered; it never changes one. ``*`` is any text."""

    type: str
    path: str
    reason: str


# The published list. Everything else that differs between engine and recorder is an error.
PROVIDER_DEFAULTS: tuple[ProviderDefault, ...] = (
    ProviderDefault("pulumi:providers:*", "__internal", "the engine's own notes on a provider"),
    ProviderDefault("pulumi:providers:*", "version", "the plugin's version, which the SDK sends beside the inputs"),
    ProviderDefault("pulumi:providers:kubernetes", "kubeconfig", "the runner's own (KUBECONFIG), where none is stated"),
    ProviderDefault("aws:*", "__defaults", "names of the inputs that the provider filled in by itself"),
    ProviderDefault("aws:*", "tags", "the provider's default tags, where a resource has none of its own"),
    ProviderDefault("aws:*", "tags.*", "the provider's default tags, beside a resource's own"),
    ProviderDefault("aws:*", "tagsAll*", "the provider's default tags and a resource's own together"),
)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A difference between the engine and the Graph, in words."""

    urn: str
    text: str

    def __str__(self) -> str:
        return f"{self.urn.rpartition('::')[2]}: {self.text}"


def mismatches(planned: Iterable[Resource], events: Sequence[Event]) -> tuple[Mismatch, ...]:
    """Where the engine's steps differ from what is planned (a Graph, or one stack's part of it), beyond the published
    provider defaults. What another writer applies is none of the engine's. Empty means equal.
    """
    steps = {
        event.urn: event
        for event in events
        if isinstance(event, StepStarted) and event.inputs is not None and event.type not in ENGINE_OWN
    }
    registered = {r.urn: r for r in planned if r.derived_from is None and not r.writer and r.type != STACK_TYPE}
    found = [
        Mismatch(urn, "the program registers it, and the plan does not hold it")
        for urn in steps.keys() - registered.keys()
    ]
    found += [
        Mismatch(urn, "the plan holds it, and the program does not register it")
        for urn in registered.keys() - steps.keys()
    ]
    for urn in steps.keys() & registered.keys():
        inputs = steps[urn].inputs
        assert inputs is not None
        found += _compare(urn, steps[urn].type, registered[urn].inputs, inputs)
    return tuple(sorted(found, key=str))


def _compare(urn: str, type_: str, planned: Mapping[str, Json], real: Mapping[str, Json]) -> list[Mismatch]:
    found: list[Mismatch] = []
    for change in property_changes(planned, real):
        added = change.before is None and is_default(type_, change.path)
        if is_secret(change.before) and not is_unknown(change.after):
            found.append(Mismatch(urn, f"{change.path} is planned as a secret and registered in the open"))
        elif not is_opaque(change.before) and not added:
            before, after = _text(change.before), _text(change.after)
            found.append(Mismatch(urn, f"{change.path} is planned as {before} and registered as {after}"))
    return found


def _text(value: Json) -> str:
    """A value in a sentence."""
    if value is None:
        return "absent"
    if is_secret(value):
        return "a secret"
    return "known only after apply" if is_unknown(value) else canonical(value).decode()


def is_default(type_: str, path: str) -> bool:
    """Whether the published list allows the provider to add `path` to a resource of `type_`."""
    return any(fnmatchcase(type_, item.type) and fnmatchcase(path, item.path) for item in PROVIDER_DEFAULTS)
