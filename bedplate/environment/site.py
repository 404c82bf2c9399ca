"""A site's file: a closed overlay over the environment's definition, with the place of every value kept."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from bedplate.environment.sections import SiteSpec
from bedplate.environment.stacks import LAYERS
from bedplate.environment.targets import FOLDER
from bedplate.model.source import InputError, Problem, did_you_mean
from bedplate.model.tree import Mapping, Node, Scalar, Sequence, format_path
from bedplate.model.validate import validate
from bedplate.model.yaml_reader import read_file

# Where a site's values belong in the environment. Its registry is no value of the environment: it changes where images
# are pulled from, not which.
_PLACES = {
    "backend": ("state", "backend"),
    "context": ("cluster", "context"),
    "host": ("serving", "gateway", "host"),
}


def read_site(root: Path, environment: str, site: str, pools: Collection[str]) -> tuple[SiteSpec, Mapping]:
    """The site and what it lays over the environment, which has `pools`. Raises InputError with every problem."""
    relative = f"{FOLDER}/{environment}/sites/{site}.yaml"
    tree = read_file(root, relative).root
    spec = validate(SiteSpec, tree)
    place = tree.items["site"].position
    if spec.site != site:
        raise InputError([Problem(place, "site", f"is {spec.site!r}, but the file is called {site}.yaml")])
    if site in LAYERS:
        message = f"{site!r} is the name of a layer, and stacks are called <env>.<site>.<layer>"
        raise InputError([Problem(place, format_path(("site",)), message)])
    nodes = tree.items.get("nodes")
    strange = [name for name in spec.nodes if name not in pools]
    if isinstance(nodes, Mapping) and strange:
        message = "is no pool of the environment"
        raise InputError(
            [
                Problem(
                    nodes.key_positions[name],
                    format_path(("nodes", name)),
                    message,
                    tuple(pools),
                    did_you_mean(name, pools),
                )
                for name in strange
            ]
        )
    return spec, _overlay(tree)


def _overlay(tree: Mapping) -> Mapping:
    """The site's values at the places where the environment has them."""
    items: dict[str, Node] = {}
    for key, path in _PLACES.items():
        if key in tree.items:
            node: Node = tree.items[key]
            for step in reversed(path[1:]):
                node = Mapping({step: node}, {step: tree.key_positions[key]}, node.position)
            items[path[0]] = node
    nodes = tree.items.get("nodes")
    if isinstance(nodes, Mapping):
        items["nodePools"] = Sequence(tuple(_pool(nodes, name) for name in nodes.items), nodes.position)
    return Mapping(items, {key: node.position for key, node in items.items()}, tree.position)


def _pool(nodes: Mapping, name: str) -> Mapping:
    """The pool `name` with the nodes that the site names."""
    position = nodes.key_positions[name]
    items: dict[str, Node] = {"name": Scalar(name, name, position), "nodes": nodes.items[name]}
    return Mapping(items, dict.fromkeys(items, position), position)
