"""The steps of a plan, timed inside one process: ``python -m tests.bench.phases FOLDER TARGET …`` prints them as JSON.

The SDKs are loaded before: what is left is what grows with an environment.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TypeVar

from bedplate.capacity.proof import prove
from bedplate.catalog import catalog
from bedplate.cli.pipeline import recorded
from bedplate.cli.planning import replacement_rules
from bedplate.cost.cost import cost
from bedplate.environment.load import load
from bedplate.output.plan import make_plan
from bedplate.output.review import Review
from bedplate.output.sides import Base
from bedplate.output.text import plan_text
from bedplate.policy.derived import with_derived
from bedplate.policy.discover import rules
from bedplate.policy.evaluate import evaluate
from tests.bench.floors import bare_loop
from tests.bench.growth import Steps, least

_RUNS = 2
_TODAY = date(2026, 11, 21)

T = TypeVar("T")


class _Clock:
    """CPU seconds by step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def time(self, step: str, work: Callable[[], T]) -> T:
        started = time.process_time()
        result = work()
        self.seconds[step] = time.process_time() - started
        return result


def timed(root: Path, target: str) -> Steps:
    """One plan of `target` below `root` against itself."""
    clock, facts = _Clock(), catalog.load()
    resolved = clock.time("load", lambda: load(root, target))
    registered = clock.time("record", lambda: recorded(resolved))
    graph = clock.time("derive", lambda: with_derived(registered, resolved))
    policies = clock.time("policies", lambda: evaluate(graph, resolved, rules(), today=_TODAY))
    capacity = clock.time("capacity", lambda: prove(graph, resolved, facts))
    costs = clock.time("cost", lambda: cost(graph, resolved, facts, today=_TODAY))
    review = Review(resolved=resolved, graph=graph, policies=policies, capacity=capacity, cost=costs, today=_TODAY)
    document = clock.time("document", review.to_json)
    plan = clock.time("compare", lambda: make_plan(review, Base("itself", document), replacement_rules(root)))
    clock.time("text", lambda: plan_text(plan))
    floor = _Clock()
    floor.time("bare", lambda: bare_loop(len(registered)))
    return Steps(len(registered), len(graph), clock.seconds, floor.seconds["bare"])


def main(arguments: Sequence[str]) -> None:
    """Time each folder's target a few times, after one run that loads the SDKs; print the least of each step."""
    gc.disable()  # as good as in a command, see bedplate.units.process
    places = [(Path(root), target) for root, target in zip(arguments[::2], arguments[1::2], strict=True)]
    timed(*places[0])
    answers = []
    for root, target in places:
        runs = []
        for _ in range(_RUNS):
            gc.collect()
            runs.append(timed(root, target))
        answers.append(asdict(least(runs)))
    print(json.dumps(answers))


if __name__ == "__main__":
    main(sys.argv[1:])
