"""The engine's sandbox, with a shell script in place of the CLI: what it keeps apart, and what it leaves behind."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.engine import EngineError, EngineSandbox, EngineTools, platform_copy
from tests.support.langhost.install import RUNNER
from tests.support.polling import poll
from tests.support.processes import kill_marked, marked_processes

STARTED_SECONDS = 20.0


@pytest.fixture
def tools(tmp_path: Path) -> EngineTools:
    runner = tmp_path / "sdk" / RUNNER
    runner.parent.mkdir(parents=True)
    runner.touch()
    kubernetes = tmp_path / "pulumi-resource-kubernetes"
    kubernetes.touch(mode=0o755)
    return EngineTools(_script(tmp_path / "pulumi", 'exec /bin/sh -c "$@"'), tmp_path / "sdk", kubernetes)


def test_programs_and_plugins_lie_where_the_engine_looks_for_them(tools: EngineTools) -> None:
    with EngineSandbox(tools) as sandbox:
        programs = sandbox.root / "bin"
        # The engine follows links to find the folder in which the host must be.
        assert not (programs / "pulumi").is_symlink()
        assert {path.name for path in programs.iterdir()} == {"aws", "pulumi", "pulumi-language-python"}
        plugins = sandbox.root / "pulumi" / "plugins"
        names = sorted(str(path.relative_to(plugins)) for path in plugins.rglob("pulumi-resource-*"))
        assert [name.split("/")[1] for name in names] == ["pulumi-resource-aws", "pulumi-resource-kubernetes"]
        assert names[0].startswith("resource-aws-v7.51.")
        assert names[1].startswith("resource-kubernetes-v4.25.")


def test_a_sandbox_without_the_kubernetes_plugin_has_the_others(tools: EngineTools) -> None:
    with EngineSandbox(EngineTools(tools.pulumi, tools.sdk_module, None)) as sandbox:
        assert [path.name for path in (sandbox.root / "pulumi" / "plugins").iterdir()] == ["resource-aws-v7.51.1"]


def test_nothing_of_the_users_environment_reaches_the_engine(
    tools: EngineTools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_PROFILE", "KUBECONFIG", "PULUMI_ACCESS_TOKEN"):
        monkeypatch.setenv(name, "of the user")
    with EngineSandbox(tools) as sandbox:
        lines = sandbox.pulumi("env", cwd=tmp_path).stdout.splitlines()
        values = dict(line.split("=", 1) for line in lines if "=" in line)
        assert "of the user" not in values.values()
        assert values["HOME"] == str(sandbox.root / "home")
        assert values["FAKE_AWS_DIR"] == str(sandbox.fake_aws_dir)
        assert sandbox.pulumi("command -v aws", cwd=tmp_path).stdout.strip() == str(sandbox.root / "bin" / "aws")


def test_two_sandboxes_at_a_time_share_nothing(tools: EngineTools) -> None:
    with EngineSandbox(tools) as one, EngineSandbox(tools) as other:
        apart = {name for name in one.env if one.env[name] != other.env[name]}
        assert apart == {name for name, value in one.env.items() if str(one.root) in value}
        assert apart >= {"FAKE_AWS_DIR", "HOME", "PATH", "PULUMI_BACKEND_URL", "PULUMI_HOME", "TMPDIR"}


def test_an_error_of_the_cli_is_told_with_all_that_it_said(tools: EngineTools, tmp_path: Path) -> None:
    with EngineSandbox(tools) as sandbox:
        with pytest.raises(EngineError, match=r"(?s)exit code 3.*--- output\nout\n.*--- errors\nerr\n"):
            sandbox.pulumi("echo out; echo err >&2; exit 3", cwd=tmp_path)
        assert sandbox.pulumi("exit 7", cwd=tmp_path, check=False).returncode == 7


def test_a_cli_that_takes_too_long_is_killed(tools: EngineTools, tmp_path: Path) -> None:
    with EngineSandbox(tools) as sandbox:
        with pytest.raises(EngineError, match=r"(?s)was killed after 0\.2 s.*started"):
            sandbox.pulumi("echo started; exec sleep 600", cwd=tmp_path, timeout=0.2)
        assert sandbox.processes() == []


def test_leaving_the_block_ends_every_process_also_one_that_ran_away(tools: EngineTools, tmp_path: Path) -> None:
    with EngineSandbox(tools) as sandbox:
        sandbox.start("sleep 600 & exec sleep 600", cwd=tmp_path)
        # A session of its own, and no parent any more.
        sandbox.pulumi("setsid sleep 600 >/dev/null 2>&1 &", cwd=tmp_path)
        subprocess.Popen(["sleep", "600"], env=sandbox.env)
        poll("four sleeping processes", lambda: len(sandbox.processes()) == 4, STARTED_SECONDS)
    assert sandbox.processes() == []
    assert not sandbox.root.exists()


def test_the_processes_of_others_are_left_alone(tools: EngineTools, tmp_path: Path) -> None:
    with EngineSandbox(tools) as outer:
        with EngineSandbox(tools) as inner:
            sleeping = outer.start("exec sleep 600", cwd=tmp_path)
            inner.start("exec sleep 600", cwd=tmp_path)
        assert sleeping.poll() is None
        assert outer.processes() == [sleeping.pid]


def test_a_process_is_known_by_the_environment_that_it_was_started_with() -> None:
    sleeping = subprocess.Popen(["sleep", "600"], env={"BEDPLATE_TEST_MARK": f"of {os.getpid()}"})
    assert poll("the marked process", _marked, STARTED_SECONDS) == [sleeping.pid]
    assert marked_processes("BEDPLATE_TEST_MARK", "of") == []
    kill_marked("BEDPLATE_TEST_MARK", f"of {os.getpid()}")
    assert sleeping.wait() == -9


def test_a_platform_copy_is_whole_and_apart_from_the_checkout(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    for name in ("Pulumi.yaml", "stacks/__main__.py", "stacks/compose.py", "environments/dev.yaml", "README.md"):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text(name, encoding="utf-8")
    (checkout / "environments" / "dev.lock.yaml").write_text("locked", encoding="utf-8")
    (checkout / ".venv").mkdir()
    copy = platform_copy(checkout, tmp_path / "deep" / "copy")
    assert sorted(str(path.relative_to(copy)) for path in copy.rglob("*")) == [
        ".venv",
        "Pulumi.yaml",
        "environments",
        "environments/dev.lock.yaml",
        "environments/dev.yaml",
        "stacks",
        "stacks/__main__.py",
    ]
    assert (copy / ".venv").resolve() == (checkout / ".venv").resolve()
    (copy / "environments" / "dev.yaml").write_text("changed", encoding="utf-8")
    assert (checkout / "environments" / "dev.yaml").read_text(encoding="utf-8") == "environments/dev.yaml"


def _marked() -> list[int]:
    return marked_processes("BEDPLATE_TEST_MARK", f"of {os.getpid()}")


def _script(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path
