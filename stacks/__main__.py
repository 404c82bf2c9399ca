"""What `pulumi up --stack <env>[.<site>][.<layer>]` runs: load the environment that the stack names, and compose it."""

from pathlib import Path

import pulumi

from bedplate.engine._sdk import prepare_program, stand_before_the_engine
from bedplate.engine.withholding import WithholdingMonitor
from bedplate.environment.load import load
from bedplate.environment.stacks import parse_stack
from stacks.compose import compose_stack

prepare_program()
stand_before_the_engine(lambda monitor: WithholdingMonitor(monitor, pulumi.get_stack()))
target, layer = parse_stack(pulumi.get_stack())
compose_stack(load(Path(pulumi.get_root_directory()).resolve(), target), layer)
