"""What the program's own process takes under the real engine, beside the same program as the stock SDK runs it.

The program registers plain buckets: what is measured is the SDK's part and what Bedplate changes about it, the wait at
the end of a program and searches for unreachable cycles.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from tests.engine.project import Project, new_project
from tests.support.engine import EngineSandbox

COUNT = 1_000
"""Resources of the program."""
# How long the made-up account takes to make one bucket.
_CREATE_SECONDS = 0.1
# The whole of an `up` of the stock SDK takes minutes.
_TIMEOUT_SECONDS = 1_800.0
_USED = "BEDPLATE_BENCH_USED"

GOALS: Mapping[str, float] = {"engine-preview": 0.60, "engine-up": 0.25}
"""CPU seconds of Bedplate's way, at most this part of the stock SDK's."""

_OWN_WAY = "from bedplate.engine._sdk import prepare_program; prepare_program()"
_PROGRAM = """
import atexit, json, os, resource
import pulumi, pulumi_aws as aws

def say_what_was_used():
    used = resource.getrusage(resource.RUSAGE_SELF)
    with open(os.environ["BEDPLATE_BENCH_USED"], "w") as file:
        json.dump({"cpu": used.ru_utime + used.ru_stime, "peak_mib": used.ru_maxrss / 1024}, file)

atexit.register(say_what_was_used)
options = pulumi.ResourceOptions(provider=aws.Provider("aws", region="eu-west-1"))
for number in range(COUNT):
    aws.s3.Bucket(f"bucket-{number}", opts=options)
"""


@dataclass(frozen=True, slots=True)
class Used:
    """CPU seconds and peak memory in MiB of the program's process."""

    cpu: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class BesideStock:
    """One command of the engine; `name` is that of its ratio."""

    name: str
    count: int
    stock: Used
    own: Used

    @property
    def ratio(self) -> float:
        """CPU seconds as a part of the stock SDK's."""
        return self.own.cpu / self.stock.cpu

    @property
    def within(self) -> bool:
        return self.ratio <= GOALS[self.name]


def beside_stock(count: int = COUNT) -> list[BesideStock]:
    """A preview and an `up` of `count` buckets, in the stock way and in Bedplate's.

    Raises ToolchainError where the Pulumi CLI is missing.
    """
    stock, own = _commands("", count), _commands(_OWN_WAY, count)
    return [BesideStock(name, count, stock[name], own[name]) for name in GOALS]


def _commands(way: str, count: int) -> dict[str, Used]:
    with EngineSandbox() as sandbox:
        sandbox.env[_USED] = str(sandbox.root / "used.json")
        project = new_project(sandbox, sandbox.root / "small", f"{way}\nCOUNT = {count}\n{_PROGRAM}")
        preview = _used(project, "preview")
        slow = {"match": "s3/bucket", "operation": "create", "delaySeconds": _CREATE_SECONDS}
        sandbox.aws.set_faults([slow])
        up = _used(project, "up", "--yes", "--skip-preview")
        assert len(sandbox.aws.journal()) == count
    return {"engine-preview": preview, "engine-up": up}


def _used(project: Project, *arguments: str) -> Used:
    project.sandbox.pulumi(*arguments, cwd=project.folder, timeout=_TIMEOUT_SECONDS)
    with open(project.sandbox.env[_USED], encoding="utf-8") as file:
        return Used(**json.load(file))
