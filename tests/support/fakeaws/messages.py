"""Answers to Check and Diff in the engine's words."""

from collections.abc import Sequence
from typing import Any, NoReturn

import grpc
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import status_pb2

from tests.support.fakeaws.changes import Action, Change
from tests.support.fakeaws.paths import render
from tests.support.fakeaws.validation import Problem
from tests.support.fakeaws.wire import Properties, encode

_KINDS = {
    (Action.ADD, False): pb.PropertyDiff.ADD,
    (Action.ADD, True): pb.PropertyDiff.ADD_REPLACE,
    (Action.DELETE, False): pb.PropertyDiff.DELETE,
    (Action.DELETE, True): pb.PropertyDiff.DELETE_REPLACE,
    (Action.UPDATE, False): pb.PropertyDiff.UPDATE,
    (Action.UPDATE, True): pb.PropertyDiff.UPDATE_REPLACE,
}


def check_response(inputs: Properties, found: Sequence[Problem]) -> pb.CheckResponse:
    """Return checked inputs with what is wrong about them.

    The engine prints the value of a property that a failure names, so the texts carry the path instead.
    """
    return pb.CheckResponse(inputs=encode(inputs), failures=[pb.CheckFailure(reason=problem.text) for problem in found])


def diff_response(found: Sequence[Change], name_is_taken: bool) -> pb.DiffResponse:
    """Return the changed leaves. With `name_is_taken` a replacement has to wait until the old object is gone."""
    replacing = [change for change in found if change.replaces]
    return pb.DiffResponse(
        changes=pb.DiffResponse.DIFF_SOME if found else pb.DiffResponse.DIFF_NONE,
        diffs=sorted({str(change.path[0]) for change in found}),
        replaces=sorted({str(change.path[0]) for change in replacing}),
        detailedDiff={
            render(change.path): pb.PropertyDiff(kind=_KINDS[change.action, change.replaces], inputDiff=True)
            for change in found
        },
        hasDetailedDiff=True,
        deleteBeforeReplace=bool(replacing) and name_is_taken,
    )


def initialization_failed(
    context: Any, identifier: str, inputs: Properties, outputs: Properties, reason: str
) -> NoReturn:
    """End a create or update with the error of an object that is there, and that is not as it should be.

    The engine keeps the object with these properties, and tries again at the next update.
    """
    detail = pb.ErrorResourceInitFailed(
        id=identifier, properties=encode(outputs), inputs=encode(inputs), reasons=[reason]
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reason)
    status.details.add().Pack(detail)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, reason)
    raise AssertionError("abort raises")
