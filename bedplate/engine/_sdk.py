"""The only place that reaches behind Pulumi's public Python API, with the reason for each reach.

Every change is guarded by the text that it replaces: another SDK release either still holds that text, or the change
is left out and `unapplied()` names it, which a contract test turns into a failure.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import logging
import textwrap
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pulumi
from pulumi.runtime import config, mocks, settings, stack
from pulumi.runtime import resource as sdk_resource
from pulumi.runtime.proto import source_pb2

from bedplate.units.process import expect_short_life

_DRAIN_BEFORE = "return_when=asyncio.FIRST_COMPLETED"
_DRAIN_AFTER = "return_when=asyncio.FIRST_EXCEPTION"


def install_linear_drain() -> bool:
    """Wait for all pending outputs at once at the end of a program, instead of waking once per output.

    The stock loop re-adds a callback to every pending output each time one completes: quadratic CPU time in the
    program's process (1,000 resources, 0.1 s per create: 57 s against 8.5 s). FIRST_EXCEPTION keeps the stock
    behaviour of `--continue-on-error`, which a plain `gather` breaks. Returns whether the change is in place.
    """
    if getattr(stack.wait_for_rpcs, "bedplate_linear_drain", False):
        return True
    source = textwrap.dedent(inspect.getsource(stack.wait_for_rpcs))
    if source.count(_DRAIN_BEFORE) != 1:
        return False
    namespace = stack.__dict__
    exec(compile(source.replace(_DRAIN_BEFORE, _DRAIN_AFTER), inspect.getfile(stack), "exec"), namespace)
    namespace["wait_for_rpcs"].bedplate_linear_drain = True
    return True


def prepare_program() -> None:
    """What a program under the real engine does first: without it, it takes several times as much CPU at its end."""
    expect_short_life()
    install_linear_drain()


def _no_stack_trace() -> source_pb2.StackTrace:
    return source_pb2.StackTrace()


class _InlineExecutor(ThreadPoolExecutor):
    """Runs each call at once in the calling thread: asyncio accepts only a ThreadPoolExecutor as its default."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


def run_with_monitor(
    program: Callable[[], None], *, monitor: object, project: str, stack_name: str, settings_of_stack: Mapping[str, str]
) -> None:
    """Run `program` against `monitor` as a preview, in a context of its own, so that runs never see each other.

    Stack traces are left out meanwhile: they read source lines for every resource, a sixth of the time, and the Graph
    does not hold them.
    """

    def isolated() -> None:
        settings.ROOT.set(None)
        settings.configure(
            settings.Settings(
                project=project,
                stack=stack_name,
                monitor=monitor,
                engine=mocks.MockEngine(None),
                dry_run=True,
                organization="organization",
            )
        )
        config.set_all_config(dict(settings_of_stack), [])
        loop = asyncio.new_event_loop()
        loop.set_default_executor(_InlineExecutor(max_workers=1))
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(stack.run_in_stack(program))
        finally:
            loop.close()
            asyncio.set_event_loop(None)

    install_linear_drain()
    # asyncio would print one line per output of a resource whose registration failed; the failure itself is raised.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    stock = sdk_resource._get_stack_trace
    sdk_resource._get_stack_trace = _no_stack_trace
    try:
        contextvars.copy_context().run(isolated)
    finally:
        sdk_resource._get_stack_trace = stock


def stand_before_the_engine(stands: Callable[[Any], object]) -> None:
    """Let `stands(monitor)` answer in place of the engine's resource monitor. Only at the start of a program.

    No public option leaves a resource out: transforms change what is registered, and never whether it is.
    """
    settings.SETTINGS.monitor = stands(settings.get_monitor())


def on_every_resource(callback: Callable[[pulumi.ResourceTransformationArgs], None]) -> None:
    """Call `callback` inside the constructor of each resource made from here on. Only inside a running program."""

    def transformation(args: pulumi.ResourceTransformationArgs) -> None:
        callback(args)

    pulumi.runtime.register_stack_transformation(transformation)


def unapplied() -> tuple[str, ...]:
    """Names of the changes that the installed SDK did not take; empty with the pinned release."""
    missing = [] if install_linear_drain() else ["linear drain"]
    if not callable(getattr(sdk_resource, "_get_stack_trace", None)):
        missing.append("stack traces")
    return tuple(missing)
