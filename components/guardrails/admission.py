"""CEL expressions of the admission policy that refuses images from other registries."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

# Kinds of containers have different types in CEL, so lists of containers cannot be joined; lists of texts can.
_CONTAINER_LISTS = ("containers", "initContainers", "ephemeralContainers")

REFUSED_IS_EMPTY = "size(variables.refused) == 0"

REFUSAL_MESSAGE = (
    "'no allowed registry holds ' + variables.refused.join(', ') + "
    "'; this namespace may use images below ' + variables.prefixes.join(', ')"
)


def image_variables(prefixes: Sequence[str]) -> Mapping[str, str]:
    """Variables of the policy, in the order in which they build on each other.

    `refused` holds the images that begin with none of `prefixes`. An update is held only against images that it
    brings in: pods that ran before the list became shorter can still be labelled, finalised and deleted.
    """
    return {
        # A JSON list of strings is a CEL list of strings too.
        "prefixes": json.dumps(list(prefixes)),
        "images": _images("object"),
        "before": f"request.operation == 'UPDATE' ? {_images('oldObject')} : []",
        "refused": (
            "variables.images.filter(image, !(image in variables.before)"
            " && !variables.prefixes.exists(prefix, image.startsWith(prefix)))"
        ),
    }


def _images(pod: str) -> str:
    return " + ".join(
        f"{pod}.spec.?{containers}.orValue([]).map(container, container.?image.orValue(''))"
        for containers in _CONTAINER_LISTS
    )
