"""The Graph as a picture: Mermaid and DOT, with components as clusters.

Arrows point from what is needed to what needs it, so that a picture reads in the order of creation. Arrows that follow
from others are left out: where b needs a, and c needs b and a, the arrow from a to c says nothing new.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bedplate.graph.diff import object_label
from bedplate.graph.graph import Graph
from bedplate.graph.resource import STACK_TYPE, Resource
from bedplate.output.wording import visible

_MERMAID_PLAIN = re.compile(r"[A-Za-z0-9 ,./()*+-]")


def without_derived(graph: Graph) -> Graph:
    """`graph` with only what the program registers."""
    registered = (resource for resource in graph if resource.derived_from is None)
    return Graph(environment=graph.environment, resources=registered)


def mermaid(graph: Graph) -> str:
    """A Mermaid flowchart; derived objects have round corners and dotted arrows."""
    names = _names(graph)
    lines = ["flowchart LR", f"  %% {graph.environment}: arrows point from what is needed to what needs it"]
    lines += _mermaid_level(graph, names, None, "  ")
    for needed, needing in edges(graph):
        arrow = "-.->" if graph[needing].derived_from == needed else "-->"
        lines.append(f"  {names[needed]} {arrow} {names[needing]}")
    return "\n".join(lines) + "\n"


def dot(graph: Graph) -> str:
    """A Graphviz digraph; derived objects and their arrows are dashed."""
    names = _names(graph)
    lines = [f"digraph {_dot_text(graph.environment)} {{", "  rankdir=LR;", "  node [shape=box];"]
    lines += _dot_level(graph, names, None, "  ")
    for needed, needing in edges(graph):
        style = " [style=dashed]" if graph[needing].derived_from == needed else ""
        lines.append(f"  {names[needed]} -> {names[needing]}{style};")
    return "\n".join([*lines, "}"]) + "\n"


def edges(graph: Graph) -> tuple[tuple[str, str], ...]:
    """Pairs (needed, needing) of URNs between objects, sorted, without those that follow from others."""
    order = {resource.urn: index for index, resource in enumerate(graph.creation_order)}
    reach: dict[str, int] = {}  # everything that an object needs, also indirectly: one bit per place in the order
    found: list[tuple[str, str]] = []
    for resource in graph.creation_order:
        seen = 0
        # The latest first: it needs most of the others itself.
        for urn in sorted(_needs(graph, resource), key=lambda urn: -order[urn]):
            if not seen >> order[urn] & 1:
                found.append((urn, resource.urn))
                seen |= reach[urn] | 1 << order[urn]
        reach[resource.urn] = seen
    return tuple(sorted(found))


def _needs(graph: Graph, resource: Resource) -> set[str]:
    """Objects that `resource` waits for; components are no objects, their children are."""
    if not resource.custom:
        return set()
    urns = {*resource.dependencies, *(urn for urns in resource.property_dependencies.values() for urn in urns)}
    if resource.derived_from is not None:
        urns.add(resource.derived_from)
    return {urn for urn in urns if graph[urn].custom}


def _names(graph: Graph) -> Mapping[str, str]:
    """Short identifiers without any character that a format could mind."""
    return {resource.urn: f"n{index}" for index, resource in enumerate(graph)}


def _inside(graph: Graph, component: str | None) -> tuple[tuple[Resource, ...], tuple[Resource, ...]]:
    """Components and objects directly inside `component`; derived objects stand beside what they derive from."""
    members = [resource for resource in graph if _home(graph, resource) == component and resource.type != STACK_TYPE]
    return tuple(item for item in members if not item.custom), tuple(item for item in members if item.custom)


def _home(graph: Graph, resource: Resource) -> str | None:
    """URN of the component that `resource` is drawn in; None at the top."""
    parent = graph[resource.derived_from].parent if resource.derived_from else resource.parent
    while parent is not None and graph[parent].custom:
        parent = graph[parent].parent
    return None if parent is None or graph[parent].type == STACK_TYPE else parent


def _mermaid_level(graph: Graph, names: Mapping[str, str], component: str | None, indent: str) -> Iterator[str]:
    components, objects = _inside(graph, component)
    for item in objects:
        left, right = ("(", ")") if item.derived_from else ("[", "]")
        yield f"{indent}{names[item.urn]}{left}{_mermaid_text(object_label(item))}{right}"
    for item in components:
        yield f"{indent}subgraph {names[item.urn]}[{_mermaid_text(object_label(item))}]"
        yield from _mermaid_level(graph, names, item.urn, indent + "  ")
        yield f"{indent}end"


def _dot_level(graph: Graph, names: Mapping[str, str], component: str | None, indent: str) -> Iterator[str]:
    components, objects = _inside(graph, component)
    for item in objects:
        style = ", style=dashed" if item.derived_from else ""
        yield f"{indent}{names[item.urn]} [label={_dot_text(object_label(item))}{style}];"
    for item in components:
        yield f"{indent}subgraph cluster_{names[item.urn]} {{"
        yield f"{indent}  label={_dot_text(object_label(item))};"
        yield from _dot_level(graph, names, item.urn, indent + "  ")
        yield f"{indent}}}"


def _mermaid_text(text: str) -> str:
    """A quoted label; everything unusual as Mermaid's entity code, since labels may hold markup."""
    return '"' + "".join(c if _MERMAID_PLAIN.fullmatch(c) else f"#{ord(c)};" for c in visible(text)) + '"'


def _dot_text(text: str) -> str:
    """A quoted string; backslashes would start an escape."""
    return '"' + visible(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
