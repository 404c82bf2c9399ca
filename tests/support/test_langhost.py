"""The stand-in language host as the engine sees it: over gRPC, with a small program in place of the SDK's runner."""

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import language_pb2 as pb
from pulumi.runtime.proto.language_pb2_grpc import LanguageRuntimeStub, add_LanguageRuntimeServicer_to_server

from tests.support.langhost.host import LanguageHost
from tests.support.polling import poll

END_SECONDS = 20.0
# Stands where the SDK's program runner is: writes down how it was started, then does what the entry point says.
RUNNER = """
import json, os, pathlib, signal, sys, time
here = pathlib.Path(__file__).parent
config = {name: json.loads(os.environ[name]) for name in ("PULUMI_CONFIG", "PULUMI_CONFIG_SECRET_KEYS")}
(here / "started.json").write_text(json.dumps({"pid": os.getpid(), "arguments": sys.argv[1:], **config}))
action = sys.argv[-1]
if action == "wait":
    (here / "waiting").touch()
    time.sleep(600)
elif action == "die":
    os.kill(os.getpid(), signal.SIGKILL)
sys.exit(int(action))
"""


@pytest.fixture
def runner(tmp_path: Path) -> Path:
    path = tmp_path / "runner.py"
    path.write_text(RUNNER, encoding="utf-8")
    return path


@pytest.fixture
def host(runner: Path) -> Iterator[LanguageRuntimeStub]:
    servicer = LanguageHost("127.0.0.1:7777", runner)
    server = grpc.server(ThreadPoolExecutor(8))
    add_LanguageRuntimeServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield LanguageRuntimeStub(channel)
    servicer.children.stop_all()
    server.stop(grace=None).wait()


def run_request(entry_point: str) -> pb.RunRequest:
    return pb.RunRequest(
        info=pb.ProgramInfo(root_directory="/platform", program_directory="/platform/stacks", entry_point=entry_point),
        project="p",
        stack="dev",
        pwd="/platform/stacks",
        monitor_address="127.0.0.1:8888",
        dryRun=True,
        parallel=8,
        organization="organization",
        config={"p:token": "hidden", "aws:region": "eu-west-1"},
        configSecretKeys=["p:token"],
    )


def test_the_program_is_run_as_the_sdk_expects_it(host: LanguageRuntimeStub, runner: Path) -> None:
    response = host.Run(run_request("0"))
    assert (response.error, response.bail) == ("", False)
    started = json.loads((runner.parent / "started.json").read_text(encoding="utf-8"))
    assert started["PULUMI_CONFIG"] == {"p:token": "hidden", "aws:region": "eu-west-1"}
    assert started["PULUMI_CONFIG_SECRET_KEYS"] == ["p:token"]
    arguments = started["arguments"]
    assert arguments[-1] == "0"
    assert dict(zip(arguments[:-1:2], arguments[1:-1:2], strict=True)) == {
        "--monitor": "127.0.0.1:8888",
        "--engine": "127.0.0.1:7777",
        "--project": "p",
        "--root_directory": "/platform",
        "--stack": "dev",
        "--pwd": "/platform/stacks",
        "--dry_run": "true",
        "--parallel": "8",
        "--organization": "organization",
    }


def test_an_error_that_the_program_has_shown_is_not_shown_again(host: LanguageRuntimeStub) -> None:
    response = host.Run(run_request("32"))
    assert (response.error, response.bail) == ("", True)


@pytest.mark.parametrize(("action", "code"), [("7", 7), ("die", 137)])
def test_any_other_end_of_the_program_is_an_error(host: LanguageRuntimeStub, action: str, code: int) -> None:
    response = host.Run(run_request(action))
    assert response.error == f"Program exited with non-zero exit code: {code}"


def test_a_virtual_environment_that_is_missing_is_named(host: LanguageRuntimeStub) -> None:
    request = run_request("0")
    request.info.options.CopyFrom(_struct(virtualenv=".venv"))
    with pytest.raises(grpc.RpcError) as caught:
        host.Run(request)
    assert caught.value.details() == (
        "Pulumi.yaml: runtime.options.virtualenv: .venv has no bin/python in /platform; "
        "make the virtual environment first"
    )


def test_the_python_of_the_virtual_environment_runs_the_program(
    host: LanguageRuntimeStub, runner: Path, tmp_path: Path
) -> None:
    python = tmp_path / "own" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\ntouch "{tmp_path}/own-was-used"\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    request = run_request("0")
    request.info.root_directory = str(tmp_path)
    request.info.options.CopyFrom(_struct(virtualenv="own"))
    assert host.Run(request).error == ""
    assert (tmp_path / "own-was-used").exists()


def test_cancelling_ends_the_program(host: LanguageRuntimeStub, runner: Path) -> None:
    running = host.Run.future(run_request("wait"))
    poll("start of the program", (runner.parent / "waiting").exists, END_SECONDS)
    host.Cancel(Empty())
    assert running.result(timeout=END_SECONDS).error == "Program exited with non-zero exit code: 143"


def test_a_program_does_not_outlive_its_call(host: LanguageRuntimeStub, runner: Path) -> None:
    running = host.Run.future(run_request("wait"))
    poll("start of the program", (runner.parent / "waiting").exists, END_SECONDS)
    process = json.loads((runner.parent / "started.json").read_text(encoding="utf-8"))["pid"]
    running.cancel()
    poll("end of the program", lambda: not Path(f"/proc/{process}").exists(), END_SECONDS)


def test_a_plugin_written_in_python_is_run_in_its_folder_and_its_output_passed_on(
    host: LanguageRuntimeStub, tmp_path: Path
) -> None:
    text = "import os, sys; print(os.getcwd(), sys.argv[1:], os.environ['A']); print('e', file=sys.stderr); sys.exit(3)"
    (tmp_path / "__main__.py").write_text(text, encoding="utf-8")
    request = pb.RunPluginRequest(
        pwd=str(tmp_path),
        kind="resource",
        args=["127.0.0.1:7777"],
        env=["A=b=c"],
        info=pb.ProgramInfo(program_directory=str(tmp_path)),
    )
    responses = list(host.RunPlugin(request))
    assert b"".join(response.stdout for response in responses).decode() == f"{tmp_path} ['127.0.0.1:7777'] b=c\n"
    assert b"".join(response.stderr for response in responses) == b"e\n"
    assert [response.exitcode for response in responses if response.HasField("exitcode")] == [3]


def test_cancelling_the_call_ends_a_plugin(host: LanguageRuntimeStub, tmp_path: Path) -> None:
    text = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    (tmp_path / "__main__.py").write_text(text, encoding="utf-8")
    call = host.RunPlugin(pb.RunPluginRequest(kind="resource", info=pb.ProgramInfo(program_directory=str(tmp_path))))
    process = int(next(call).stdout)
    call.cancel()
    poll("end of the plugin", lambda: not Path(f"/proc/{process}").exists(), END_SECONDS)


def test_a_policy_pack_is_run_by_the_policy_sdk(host: LanguageRuntimeStub, tmp_path: Path) -> None:
    text = "import sys; print(sys.argv[1:], 'pulumi.policy' in sys.modules)"
    (tmp_path / "__main__.py").write_text(text, encoding="utf-8")
    info = pb.ProgramInfo(program_directory=str(tmp_path))
    responses = list(host.RunPlugin(pb.RunPluginRequest(kind="analyzer", args=["127.0.0.1:1"], info=info)))
    printed = b"".join(response.stdout + response.stderr for response in responses).decode()
    assert printed == f"['127.0.0.1:1', '{tmp_path}'] True\n"


def test_the_host_asks_for_no_packages_and_installs_nothing(host: LanguageRuntimeStub) -> None:
    assert list(host.GetRequiredPackages(pb.GetRequiredPackagesRequest()).packages) == []
    assert list(host.InstallDependencies(pb.InstallDependenciesRequest())) == []


def test_the_host_tells_its_python_and_what_is_installed(host: LanguageRuntimeStub) -> None:
    about = host.About(pb.AboutRequest())
    assert (about.executable, about.version) == (sys.executable, sys.version.split()[0])
    found = host.GetProgramDependencies(pb.GetProgramDependenciesRequest()).dependencies
    assert "pulumi" in {item.name for item in found}
    assert list(found) == sorted(found, key=lambda item: (item.name, item.version))


def _struct(**fields: str) -> Struct:
    struct = Struct()
    struct.update(fields)
    return struct
