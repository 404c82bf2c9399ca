"""Where the engine looks for the plugin."""

from pathlib import Path

from tests.support.fakeaws.schema import sdk_version
from tests.support.launcher import write_launcher

PLUGIN = "pulumi-resource-aws"


def install(folder: Path) -> Path:
    """Write the executable of the fake provider into `folder`, for `plugins.providers` of a Pulumi.yaml."""
    return write_launcher(folder / PLUGIN, "tests.support.fakeaws")


def install_in_home(pulumi_home: Path) -> Path:
    """Write it where the engine finds the plugin of the installed SDK's version below `$PULUMI_HOME`."""
    return install(pulumi_home / "plugins" / f"resource-aws-v{sdk_version()}")
