"""A language host for `runtime: python`: the part of the official one that plan, apply and policy packs need.

Where the official host is not to be had, this one runs Python programs by the SDK's own `pulumi-language-python-exec`.
It reports no required packages: the SDK names its plugin with each resource, and the engine loads it then.
"""

# ruff: noqa: N802 (the methods bear the names of the protocol)

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import IO, Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2 as pb
from pulumi.runtime.proto import plugin_pb2
from pulumi.runtime.proto.language_pb2_grpc import LanguageRuntimeServicer

from tests.support.langhost.children import Children, environment

# The program runner exits with this code when it has already shown the error.
ERROR_WAS_SHOWN = 32
_CHUNK = 1 << 16


class LanguageHost(LanguageRuntimeServicer):
    """Runs programs with `runner`, the SDK's pulumi-language-python-exec. `engine` is the engine's address."""

    def __init__(self, engine: str, runner: Path) -> None:
        self._engine = engine
        self._runner = runner
        self.children = Children()

    def Handshake(self, request: pb.LanguageHandshakeRequest, context: Any) -> pb.LanguageHandshakeResponse:
        return pb.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Empty, context: Any) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version="")

    def GetRequiredPackages(
        self, request: pb.GetRequiredPackagesRequest, context: Any
    ) -> pb.GetRequiredPackagesResponse:
        return pb.GetRequiredPackagesResponse()

    def About(self, request: pb.AboutRequest, context: Any) -> pb.AboutResponse:
        return pb.AboutResponse(executable=sys.executable, version=sys.version.split()[0])

    def GetProgramDependencies(
        self, request: pb.GetProgramDependenciesRequest, context: Any
    ) -> pb.GetProgramDependenciesResponse:
        """Lists what is installed beside the host: programs of the tests run in the same environment."""
        found = sorted({(item.name, item.version) for item in distributions()})
        return pb.GetProgramDependenciesResponse(
            dependencies=[pb.DependencyInfo(name=name, version=version) for name, version in found]
        )

    def InstallDependencies(
        self, request: pb.InstallDependenciesRequest, context: Any
    ) -> Iterator[pb.InstallDependenciesResponse]:
        """Installs nothing: the environment is made before the tests run."""
        return iter(())

    def Run(self, request: pb.RunRequest, context: Any) -> pb.RunResponse:
        """Run the program once, with its output going to the user."""
        env = environment(
            f"PULUMI_CONFIG={json.dumps(dict(request.config), sort_keys=True)}",
            f"PULUMI_CONFIG_SECRET_KEYS={json.dumps(sorted(request.configSecretKeys))}",
        )
        arguments = [python_of(request.info, context), "-u", str(self._runner), *self._runner_options(request)]
        arguments += [request.info.entry_point or request.program or ".", *request.args]
        process = self.children.start(arguments, env=env)
        context.add_callback(lambda: self.children.stop(process))
        code = self.children.wait(process)
        if code in (0, ERROR_WAS_SHOWN):
            return pb.RunResponse(bail=code == ERROR_WAS_SHOWN)
        return pb.RunResponse(error=f"Program exited with non-zero exit code: {code}")

    def RunPlugin(self, request: pb.RunPluginRequest, context: Any) -> Iterator[pb.RunPluginResponse]:
        """Run a policy pack, or a plugin written in Python, and pass on what it prints. Cancelling the call ends it."""
        module = ["-m", "pulumi.policy"] if request.kind == "analyzer" else [request.info.program_directory]
        pack = [request.info.program_directory] if request.kind == "analyzer" else []
        process = self.children.start(
            [python_of(request.info, context), "-u", *module, *request.args, *pack],
            env=environment(*request.env),
            cwd=Path(request.pwd) if request.pwd else None,
            piped=True,
        )
        context.add_callback(lambda: self.children.stop(process))
        yield from _output_of(process)
        yield pb.RunPluginResponse(exitcode=self.children.wait(process))

    def Cancel(self, request: Empty, context: Any) -> Empty:
        self.children.stop_all()
        return Empty()

    def _runner_options(self, request: pb.RunRequest) -> list[str]:
        options = {
            "monitor": request.monitor_address,
            "engine": self._engine,
            "project": request.project,
            "root_directory": request.info.root_directory,
            "stack": request.stack,
            "pwd": request.pwd,
            "dry_run": "true" if request.dryRun else "false",
            "parallel": str(request.parallel),
            "organization": request.organization,
        }
        return [part for name, value in options.items() if value for part in (f"--{name}", value)]


def python_of(info: pb.ProgramInfo, context: Any) -> str:
    """Return the interpreter that `runtime.options.virtualenv` names, else $PULUMI_PYTHON_CMD, else the host's own."""
    options = dict(info.options.items()) if info.HasField("options") else {}
    folder = options.get("virtualenv")
    if not folder:
        return os.environ.get("PULUMI_PYTHON_CMD") or sys.executable
    python = Path(info.root_directory, str(folder), "bin", "python")
    if not python.exists():
        context.abort(
            grpc.StatusCode.FAILED_PRECONDITION,
            f"Pulumi.yaml: runtime.options.virtualenv: {folder} has no bin/python in {info.root_directory}; "
            "make the virtual environment first",
        )
    return str(python)


def _output_of(process: subprocess.Popen[bytes]) -> Iterator[pb.RunPluginResponse]:
    """Yield what a process prints, as it prints it, until both of its streams end."""
    chunks: queue.SimpleQueue[pb.RunPluginResponse | None] = queue.SimpleQueue()

    def pump(stream: IO[bytes], wrap: Callable[[bytes], pb.RunPluginResponse]) -> None:
        while chunk := os.read(stream.fileno(), _CHUNK):
            chunks.put(wrap(chunk))
        chunks.put(None)

    assert process.stdout is not None
    assert process.stderr is not None
    streams = (
        (process.stdout, lambda chunk: pb.RunPluginResponse(stdout=chunk)),
        (process.stderr, lambda chunk: pb.RunPluginResponse(stderr=chunk)),
    )
    for stream, wrap in streams:
        threading.Thread(target=pump, args=(stream, wrap), daemon=True).start()
    for _ in streams:
        while (response := chunks.get()) is not None:
            yield response
