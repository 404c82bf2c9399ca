"""Waiting for gates: until all have been open for as long as the environment asks for, or time is up."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bedplate.cli.errors import CommandError
from bedplate.cli.observing import look
from bedplate.cli.options import talk
from bedplate.engine.kubernetes import ClusterError
from bedplate.environment.load import load
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.upgrade.gates import present_gates
from bedplate.upgrade.judging import Judged, judged

_POLL_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Watchman:
    """How the cluster is reached, and how long a gate may stay shut, in minutes."""

    kubeconfig: Path | None
    context: str | None
    minutes: float

    def wait(self, root: Path, targets: Sequence[str]) -> tuple[Judged, ...]:
        """The gates that did not open in time, of the first of `targets` where some did not; empty where all are open.

        Gates have to stay open for `gpuBaseline.health.settleMinutes`. Raises CommandError where no cluster can be
        asked.
        """
        for target in targets:
            shut = self._wait(load(root, target))
            if shut:
                return shut
        return ()

    def _wait(self, resolved: ResolvedEnvironment) -> tuple[Judged, ...]:
        settle = resolved.environment.gpu_baseline.health.settle_minutes * 60
        end, open_since, told = time.monotonic() + self.minutes * 60, None, ""
        while True:
            shut = self._shut(resolved, quiet=bool(told))
            now = time.monotonic()
            if not shut:
                open_since = now if open_since is None else open_since
                if now - open_since >= settle:
                    return ()
            elif now >= end:
                return shut
            else:
                open_since = None
            text = _waiting(resolved, shut)
            if text != told:
                talk(text)
            told = text
            time.sleep(_POLL_SECONDS)

    def _shut(self, resolved: ResolvedEnvironment, *, quiet: bool) -> tuple[Judged, ...]:
        try:
            sight = look(resolved.environment, self.kubeconfig, self.context, quiet=quiet)
        except ClusterError as error:
            raise CommandError(f"no gate can be told: {error}") from error
        results = judged(present_gates(resolved, resolved.catalog), sight)
        return tuple(item for item in results if item.verdict != "open")


def _waiting(resolved: ResolvedEnvironment, shut: Sequence[Judged]) -> str:
    if not shut:
        minutes = resolved.environment.gpu_baseline.health.settle_minutes
        return f"{resolved.name}: every gate is open; they have to stay so for {minutes} min"
    return f"{resolved.name}: waiting for {', '.join(item.gate.subject or item.gate.kind for item in shut)}"
