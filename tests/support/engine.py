"""The real Pulumi CLI in a place of its own: nothing outside a temporary folder is written, and nothing stays running.

The AWS provider, the `aws` command and the language host are ours; the CLI and the Kubernetes provider are real.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.awscli.install import install as install_aws_command
from tests.support.fakeaws.control import FakeAwsControl
from tests.support.fakeaws.install import install_in_home as install_fake_aws
from tests.support.langhost.install import install as install_language_host
from tests.support.launcher import CHECKOUT
from tests.support.processes import kill_marked, marked_processes
from tests.toolchain import toolchain
from tests.toolchain.errors import ToolchainError

MARK = "BEDPLATE_ENGINE_SANDBOX"
KUBERNETES_PLUGIN = "pulumi-resource-kubernetes"
DEFAULT_TIMEOUT_SECONDS = 600.0


class EngineError(RuntimeError):
    """The CLI ended with an error, or took too long."""


@dataclass(frozen=True)
class EngineTools:
    """The programs of a sandbox. `sdk_module` is the folder of the Go module github.com/pulumi/pulumi/sdk/v3."""

    pulumi: Path
    sdk_module: Path
    kubernetes_plugin: Path | None

    @classmethod
    def from_toolchain(cls) -> Self:
        """Return the tool chain's programs. Raises ToolchainError when the CLI is missing."""
        pulumi = toolchain.tool_path("pulumi")
        if pulumi is None:
            message = f"pulumi is not present; run: {toolchain.COMMAND} build pulumi"
            raise ToolchainError(message)
        return cls(pulumi, toolchain.module_dir("pulumi-sdk"), toolchain.tool_path(KUBERNETES_PLUGIN))


class EngineSandbox:
    """A `with` block in which the Pulumi CLI has its own programs, plugins, state, secrets and made-up AWS.

    `env` is the whole environment of its processes, `aws` sets and reads the made-up AWS, `fake_aws_dir` is its folder.
    Several sandboxes may be open at once. Leaving the block kills every process that was started with `env`, whoever
    started it, and removes the folder.
    """

    def __init__(self, tools: EngineTools | None = None) -> None:
        """Use `tools`, or those of the tool chain."""
        self._tools = tools or EngineTools.from_toolchain()
        self.root = Path(tempfile.mkdtemp(prefix="bedplate-engine-")).resolve()
        self.fake_aws_dir = self.root / "aws"
        self.aws = FakeAwsControl(self.fake_aws_dir)
        self.env = self._environment()

    def __enter__(self) -> Self:
        for folder in ("aws", "bin", "home", "pulumi", "state", "tmp"):
            (self.root / folder).mkdir()
        self._install()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        kill_marked(MARK, str(self.root))
        shutil.rmtree(self.root)

    def pulumi(
        self, *arguments: str, cwd: Path, check: bool = True, timeout: float = DEFAULT_TIMEOUT_SECONDS
    ) -> subprocess.CompletedProcess[str]:
        """Run the CLI in `cwd` to its end. Raises EngineError for an exit code other than 0, unless `check` is off,
        and after `timeout` seconds.
        """
        process = self.start(*arguments, cwd=cwd)
        try:
            output, errors = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            kill_marked(MARK, str(self.root))
            output, errors = process.communicate()
            message = _story(arguments, f"was killed after {timeout:g} s", output, errors)
            raise EngineError(message) from None
        if check and process.returncode != 0:
            raise EngineError(_story(arguments, f"ended with exit code {process.returncode}", output, errors))
        return subprocess.CompletedProcess(list(process.args), process.returncode, output, errors)  # type: ignore[arg-type]

    def start(self, *arguments: str, cwd: Path) -> subprocess.Popen[str]:
        """Start the CLI in `cwd`, in a session of its own, and return without waiting."""
        return subprocess.Popen(
            [str(self.root / "bin" / "pulumi"), *arguments],
            cwd=cwd,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def processes(self) -> list[int]:
        """Return the ids of the processes of this sandbox that are running: CLI, plugins, hosts and programs."""
        return marked_processes(MARK, str(self.root))

    def _environment(self) -> dict[str, str]:
        own_programs, interpreter = self.root / "bin", Path(sys.executable).parent
        return {
            "FAKE_AWS_DIR": str(self.fake_aws_dir),
            "HOME": str(self.root / "home"),
            "LANG": "C.UTF-8",
            "PATH": os.pathsep.join([str(own_programs), str(interpreter), os.environ.get("PATH", os.defpath)]),
            "PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK": "true",
            "PULUMI_BACKEND_URL": f"file://{self.root / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "sandbox",
            # The flag --event-log exists only with this.
            "PULUMI_DEBUG_COMMANDS": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_HOME": str(self.root / "pulumi"),
            "PULUMI_PYTHON_CMD": sys.executable,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # This checkout's code, whatever is installed.
            "PYTHONPATH": str(CHECKOUT),
            "TMPDIR": str(self.root / "tmp"),
            MARK: str(self.root),
        }

    def _install(self) -> None:
        programs, home = self.root / "bin", self.root / "pulumi"
        _link_or_copy(self._tools.pulumi, programs / "pulumi")
        install_language_host(programs, self._tools.sdk_module)
        install_aws_command(programs)
        install_fake_aws(home)
        if self._tools.kubernetes_plugin is not None:
            folder = home / "plugins" / f"resource-kubernetes-v{version('pulumi-kubernetes')}"
            folder.mkdir(parents=True)
            (folder / KUBERNETES_PLUGIN).symlink_to(self._tools.kubernetes_plugin)


def platform_copy(checkout: Path, into: Path, *, environments: Path | None = None) -> Path:
    """Make `into` a platform repository with the checkout's program and environments, or others, and return it.

    The engine writes stack settings beside the environments: into the copy, not into the checkout. The virtual
    environment is shared.
    """
    into.mkdir(parents=True)
    (into / "stacks").mkdir()
    for name in ("Pulumi.yaml", "stacks/__main__.py"):
        shutil.copy2(checkout / name, into / name)
    shutil.copytree(environments or checkout / "environments", into / "environments")
    (into / ".venv").symlink_to((checkout / ".venv").resolve())
    return into


def _link_or_copy(source: Path, target: Path) -> None:
    # A symbolic link would not do: the engine looks for the language host beside the file that the link leads to.
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copy2(source, target)


def _story(arguments: tuple[str, ...], ending: str, output: str, errors: str) -> str:
    return f"pulumi {' '.join(arguments)} {ending}\n--- output\n{output}\n--- errors\n{errors}"
