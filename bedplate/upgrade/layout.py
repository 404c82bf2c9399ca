"""Where new keys are usually written in an environment file: in the order of the reference page."""

from __future__ import annotations

from collections.abc import Sequence

from bedplate.environment.environment import Environment
from bedplate.model.spec import Spec
from bedplate.model.tree import Path
from components.karpenter.spec import KarpenterPoolSpec
from components.node_fields import AmiSpec
from components.node_pool.spec import NodePoolSpec, SizeSpec


def key_order(path: Path) -> Sequence[str]:
    """Keys of the mapping at `path`; empty where an upgrade never adds one."""
    if not path:
        return ("schema", "extends", *_keys(Environment)[1:])
    if path[0] != "nodePools":
        return ()
    pool = tuple(dict.fromkeys((*_keys(NodePoolSpec), *_keys(KarpenterPoolSpec))))
    return {2: pool, 3: {"ami": _keys(AmiSpec), "size": _keys(SizeSpec)}.get(str(path[-1]), ())}.get(len(path), ())


def _keys(model: type[Spec]) -> tuple[str, ...]:
    return tuple(str(field.alias) for field in model.model_fields.values())
