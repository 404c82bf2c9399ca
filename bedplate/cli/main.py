"""The command `bedplate`. Commands are imported when they are called: `--help` and `--version` stay quick."""

from __future__ import annotations

import importlib
import io
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from bedplate.units.process import expect_short_life

# Command → what --help says of it. The module bedplate.cli.<command> holds a click command called `command`.
COMMANDS = {
    "init": "Begin a platform repository with a small environment.",
    "validate": "Load and cross-check environments.",
    "plan": "Show what an environment changes, whether it is allowed, fits, and what it costs.",
    "pr": "Write one review comment for all environments.",
    "diff": "Show what two environments say differently, and whether that is meant to be.",
    "explain": "Show where a value of an environment comes from.",
    "why": "Show which entry of the environment makes an object.",
    "owners": "Show who answers for what in an environment, and who approves which change.",
    "codeowners": "Write who approves which path of the repository, for its host.",
    "graph": "Write the resource graph as Mermaid, DOT or JSON.",
    "policies": "List the policies that judge an environment; test a repository's own.",
    "manifests": "Write Kubernetes manifests in waves, for Argo CD or Flux.",
    "lock": "Resolve every image, chart and file to a digest; expand charts.",
    "apply": "Apply what the plan showed, with the Pulumi engine.",
    "upgrade": "Show or take the steps that lead to another baseline.",
    "compat": "Say what another version of bedplate itself would do to what stands.",
    "destroy": "Tear an environment down.",
    "move": "Bring the state of a stack to where it belongs.",
    "schema": "Write the JSON Schemas by which editors check files.",
    "handover": "Take what Argo CD or Flux applies out of the state, and leave it in the cluster.",
    "doctor": "Check tools, lock and prices, each with a fix.",
}


class _LazyGroup(click.Group):
    """A group that knows its commands' names and help without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"bedplate.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from bedplate.model.source import did_you_mean

            hint = did_you_mean(args[0], COMMANDS)
            raise click.UsageError(f"{error.message}{f' ({hint})' if hint else ''}", ctx) from None


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="bedplate", message="bedplate %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    """Plan and apply GPU platforms for model serving, from one typed file per environment."""
    ctx.obj = {"debug": debug}


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command line. Exit codes are documented in docs/reference/exit-codes.md."""
    arguments = list(sys.argv[1:] if args is None else args)
    # Ended politely, by a CI runner for example: stop as for Ctrl-C, so that an apply stops its engine.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    as_json = "--json" in arguments
    _lenient_streams()
    expect_short_life()
    try:
        code = cli.main(arguments, prog_name="bedplate", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        _end(2, error.format_message() if as_json else "")
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        _end(130, "interrupted" if as_json else "")
    except BrokenPipeError:
        # The reader of a pipe went away (`| head`): nothing is left to tell it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except (Exception, SystemExit) as error:
        from bedplate.cli.errors import report
        from bedplate.extensions.code import place_of

        if isinstance(error, SystemExit) and place_of(error.__traceback__) is None:
            raise
        # To leave the program is a mistake of a repository's own code: nobody would be told what was not looked at.
        sys.exit(report(error, debug="--debug" in arguments, as_json=as_json))
    sys.exit(code if isinstance(code, int) else 0)


def _end(code: int, message: str) -> NoReturn:
    """Exit with `code`; with a message, say it as JSON too."""
    if message:
        from bedplate.cli.errors import print_error
        from bedplate.output.exits import Exit

        print_error(message, Exit(code))
    sys.exit(code)


def _lenient_streams() -> None:
    """A character that a terminal's encoding lacks is replaced; it is no reason to fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    main()
