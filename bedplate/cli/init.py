"""`bedplate init`: begin a platform repository, or a further environment of one."""

from __future__ import annotations

from pathlib import Path

import click

from bedplate.cli.options import json_option, root_option, talk


@click.command("init")
@click.argument("environment")
@root_option
@click.option("--account", required=True, help="AWS account, 12 digits.")
@click.option("--region", required=True, help="AWS region; its zones a and b are used.")
@click.option("--admin", required=True, metavar="ARN", help="IAM role of those who apply it.")
@click.option("--owner", required=True, help="Team that answers for it.")
@click.option("--contact", required=True, help="Address of that team.")
@json_option
def command(
    environment: str, root: Path, account: str, region: str, admin: str, owner: str, contact: str, as_json: bool
) -> int:
    """Write a small valid ENVIRONMENT on AWS, and what its repository needs beside it and does not have yet."""
    from bedplate.cli.files import show_files
    from bedplate.cli.starting import start

    values = {"account": account, "region": region, "admin": admin, "owner": owner, "contact": contact}
    show_files(start(root, environment, values), as_json=as_json)
    talk(f"next: read environments/{environment}.yaml, then: bedplate plan {environment} --no-base")
    return 0
