"""What must hold after a step before the next one may be taken. As data: who asks a cluster is elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bedplate.catalog.catalog import Catalog
from bedplate.environment.environment import Environment
from bedplate.environment.facts import pool_image
from bedplate.environment.gates import minimum_gpus
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.upgrade.holds import Nodes
from bedplate.upgrade.steps import Gate
from bedplate.upgrade.used import versioned_pools
from components.gpu_baseline.gates import GATES


def control_plane_gates(
    environment: Environment, catalog: Catalog, kubernetes: str, pools: Iterable[Nodes]
) -> Iterator[Gate]:
    """The API server is new, and no node went away from it."""
    yield Gate("controlPlane", "", f"the API server runs Kubernetes {kubernetes}", version=kubernetes)
    for nodes in pools:
        yield from _nodes(nodes, nodes.now.kubernetes)
    yield from health_gates(environment, catalog)


def pool_gates(environment: Environment, catalog: Catalog, nodes: Nodes) -> Iterator[Gate]:
    """The pool's new nodes are there, and all GPUs are healthy."""
    yield from _nodes(nodes, nodes.goal.kubernetes)
    yield from health_gates(environment, catalog)


def health_gates(environment: Environment, catalog: Catalog) -> Iterator[Gate]:
    """The environment's own gates (`gpuBaseline.health`); none where nothing has a GPU."""
    minimum = minimum_gpus(environment, catalog)
    for name in environment.gpu_baseline.health.gates:
        least = minimum if name == "minimumGpus" else 0
        yield Gate("health", name, f"{GATES[name].holds}{f' ({least})' if least else ''}", least=least)


def _nodes(nodes: Nodes, kubernetes: str) -> Iterator[Gate]:
    least = nodes.desired
    if least:
        title = f"{least} nodes of {nodes.name} are Ready" if least > 1 else f"the node of {nodes.name} is Ready"
        yield Gate("nodes", nodes.name, f"{title}, with Kubernetes {kubernetes}", version=kubernetes, least=least)


def present_gates(resolved: ResolvedEnvironment, catalog: Catalog) -> tuple[Gate, ...]:
    """What must hold wherever the files stand: those of every step that was taken are among them."""
    version = resolved.baseline.kubernetes
    gates = [Gate("controlPlane", "", f"the API server runs Kubernetes {version}", version=version)]
    for facts in versioned_pools(resolved, catalog):
        image = pool_image(facts, resolved.baseline, resolved.catalog)
        gates += _nodes(Nodes(facts, image, image), image.kubernetes)
    return (*gates, *health_gates(resolved.environment, catalog))
