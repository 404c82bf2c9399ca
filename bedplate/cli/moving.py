"""The steps of moving a state: it is complete, holds no secret, has an empty place to go to, and arrives whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bedplate.cli.errors import CommandError
from bedplate.engine.automation import Engine
from bedplate.environment.environment import Environment
from bedplate.environment.resolve import resolve
from bedplate.environment.stacks import LAYERS, parse_stack
from bedplate.graph.values import Json
from bedplate.output.plan import Exit

# How the engine marks an encrypted value (pulumi/sdk v3.259.0, go/common/resource: SigKey and SecretSig).
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"


@dataclass(frozen=True, slots=True)
class MoveResult:
    """How a move ended: all of it arrived, or it would have failed."""

    stack: str
    exit: Exit
    verdict: str
    resources: int
    backend: str

    def to_json(self) -> dict[str, Json]:
        return {
            "schema": "bedplate.move/v1",
            "stack": self.stack,
            "exit": int(self.exit),
            "verdict": self.verdict,
            "resources": self.resources,
            "backend": self.backend,
        }


def move_state(root: Path, stack: str, source: str) -> MoveResult:
    """Copy the state of `stack` from backend `source` to the environment's.

    Raises CommandError where the state is not there, not whole or not free of secrets, or where another would be lost.
    The state at `source` stays: whoever moved it removes it.
    """
    environment = _environment_of(root, stack)
    if source == environment.state.backend:
        raise CommandError(f"{stack} belongs in {source}: there is nowhere to move it to", Exit.USAGE)
    with (
        _engine(root, stack, source, environment) as old,
        _engine(root, stack, environment.state.backend, environment) as new,
    ):
        state, held = old.export(), old.held()
        if state is None or not held:
            raise CommandError(f"{source} holds nothing of {stack}", Exit.USAGE)
        _refuse_unfit(state, stack)
        if new.held():
            message = f"{new.backend} holds resources of {stack} already, and they would be forgotten"
            raise CommandError(message, Exit.INTEGRITY)
        new.select_stack()
        # What encrypted nothing need not be known where the state goes.
        state["deployment"].pop("secrets_providers", None)
        new.import_state(state)
        if new.held() != held:
            raise CommandError(
                f"{stack} did not arrive whole in {new.backend}; it is still in {source}", Exit.INTEGRITY
            )
    backend = environment.state.backend
    verdict = f"{stack}: {len(held)} resources moved to {backend}; remove what is left in {source}"
    return MoveResult(stack, Exit.OK, verdict, len(held), backend)


def _environment_of(root: Path, stack: str) -> Environment:
    target, _ = parse_stack(stack)
    resolved = resolve(root, target)
    environment = resolved.environment
    names = [each.name for each in resolved.stacks(LAYERS)]
    if stack not in names:
        raise CommandError(f"there is no stack {stack}: {target} has {', '.join(names)}", Exit.USAGE)
    return environment


def _engine(root: Path, stack: str, backend: str, environment: Environment) -> Engine:
    secrets = environment.state.secrets_provider
    return Engine(root, stack, backend=backend, secrets_provider=secrets, whatever_is_set=True)


def _refuse_unfit(state: Mapping[str, Any], stack: str) -> None:
    deployment = state["deployment"]
    if deployment.get("pending_operations"):
        message = f"an apply of {stack} was cut off; run `bedplate apply` on it where it is, and move it then"
        raise CommandError(message, Exit.INTEGRITY)
    if _holds_secret(deployment.get("resources")):
        message = (
            f"{stack} holds secrets, which another key would have to encrypt anew: move it with `pulumi stack export`"
        )
        raise CommandError(f"{message}, `import` and `change-secrets-provider`", Exit.USAGE)


def _holds_secret(value: object) -> bool:
    if isinstance(value, Mapping):
        return value.get(_SIGNATURE) == _SECRET or any(_holds_secret(item) for item in value.values())
    return isinstance(value, list) and any(_holds_secret(item) for item in value)
