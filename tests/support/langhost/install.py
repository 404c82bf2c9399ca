"""Where the engine looks for the language host."""

from pathlib import Path

from tests.support.launcher import write_launcher

HOST = "pulumi-language-python"
RUNNER = Path("python/cmd/pulumi-language-python-exec")


def install(folder: Path, sdk_module: Path) -> Path:
    """Write the host into `folder`, which must be the folder of the `pulumi` file itself.

    The engine follows symbolic links to find that folder, and warns about a host that it finds elsewhere.
    `sdk_module` is the folder of the Go module github.com/pulumi/pulumi/sdk/v3, which brings the program runner.
    """
    runner = sdk_module / RUNNER
    if not runner.is_file():
        message = f"{runner}: no such file; {sdk_module} must be the Pulumi SDK's Go module"
        raise FileNotFoundError(message)
    return write_launcher(folder / HOST, "tests.support.langhost", "--runner", str(runner))
