"""The one state that cannot be where it belongs: that of the layer which makes the bucket."""

from __future__ import annotations

from bedplate.environment.environment import Environment
from bedplate.environment.stacks import parse_stack


def comes_before_the_bucket(environment: Environment, stack: str, backend: str) -> bool:
    """Whether `backend` is a folder that may hold `stack` until the bucket of `state.backend` is there.

    That is so for the bootstrap layer alone, while it makes that bucket; see docs/how-to/bootstrap-an-account.md.
    """
    spec = environment.bootstrap
    makes_it = spec is not None and spec.state_bucket is not None
    return makes_it and parse_stack(stack)[1] == "bootstrap" and backend.startswith("file://")
