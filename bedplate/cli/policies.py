"""`bedplate policies`: what judges an environment, and whether the repository's own policies find what they should."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bedplate.cli.options import json_option, now_option, plain_option, root_option


@click.command("policies")
@click.argument("environment")
@root_option
@click.option(
    "--test",
    is_flag=True,
    help="Run the cases of the repository's own policies, extensions/policies/*/*.yaml, in ENVIRONMENT; exit with 1 "
    "where one does not hold.",
)
@now_option
@json_option
@plain_option
def command(environment: str, root: Path, test: bool, today: date, as_json: bool, plain: bool) -> int:
    """List every policy that judges ENVIRONMENT, with the level that it has there."""
    from bedplate.environment.load import load
    from bedplate.graph.values import pretty
    from bedplate.output.console import show
    from bedplate.output.policy_list import listed, policies_text, tested, tests_text, to_json
    from bedplate.policy.own import rules_for

    resolved = load(root, environment)
    items = listed(resolved, rules_for(root))
    tests = tested(resolved, items, today) if test else None
    if as_json:
        click.echo(pretty(to_json(resolved.name, items, tests)), nl=False)
    else:
        show(policies_text(items) if tests is None else tests_text(tests), plain=plain)
    return 1 if tests and any(item.problems for item in tests) else 0
