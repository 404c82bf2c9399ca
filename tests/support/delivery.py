"""The environment `dev` of the tests with layers in the hands of Argo CD or Flux."""

from __future__ import annotations

from pathlib import Path

from bedplate.graph.values import Json
from tests.support.environments import SERVING_PROVIDED, repository, whole, write

VERSIONS = {"argocd": "3.5.3", "flux": "2.8.5"}
REPOSITORY = "https://git.example.org/platform.git"
DEV = "environments/dev.yaml"


def hand_over(root: Path, writer: str, *layers: str, **gitops: Json) -> None:
    """Let `writer` apply `layers` of `dev` in the repository `root`."""
    data = whole(root, "dev") | {
        "delivery": {"layers": dict.fromkeys(layers, writer), "gitops": {"repository": REPOSITORY, **gitops}},
        "addons": [*SERVING_PROVIDED, {"name": writer, "source": "provided", "version": VERSIONS[writer]}],
    }
    write(root, DEV, data)


def handed_over(folder: Path, writer: str, *layers: str, **gitops: Json) -> Path:
    """A platform repository below `folder` in which `writer` applies `layers` of `dev`; its root."""
    root = repository(folder)
    hand_over(root, writer, *layers, **gitops)
    return root
