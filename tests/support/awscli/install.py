"""Where programs look for the `aws` command."""

from pathlib import Path

from tests.support.launcher import write_launcher


def install(folder: Path) -> Path:
    """Write the `aws` executable into `folder`, which is to be on PATH."""
    return write_launcher(folder / "aws", "tests.support.awscli")
