"""What `pulumi up --stack <environment>` runs: load the environment that the stack names, and compose it."""

from pathlib import Path

import pulumi

from bedplate.engine._sdk import install_linear_drain
from bedplate.environment.load import load
from stacks.compose import compose

install_linear_drain()
compose(load(Path(pulumi.get_root_directory()).resolve(), pulumi.get_stack()))
