"""The checks of `bedplate doctor`: tools for apply, and ages of what the repository holds."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from bedplate.catalog.catalog import load_for
from bedplate.environment.load import load
from bedplate.environment.references import not_vendored, open_references
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.sections import WaiverSpec
from bedplate.environment.targets import FOLDER, all_targets
from bedplate.graph.values import Json
from bedplate.model.source import InputError
from bedplate.output.wording import many
from bedplate.policy.own import rules_for
from bedplate.upgrade.clocks import clocks
from bedplate.upgrade.steps import Clock

State = Literal["ok", "warning", "missing"]

# List prices of GPU instances changed about twice a year of late.
PRICES_OLD_AFTER = timedelta(days=180)
WAIVER_WARNING = timedelta(days=14)
SUPPORT_WARNING = timedelta(days=60)

_TOOL_SECONDS = 20
_VERSION = re.compile(r"\d+(\.\d+)+")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `missing` stops an apply, `warning` does not; both have a fix."""

    name: str
    state: State
    found: str
    fix: str = ""

    def to_json(self) -> dict[str, Json]:
        return {"name": self.name, "state": self.state, "found": self.found, "fix": self.fix}


@dataclass(frozen=True, slots=True)
class _Tool:
    """A program, how it tells its version (nothing: it is not run), and the state and fix where it is no use."""

    name: str
    arguments: tuple[str, ...]
    state: State
    fix: str
    minimum: tuple[int, ...] = ()


_OURS = "in Bedplate's own repository: make toolchain"
_TOOLS = (
    _Tool(
        "pulumi",
        ("version",),
        "missing",
        f"install the Pulumi CLI 3.259 or newer; {_OURS}",
        minimum=(3, 259),
    ),
    _Tool(
        "pulumi-language-python",
        (),
        "missing",
        f"it comes with the Pulumi CLI; {_OURS}",
    ),
    _Tool("aws", ("--version",), "missing", "install the AWS CLI: the cluster's kubeconfig asks it for tokens"),
    _Tool(
        "helm",
        ("version", "--short"),
        "warning",
        f"needed to expand charts only; {_OURS}",
    ),
    _Tool("git", ("--version",), "warning", "install git: without it a plan has nothing to compare with"),
)


def check_up(root: Path, today: date) -> list[Check]:
    """Every check, tools first."""
    tools = [*map(_tool, _TOOLS), *_plugins()]
    return [*tools, *_catalog(root, today), *_policies(root), *_environments(root, today)]


def verdict(checks: Sequence[Check]) -> str:
    """What all `checks` come to, in one line."""
    missing = sum(1 for check in checks if check.state == "missing")
    warnings = sum(1 for check in checks if check.state == "warning")
    ready = f"not ready to apply: {missing} of {len(checks)} checks failed" if missing else "ready to apply"
    return f"{ready}, {many(warnings, 'warning')}" if warnings else ready


def _tool(tool: _Tool) -> Check:
    path = shutil.which(tool.name)
    if path is None:
        return Check(tool.name, tool.state, "not on PATH", tool.fix)
    if not tool.arguments:
        return Check(tool.name, "ok", "on PATH")
    works, said = _asked([path, *tool.arguments])
    if works and not _at_least(said, tool.minimum):
        works, said = False, f"{said} is too old"
    return Check(tool.name, "ok", said) if works else Check(tool.name, tool.state, said, tool.fix)


def _asked(argv: list[str]) -> tuple[bool, str]:
    """Whether a program works, and the first line that it says; why it does not, else."""
    env = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        done = subprocess.run(
            argv, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_TOOL_SECONDS
        )
    except OSError as error:
        return False, f"{argv[0]} cannot be run: {error.strerror}"
    except subprocess.TimeoutExpired:
        return False, f"{argv[0]} does not answer within {_TOOL_SECONDS} s"
    line = (done.stdout.strip() or done.stderr.strip()).partition("\n")[0]
    return (True, line) if done.returncode == 0 else (False, f"{argv[0]} fails with {done.returncode}: {line}")


def _at_least(said: str, minimum: tuple[int, ...]) -> bool:
    """Whether the version in `said` is `minimum` or newer; one that cannot be read is not."""
    found = _VERSION.search(said)
    return not minimum or (found is not None and tuple(map(int, found[0].split("."))) >= minimum)


def _plugins() -> Iterator[Check]:
    home = Path(os.environ.get("PULUMI_HOME", Path.home() / ".pulumi"))
    for name, package in (("aws", "pulumi-aws"), ("kubernetes", "pulumi-kubernetes")):
        wanted, program = version(package), f"pulumi-resource-{name}"
        # The folder alone may be what an installation left that was cut off.
        installed = (home / "plugins" / f"resource-{name}-v{wanted}" / program).exists()
        if installed or shutil.which(program):
            yield Check(f"plugin {name}", "ok", f"v{wanted}" if installed else "on PATH")
        else:
            fix = f"pulumi plugin install resource {name} v{wanted}"
            yield Check(f"plugin {name}", "missing", f"v{wanted} is not installed", fix)


def _catalog(root: Path, today: date) -> Iterator[Check]:
    try:
        prices = load_for(root).prices
    except InputError as error:
        yield Check("catalogue", "missing", many(len(error.problems), "problem"), "bedplate validate")
        return
    oldest = min(price.as_of for price in prices.values())
    fresh = today - oldest <= PRICES_OLD_AFTER
    fix = "" if fresh else "update the catalogue's prices, with their source"
    yield Check("prices", "ok" if fresh else "warning", f"as of {oldest.isoformat()}", fix)


def _policies(root: Path) -> Iterator[Check]:
    """Those of the repository's own, where it has any."""
    try:
        own = len(rules_for(root)) - len(rules_for(None))
    except InputError as error:
        yield Check("policies", "missing", many(len(error.problems), "problem"), "bedplate validate")
        return
    if own:
        yield Check("policies", "ok", f"{own} of this repository's own")


def _environments(root: Path, today: date) -> Iterator[Check]:
    names = all_targets(root)
    if not names:
        fix = "stand in a platform repository, or name one with --root"
        yield Check("environments", "warning", f"there is none in {FOLDER}/", fix)
    for name in names:
        try:
            resolved = load(root, name)
        except InputError as error:
            yield Check(name, "missing", many(len(error.problems), "problem"), f"bedplate validate {name}")
        else:
            yield _lock(resolved)
            yield from _charts(resolved)
            yield from _passphrase(resolved)
            yield from (_support(resolved, clock) for clock in clocks(resolved, resolved.catalog, today))
            yield from (_waiver(name, waiver, today) for waiver in resolved.environment.policies.waivers)


def _lock(resolved: ResolvedEnvironment) -> Check:
    name, fix = f"{resolved.name}: lock", f"bedplate lock {resolved.name}"
    if resolved.lock is None:
        return Check(name, "warning", "there is none", fix)
    left = open_references(resolved, resolved.lock, ())
    if not left:
        return Check(name, "ok", "whole")
    more = f" and {len(left) - 1} more" if len(left) > 1 else ""
    return Check(name, "warning", f"unresolved: {left[0]}{more}", f"{fix}; it lists what stays open")


def _charts(resolved: ResolvedEnvironment) -> Iterator[Check]:
    charts = not_vendored(resolved)
    if charts:
        fix = f"bedplate lock {resolved.name} --chart {charts[0]}=PATH, and so for each"
        yield Check(f"{resolved.name}: charts", "warning", f"not vendored: {', '.join(charts)}", fix)


def _passphrase(resolved: ResolvedEnvironment) -> Iterator[Check]:
    if resolved.environment.state.secrets_provider != "passphrase":
        return
    name = "PULUMI_CONFIG_PASSPHRASE"
    if name in os.environ or f"{name}_FILE" in os.environ:
        yield Check(f"{resolved.name}: passphrase", "ok", "given")
    else:
        fix = f"export {name}, or {name}_FILE with the file that holds it"
        yield Check(f"{resolved.name}: passphrase", "missing", "its state is encrypted with one", fix)


def _support(resolved: ResolvedEnvironment, clock: Clock) -> Check:
    name, support = f"{resolved.name}: {clock.subject}", clock.support
    fix = f"bedplate upgrade {resolved.name} shows the way to newer versions"
    if support.ends is None or support.days_left is None:
        found = f"all support ended {support.ends.isoformat()}" if support.ends else "support is unknown"
        return Check(name, "warning", found, fix)
    found = f"{support.status} support ends {support.ends.isoformat()}, {many(support.days_left, 'day')} left"
    if support.status == "standard" and timedelta(days=support.days_left) > SUPPORT_WARNING:
        return Check(name, "ok", found)
    return Check(name, "warning", found, fix)


def _waiver(environment: str, waiver: WaiverSpec, today: date) -> Check:
    name = f"{environment}: waiver {waiver.policy}"
    found = f"{'expired' if waiver.expires < today else 'expires'} {waiver.expires.isoformat()}"
    if waiver.expires - today > WAIVER_WARNING:
        return Check(name, "ok", found)
    return Check(name, "warning", found, f"ask {waiver.owner} to renew it or to mend {waiver.target}")
