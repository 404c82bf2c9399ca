"""What an environment needs and its lock does not resolve: what never had a digest, and what came or changed since."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bedplate.environment.references import open_references
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.graph.images import images_of
from bedplate.model.lockfile import Lock
from tests.support.environments import dev, dev_review

NEVER = "kserve/storage-initializer:v0.20.0"


def opened(resolved: ResolvedEnvironment, *more_images: str, **changes: object) -> tuple[str, ...]:
    """Open references of `resolved` with a changed lock, where pods run what they run in `dev`, and `more_images`."""
    assert resolved.lock is not None
    lock: Lock = resolved.lock.model_copy(update=changes)
    return open_references(resolved, lock, [*images_of(dev_review().graph), *more_images])


def test_with_a_lock_that_fits_only_what_never_had_a_digest_is_open() -> None:
    assert opened(dev()) == (NEVER,)
    assert dev_review().unresolved == (NEVER,)


def test_an_image_that_the_lock_does_not_know_is_open() -> None:
    assert opened(dev(), "docker.io/library/redis:8.0.1") == (
        "docker.io/library/redis:8.0.1 (not in the lock)",
        NEVER,
    )


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("images", "docker.io/vllm/vllm-openai:v0.31.0 (not in the lock)"),
        ("charts", "oci://ghcr.io/kserve/charts/kserve-crd:v0.20.0 (not in the lock)"),
        ("files", "qwen3-0.6b@1.0.0/model.safetensors (not in the lock)"),
    ],
)
def test_what_the_lock_leaves_out_is_open(section: str, words: str) -> None:
    assert words in opened(dev(), **{section: ()})


def test_a_chart_of_another_version_than_the_locked_one_is_open() -> None:
    lock = dev().lock
    assert lock is not None
    old = tuple(chart.model_copy(update={"reference": f"{chart.reference}-old"}) for chart in lock.charts)
    wanted = {f"{chart.reference} (not in the lock)" for chart in lock.charts}
    assert wanted <= set(opened(dev(), charts=old))


@pytest.mark.parametrize("change", [{"digest": "sha256:" + "0" * 64}, {"bytes": 1}])
def test_a_file_that_the_release_describes_otherwise_than_the_lock_is_open(change: dict[str, object]) -> None:
    first, *others = dev().releases.items()
    name, release = first
    file = release.release.source.files[0].model_copy(update=change)
    source = release.release.source.model_copy(update={"files": (file,)})
    changed = replace(release, release=release.release.model_copy(update={"source": source}))
    resolved = replace(dev(), releases={name: changed, **dict(others)})
    assert f"{name}/model.safetensors (not in the lock)" in opened(resolved)
