"""Why an object exists: the components around it, the entry of the environment behind it, and what hangs on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.graph.diff import object_label
from bedplate.graph.graph import Graph
from bedplate.graph.kubernetes import as_object
from bedplate.graph.resource import STACK_TYPE, Resource
from bedplate.model.source import InputError, Position, Problem, did_you_mean
from bedplate.model.tree import locate, parse_path
from bedplate.output.documents.answers import ObjectDocument, WhyDocument
from bedplate.output.lines import Line, Lines, Segment, line
from bedplate.output.places import place

# Candidates shown for a name that several objects have.
_MOST_CANDIDATES = 20


@dataclass(frozen=True, slots=True)
class Origin:
    """Everything that `why` says of one resource."""

    environment: str
    resource: Resource
    components: tuple[Resource, ...]
    position: Position | None
    derived_from: Resource | None
    depends_on: tuple[Resource, ...]
    needed_by: tuple[Resource, ...]
    derives: tuple[Resource, ...]

    def to_json(self) -> WhyDocument:
        document: WhyDocument = {
            "schema": "bedplate.why/v1",
            "environment": self.environment,
            "object": object_label(self.resource),
            "urn": self.resource.urn,
            "components": [_object(item) for item in self.components],
            "entry": self.resource.entry,
            "layer": self.resource.layer,
            "team": self.resource.team,
            "dependsOn": [_object(item) for item in self.depends_on],
            "neededBy": [_object(item) for item in self.needed_by],
            "derives": [_object(item) for item in self.derives],
        }
        if self.position is not None:
            document["place"] = place(self.position)
        if self.derived_from is not None:
            document["derivedFrom"] = _object(self.derived_from)
        return document


def why(resolved: ResolvedEnvironment, graph: Graph, text: str) -> Origin:
    """The origin of the object that `text` names. Raises InputError where it names none, or several."""
    resource = find(graph, text)
    origin = graph[resource.derived_from] if resource.derived_from else None
    entry = resource.entry
    return Origin(
        environment=resolved.name,
        resource=resource,
        components=graph.ancestors((origin or resource).urn),
        position=locate(resolved.tree, parse_path(entry)) if entry else None,
        derived_from=origin,
        depends_on=_sorted(graph[urn] for urn in _needs(resource)),
        needed_by=_sorted(item for item in graph if resource.urn in _needs(item)),
        derives=_sorted(item for item in graph if item.derived_from == resource.urn),
    )


def find(graph: Graph, text: str) -> Resource:
    """The resource with URN, label ("Kind namespace/name") or name `text`; letter case does not count."""
    if text in graph:
        return graph[text]
    named = [(resource, _names(resource)) for resource in graph if resource.type != STACK_TYPE]
    wanted = text.casefold()
    for rank in range(2):
        found = [resource for resource, names in named if wanted in names[rank]]
        if len(found) == 1:
            return found[0]
        if found:
            raise InputError([_ambiguous(text, found)])
    labels = {object_label(resource) for resource, _ in named}
    hint = did_you_mean(text, labels | {name for _, names in named for name in names[1]})
    message = f"no object of this environment is called {text!r}"
    raise InputError([Problem(None, "", message, hint=hint or "`bedplate graph ENV --format json` lists all of them")])


def origin_text(item: Origin) -> Lines:
    """What `bedplate why` shows."""
    return Lines(_text(item))


def _names(resource: Resource) -> tuple[frozenset[str], frozenset[str]]:
    """Labels, and the shorter names that may fit several objects."""
    names = {resource.name}
    if resource.is_kubernetes:
        identity = as_object(resource).id
        names |= {identity.name, f"{identity.namespace}/{identity.name}"}
    return frozenset({object_label(resource).casefold()}), frozenset(name.casefold() for name in names)


def _ambiguous(text: str, found: Sequence[Resource]) -> Problem:
    labels = sorted({object_label(resource) for resource in found})
    # Equal labels: only URNs tell them apart.
    names = labels if len(labels) == len(found) else sorted(resource.urn for resource in found)
    shown = (*names[:_MOST_CANDIDATES], *(["…"] if len(names) > _MOST_CANDIDATES else []))
    return Problem(None, "", f"{text!r} names {len(found)} objects; name one of them", tuple(shown))


def _needs(resource: Resource) -> set[str]:
    """What a resource waits for: not its parent and its provider, which all have."""
    needs = {urn for urns in resource.property_dependencies.values() for urn in urns}
    return (needs | set(resource.dependencies)) - {resource.parent, resource.provider}


def _sorted(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    return tuple(sorted(resources, key=lambda resource: (object_label(resource), resource.urn)))


def _object(resource: Resource) -> ObjectDocument:
    return {"object": object_label(resource), "urn": resource.urn}


def _text(item: Origin) -> Iterator[Line]:
    resource = item.resource
    yield line(Segment(object_label(resource), "strong"))
    yield _fact("urn", resource.urn)
    if item.derived_from is not None:
        writer = resource.options.get("writer", "a controller")
        yield _fact("made by", f"{writer}, because of {object_label(item.derived_from)}")
    if item.components:
        yield _fact("part of", " ← ".join(object_label(component) for component in item.components))
    where = f"{resource.entry}  {item.position}" if item.position else "the environment as a whole"
    yield _fact("entry", where)
    if resource.layer:
        yield _fact("layer", f"{resource.layer}{f' · team {resource.team}' if resource.team else ''}")
    yield from _listing("needs", item.depends_on)
    yield from _listing("needed by", item.needed_by)
    yield from _listing("makes", item.derives)


def _listing(name: str, resources: Sequence[Resource]) -> Iterator[Line]:
    for index, resource in enumerate(resources):
        yield _fact(name if index == 0 else "", object_label(resource))


def _fact(name: str, text: str) -> Line:
    return line(Segment(name.ljust(11), "dim"), text, indent=2)
