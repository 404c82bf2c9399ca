"""The launched executables: how long the fake provider and the language host live."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub

from tests.support.fakeaws.install import install, install_in_home
from tests.support.langhost.install import RUNNER
from tests.support.langhost.install import install as install_host
from tests.support.launcher import write_launcher
from tests.support.polling import poll

END_SECONDS = 20.0


@pytest.fixture(params=["provider", "host"])
def plugin(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "provider":
        return install(tmp_path)
    runner = tmp_path / "sdk" / RUNNER
    runner.parent.mkdir(parents=True)
    runner.touch()
    return install_host(tmp_path, tmp_path / "sdk")


def start(plugin: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([plugin, "127.0.0.1:1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip().isdigit()
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_plugin_prints_its_port_alone_and_ends_when_it_is_told_to(plugin: Path, number: signal.Signals) -> None:
    process = start(plugin)
    process.send_signal(number)
    output, errors = process.communicate(timeout=END_SECONDS)
    assert (process.returncode, output, errors) == (0, "", "")


def test_a_plugin_ends_when_the_process_that_started_it_is_killed(plugin: Path) -> None:
    # The parent is a shell that waits; the plugin must notice its end without being told.
    script = f'"{plugin}" 127.0.0.1:1 & echo $!; wait'
    parent = subprocess.Popen(["/bin/sh", "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert parent.stdout.readline().strip().isdigit()
    parent.kill()
    parent.wait()
    poll("end of the plugin", lambda: not _runs(child), END_SECONDS)


def test_the_provider_ends_at_once_although_a_call_is_waiting(tmp_path: Path) -> None:
    world = tmp_path / "aws"
    world.mkdir()
    fault = '[{"match": "", "operation": "read", "delaySeconds": 600}]'
    (world / "faults.json").write_text(fault, encoding="utf-8")
    process = subprocess.Popen(
        [install(tmp_path)], stdout=subprocess.PIPE, text=True, env={**os.environ, "FAKE_AWS_DIR": str(world)}
    )
    assert process.stdout is not None
    port = process.stdout.readline().strip()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = ResourceProviderStub(channel)
        assert stub.GetPluginInfo(Empty()).version
        waiting = stub.Read.future(pb.ReadRequest(id="vpc-1", urn="urn", type="aws:ec2/vpc:Vpc"))
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=END_SECONDS) == 0
        assert waiting.code() in (grpc.StatusCode.CANCELLED, grpc.StatusCode.UNAVAILABLE)


def test_the_plugin_is_found_below_the_home_folder_under_the_version_of_the_sdk(tmp_path: Path) -> None:
    path = install_in_home(tmp_path)
    assert path.name == "pulumi-resource-aws"
    assert path.parent.name.startswith("resource-aws-v7.51.")
    assert os.access(path, os.X_OK)


def test_a_language_host_without_the_program_runner_is_refused_when_it_is_installed(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="must be the Pulumi SDK's Go module"):
        install_host(tmp_path, tmp_path / "nowhere")


def test_a_launcher_passes_arguments_on_and_keeps_the_process_id(tmp_path: Path) -> None:
    (tmp_path / "show.py").write_text("import os, sys; print(os.getpid(), sys.argv[1:])", encoding="utf-8")
    launcher = write_launcher(tmp_path / "deep" / "show", "show", "one two", python=Path(sys.executable))
    process = subprocess.Popen(
        [launcher, "$three"], stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(tmp_path)}
    )
    output, _ = process.communicate(timeout=END_SECONDS)
    assert output.strip() == f"{process.pid} ['one two', '$three']"


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # An orphan that nobody waits for stays as a zombie where the first process of a container does not reap.
    return Path(f"/proc/{process}/cmdline").read_bytes() != b""
