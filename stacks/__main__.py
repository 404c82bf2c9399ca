"""What `pulumi up --stack <env>[.<site>][.<layer>]` runs: load the environment that the stack names, and compose it."""

from pathlib import Path

import pulumi

from bedplate.engine._sdk import install_linear_drain
from bedplate.environment.load import load
from bedplate.environment.stacks import parse_stack
from stacks.compose import compose_stack

install_linear_drain()
target, layer = parse_stack(pulumi.get_stack())
compose_stack(load(Path(pulumi.get_root_directory()).resolve(), target), layer)
