"""`bedplate doctor` names what is missing, each with a fix, and tells what stops an apply from what does not."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from bedplate.graph.values import Json
from tests.cli.running import edited, run
from tests.lock.repositories import LOCK
from tests.support.environments import repository

TODAY = "2026-11-21"
VERSIONS = {
    "pulumi": "v3.259.0",
    "aws": "aws-cli/2.31.0 Python/3.13.7 Linux/6.1",
    "helm": "v3.22.0+g144a0a4",
    "git": "git version 2.39.5",
}
LANGUAGE_HOST = "pulumi-language-python"
PLUGINS = {"aws": "pulumi-aws", "kubernetes": "pulumi-kubernetes"}


class Machine:
    """A PATH of fake programs, a Pulumi home with fake plugins, and a passphrase."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.programs = folder / "bin"
        self.home = folder / "pulumi"
        self.monkeypatch = monkeypatch
        self.programs.mkdir()
        for name, said in VERSIONS.items():
            self.program(name, f"echo '{said}'")
        self.program(LANGUAGE_HOST, "exit 1")
        for name in PLUGINS:
            self.plugin(name)
        monkeypatch.setenv("PATH", str(self.programs))
        monkeypatch.setenv("PULUMI_HOME", str(self.home))
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "open sesame")
        monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)

    def program(self, name: str, script: str) -> Path:
        """Put a shell script on PATH."""
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    def plugin(self, name: str) -> Path:
        """Install a plugin of the release that the SDK wants."""
        path = self.home / "plugins" / f"resource-{name}-v{version(PLUGINS[name])}" / f"pulumi-resource-{name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        return path


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path / "root")


def doctor(root: Path, now: str = TODAY) -> tuple[int, dict[str, dict[str, str]]]:
    """Exit code, and what was found, by name of the check."""
    done = run("doctor", "--root", str(root), "--now", now, "--json")
    document = done.json
    assert document["schema"] == "bedplate.doctor/v1"
    for check in document["checks"]:
        assert bool(check["fix"]) == (check["state"] != "ok"), "whatever is not well has a fix, and nothing else"
    return done.code, {check.pop("name"): check for check in document["checks"]}


def test_a_machine_with_everything_is_ready(machine: Machine, root: Path) -> None:
    code, checks = doctor(root)
    assert code == 0
    assert [name for name, check in checks.items() if check["state"] == "missing"] == []
    assert {name: checks[name]["found"] for name in VERSIONS} == VERSIONS
    assert checks["plugin aws"]["found"] == f"v{version('pulumi-aws')}"


def test_people_read_the_verdict_first_then_each_check_with_its_fix(machine: Machine, root: Path) -> None:
    (machine.programs / "helm").unlink()
    done = run("doctor", "--root", str(root), "--now", TODAY)
    assert (done.code, done.err) == (0, "")
    first, *lines = done.out.splitlines()
    assert first == "ready to apply, 3 warnings"
    at = next(n for n, line in enumerate(lines) if line.split()[:2] == ["warning", "helm"])
    assert lines[at].endswith("not on PATH")
    assert lines[at + 1].strip() == "fix: needed to expand charts only; in Bedplate's own repository: make toolchain"


@pytest.mark.parametrize("name", ["pulumi", LANGUAGE_HOST, "aws"])
def test_a_program_that_an_apply_needs_stops_it(machine: Machine, root: Path, name: str) -> None:
    (machine.programs / name).unlink()
    code, checks = doctor(root)
    assert code == 1
    assert (checks[name]["state"], checks[name]["found"]) == ("missing", "not on PATH")
    assert run("doctor", "--root", str(root), "--now", TODAY).out.startswith("not ready to apply: 1 of ")


@pytest.mark.parametrize("name", ["helm", "git"])
def test_a_program_that_only_some_commands_need_is_a_warning(machine: Machine, root: Path, name: str) -> None:
    (machine.programs / name).unlink()
    code, checks = doctor(root)
    assert (code, checks[name]["state"]) == (0, "warning")


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("v3.259.0", "ok"),
        ("v3.300.1-alpha.1", "ok"),
        ("v4.0.0", "ok"),
        ("v3.258.9", "missing"),
        ("v2.9.9", "missing"),
        ("unversioned", "missing"),
    ],
)
def test_the_engine_has_a_lowest_version(machine: Machine, root: Path, said: str, state: str) -> None:
    machine.program("pulumi", f"echo '{said}'")
    _, checks = doctor(root)
    assert checks["pulumi"]["state"] == state
    assert checks["pulumi"]["found"] == (said if state == "ok" else f"{said} is too old")


def test_a_program_that_fails_is_not_well_and_its_words_are_passed_on(machine: Machine, root: Path) -> None:
    path = machine.program("pulumi", "echo 'no space left' >&2; exit 3")
    code, checks = doctor(root)
    assert code == 1
    assert checks["pulumi"]["found"] == f"{path} fails with 3: no space left"


def test_a_program_that_cannot_be_run_is_not_well(machine: Machine, root: Path) -> None:
    path = machine.programs / "pulumi"
    path.write_bytes(b"\x7fELF no program")
    code, checks = doctor(root)
    assert code == 1
    assert checks["pulumi"]["found"] == f"{path} cannot be run: Exec format error"


def test_a_program_that_tells_its_version_on_stderr_is_well(machine: Machine, root: Path) -> None:
    machine.program("aws", "echo 'aws-cli/1.2.3' >&2")
    assert doctor(root)[1]["aws"] == {"state": "ok", "found": "aws-cli/1.2.3", "fix": ""}


def test_a_plugin_that_is_missing_is_named_with_the_command_that_installs_it(machine: Machine, root: Path) -> None:
    machine.plugin("aws").unlink()  # what an installation leaves that was cut off
    code, checks = doctor(root)
    wanted = f"v{version('pulumi-aws')}"
    fix = f"pulumi plugin install resource aws {wanted}"
    assert code == 1
    assert checks["plugin aws"] == {"state": "missing", "found": f"{wanted} is not installed", "fix": fix}


def test_a_plugin_on_path_is_enough(machine: Machine, root: Path) -> None:
    machine.plugin("kubernetes").unlink()
    machine.program("pulumi-resource-kubernetes", "exit 1")
    assert doctor(root)[1]["plugin kubernetes"]["found"] == "on PATH"


def test_a_passphrase_is_asked_for_where_the_state_needs_one_and_never_shown(machine: Machine, root: Path) -> None:
    assert doctor(root)[1]["dev: passphrase"]["found"] == "given"
    assert "open sesame" not in run("doctor", "--root", str(root)).out
    machine.monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    code, checks = doctor(root)
    assert (code, checks["dev: passphrase"]["state"]) == (1, "missing")
    machine.monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", "somewhere")
    assert doctor(root)[0] == 0


def test_old_prices_are_a_warning(machine: Machine, root: Path) -> None:
    assert doctor(root, "2026-11-21")[1]["prices"]["state"] == "ok"
    code, checks = doctor(root, "2027-06-01")
    assert (code, checks["prices"]["state"]) == (0, "warning")


def test_kubernetes_that_leaves_support_soon_or_has_left_it_is_a_warning(machine: Machine, root: Path) -> None:
    name = "dev: Kubernetes 1.35"
    assert doctor(root, "2027-01-25")[1][name]["state"] == "ok"
    soon = doctor(root, "2027-01-26")[1][name]
    assert (soon["state"], soon["found"]) == ("warning", "standard support ends 2027-03-27, 60 days left")
    assert doctor(root, "2027-03-28")[1][name]["found"] == "extended support ends 2028-03-27, 365 days left"
    assert doctor(root, "2028-03-28")[1][name]["found"] == "all support ended 2028-03-27"


def test_references_that_the_lock_leaves_open_are_a_warning(machine: Machine, root: Path) -> None:
    lock = root / LOCK
    text = lock.read_text(encoding="utf-8").replace("kserve-crd:v0.20.0", "kserve-crd:v0.19.0")
    lock.write_text(text, encoding="utf-8")
    code, checks = doctor(root)
    assert (code, checks["dev: lock"]["state"]) == (0, "warning")
    assert checks["dev: lock"]["found"].startswith("unresolved: ")
    assert checks["dev: lock"]["fix"] == "bedplate lock dev; it lists what stays open"


def test_charts_that_nobody_expanded_are_a_warning(machine: Machine, root: Path) -> None:
    check = doctor(root)[1]["dev: charts"]
    assert check["state"] == "warning"
    assert check["found"] == "not vendored: cert-manager, envoy-gateway, kserve, kserve-crd"
    assert check["fix"] == "bedplate lock dev --chart cert-manager=PATH, and so for each"


def test_no_lock_at_all_is_a_warning(machine: Machine, root: Path) -> None:
    (root / LOCK).unlink()
    expected = {"state": "warning", "found": "there is none", "fix": "bedplate lock dev"}
    assert doctor(root)[1]["dev: lock"] == expected


def test_an_environment_that_does_not_load_stops_an_apply(machine: Machine, tmp_path: Path) -> None:
    broken = edited(tmp_path / "broken", lambda document: {**document, "tier": "prodution", "surplus": 1})
    code, checks = doctor(broken)
    assert code == 1
    assert checks["dev"] == {"state": "missing", "found": "2 problems", "fix": "bedplate validate dev"}


def waiver(expires: str) -> Callable[[Json], Json]:
    """An edit that adds one waiver until `expires`."""
    added = {
        "policy": "workloads/images-pinned",
        "target": "Pod research/chat-predictor-*",
        "reason": "the vendor publishes no digest",
        "owner": "ada@example.org",
        "approver": "grace@example.org",
        "expires": expires,
    }
    return lambda document: {**document, "policies": {"waivers": [added]}}


@pytest.mark.parametrize(
    ("expires", "state", "found"),
    [
        ("2026-12-06", "ok", "expires 2026-12-06"),
        ("2026-12-05", "warning", "expires 2026-12-05"),
        ("2026-11-21", "warning", "expires 2026-11-21"),
        ("2026-11-20", "warning", "expired 2026-11-20"),
    ],
)
def test_a_waiver_that_ends_within_two_weeks_is_a_warning(
    machine: Machine, tmp_path: Path, expires: str, state: str, found: str
) -> None:
    code, checks = doctor(edited(tmp_path / "waived", waiver(expires)))
    check = checks["dev: waiver workloads/images-pinned"]
    assert (code, check["state"], check["found"]) == (0, state, found)
    if state == "warning":
        assert check["fix"] == "ask ada@example.org to renew it or to mend Pod research/chat-predictor-*"


def test_a_folder_without_environments_is_told(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    code, checks = doctor(tmp_path / "empty")
    assert (code, checks["environments"]["state"]) == (0, "warning")
