"""Answers to Check and Diff in the engine's words."""

from collections.abc import Sequence

from pulumi.runtime.proto import provider_pb2 as pb

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
