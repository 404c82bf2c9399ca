"""Options that commands share, and how they write."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from bedplate.environment.stacks import LAYERS, Layer

F = TypeVar("F", bound=Callable[..., Any])


def root_option(function: F) -> F:
    """`--root DIR`: the platform repository."""
    return click.option(
        "--root",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        default=".",
        show_default="this folder",
        help="Platform repository (the folder that holds environments/).",
    )(function)


def layers_option(function: F) -> F:
    """`--layers A,B`: only these layers of a layered environment."""
    return click.option(
        "--layers",
        metavar="LAYER,…",
        callback=_layers,
        default="",
        help=f"Only these layers of a layered environment, lowest first: {', '.join(LAYERS)}. Default: all.",
    )(function)


def _layers(ctx: click.Context, param: click.Parameter, value: str) -> tuple[Layer, ...]:
    named = [part.strip() for part in value.split(",") if part.strip()]
    for name in named:
        if name not in LAYERS:
            raise click.BadParameter(f"{name!r} is not a layer: {', '.join(LAYERS)}", ctx, param)
    return tuple(layer for layer in LAYERS if layer in named)


def json_option(function: F) -> F:
    """`--json`: machine-readable output."""
    return click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout.")(function)


def plain_option(function: F) -> F:
    """`--plain`: no colours."""
    return click.option("--plain", is_flag=True, help="No colours, whatever the terminal can do.")(function)


def now_option(function: F) -> F:
    """`--now DATE`: the day that waivers and dates are held against."""
    return click.option(
        "--now",
        "today",
        metavar="DATE",
        callback=_day,
        default=lambda: datetime.now(UTC).date().isoformat(),
        show_default="today",
        help="Day that waivers are held against, as YYYY-MM-DD.",
    )(function)


def _day(ctx: click.Context, param: click.Parameter, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a date such as 2026-11-21", ctx, param) from None


def talk(message: str) -> None:
    """Say something on stderr: progress, warnings, the next step. Data goes to stdout."""
    print(message, file=sys.stderr, flush=True)
