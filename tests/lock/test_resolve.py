"""A lock holds everything that an environment pulls, and says of each entry how far its digest is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bedplate.catalog import catalog
from bedplate.environment.facts import expansion
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.sections import ChartAddonSpec
from bedplate.graph.graph import Graph
from bedplate.graph.images import image_uses
from bedplate.graph.resource import Resource
from bedplate.graph.values import freeze, thaw
from bedplate.lock.resolve import IN_MANIFEST, make_lock
from bedplate.model.lockfile import LOCK_SCHEMA, Lock, LockedChart, LockedFile, LockedImage
from tests.support.environments import dev, dev_review

DIGEST = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64
VLLM = "docker.io/vllm/vllm-openai:v0.31.0"
WEIGHTS = ("qwen3-0.6b@1.0.0", "model.safetensors")


def lock_of(
    before: Lock | None = None, *, graph: Graph | None = None, vendored: Mapping[str, LockedChart] | None = None
) -> Lock:
    """The lock of `dev` where `before` was written last."""
    return make_lock(graph or dev_review().graph, with_lock(before), catalog.load(), vendored or {})


def with_lock(lock: Lock | None) -> ResolvedEnvironment:
    return replace(dev(), lock=lock)


def locked(**sections: tuple[LockedImage | LockedChart | LockedFile, ...]) -> Lock:
    return Lock.model_validate({"schema_": LOCK_SCHEMA, "environment": "dev", **sections})


def image(lock: Lock, reference: str) -> LockedImage:
    return next(item for item in lock.images if item.reference == reference)


def chart(lock: Lock, name: str) -> LockedChart:
    return next(item for item in lock.charts if item.name == name)


def with_image(reference: str) -> Graph:
    """The Graph of `dev` in which every container of device plugins runs `reference`."""
    changed = [_runs(item, reference) for item in dev_review().graph]
    return Graph(environment="dev", resources=changed)


def _runs(resource: Resource, reference: str) -> Resource:
    if resource.type != "kubernetes:core/v1:Pod" or "device-plugin" not in resource.name:
        return resource
    manifest = thaw(resource.inputs)
    for container in manifest["spec"]["containers"]:
        container["image"] = reference
    return replace(resource, inputs=freeze(manifest))


def test_every_image_of_the_graph_has_one_entry() -> None:
    assert [item.reference for item in lock_of().images] == [use.reference for use in image_uses(dev_review().graph)]


def test_an_image_with_a_published_digest_says_where_it_was_taken_from() -> None:
    entry = image(lock_of(), VLLM)
    published = catalog.load().images[VLLM]
    assert (entry.state, entry.digest) == ("published", published.digest)
    assert entry.source == f"{published.standing}: {published.source}"


def test_an_image_that_no_source_knows_is_unresolved_and_has_no_digest() -> None:
    entry = image(lock_of(graph=with_image("registry.example/plugin:1")), "registry.example/plugin:1")
    assert (entry.state, entry.digest, entry.source) == ("unresolved", None, "")


def test_a_digest_that_the_manifest_of_somebody_else_names_is_taken_over() -> None:
    entry = image(
        lock_of(graph=with_image(f"registry.example/plugin:1@{DIGEST}")),
        "registry.example/plugin:1",
    )
    assert (entry.state, entry.digest, entry.source) == ("published", DIGEST, IN_MANIFEST)


def test_a_digest_in_a_manifest_of_ours_proves_nothing() -> None:
    ours = dev().baseline.images["kserveController"]
    entry = image(lock_of(graph=with_image(f"{ours}@{DIGEST}")), ours)
    assert entry.digest != DIGEST


def test_an_entry_names_the_objects_that_need_it_sorted() -> None:
    needed = image(lock_of(), VLLM).needed_by
    assert needed == ("Deployment research/chat-predictor", "Deployment research/embeddings-predictor")


def test_a_verified_image_is_kept_and_its_users_are_brought_up_to_date() -> None:
    before = locked(images=(LockedImage(reference=VLLM, digest=OTHER, state="verified", needed_by=("gone",)),))
    entry = image(lock_of(before), VLLM)
    assert (entry.state, entry.digest) == ("verified", OTHER)
    assert entry.needed_by == image(lock_of(), VLLM).needed_by


def test_a_published_image_is_looked_up_again() -> None:
    before = locked(images=(LockedImage(reference=VLLM, digest=OTHER, state="published", needed_by=()),))
    assert image(lock_of(before), VLLM) == image(lock_of(), VLLM)


def test_an_image_that_nothing_runs_any_more_leaves_the_lock() -> None:
    before = locked(images=(LockedImage(reference="gone:1", digest=OTHER, state="verified", needed_by=()),))
    assert "gone:1" not in [item.reference for item in lock_of(before).images]


def test_charts_are_sorted_and_hold_reference_and_published_digest() -> None:
    lock = lock_of()
    assert [item.name for item in lock.charts] == ["cert-manager", "envoy-gateway", "kserve", "kserve-crd"]
    entry = chart(lock, "kserve-crd")
    assert entry.reference == "oci://ghcr.io/kserve/charts/kserve-crd:v0.20.0"
    assert (entry.state, entry.digest) == ("published", catalog.load().charts[entry.reference].digest)
    assert entry.vendored is None


def test_a_chart_that_no_source_knows_is_unresolved_until_it_is_vendored() -> None:
    resolved = dev()
    addons = tuple(
        item.model_copy(update={"version": "9.9.9"}) if item.name == "kserve" else item
        for item in resolved.environment.addons
    )
    changed = replace(resolved, environment=resolved.environment.model_copy(update={"addons": addons}))
    lock = make_lock(dev_review().graph, changed, catalog.load(), {})
    entry = chart(lock, "kserve")
    assert (entry.state, entry.digest) == ("unresolved", None)
    assert entry.reference in lock.unresolved
    expanded = vendored_entry(reference=entry.reference)
    assert (
        entry.reference not in make_lock(dev_review().graph, changed, catalog.load(), {"kserve": expanded}).unresolved
    )


def vendored_entry(**changes: str) -> LockedChart:
    """An entry for the chart `kserve` as `bedplate lock` would have written it for `dev`."""
    addon = next(item for item in dev().environment.addons if item.name == "kserve")
    assert isinstance(addon, ChartAddonSpec)
    return LockedChart.model_validate(
        {
            "name": "kserve",
            "reference": "oci://ghcr.io/kserve/charts/kserve-resources:v0.20.0",
            "state": "unresolved",
            "vendored": "environments/vendor/kserve-v0.20.0-aaaaaaaaaaaa.yaml",
            "contents": DIGEST,
            "archive": OTHER,
            "expansion": expansion(addon, dev().baseline.kubernetes),
            **changes,
        }
    )


def test_a_chart_that_was_expanded_now_keeps_the_published_digest_of_its_reference() -> None:
    entry = chart(lock_of(vendored={"kserve": vendored_entry()}), "kserve")
    assert (entry.contents, entry.archive) == (DIGEST, OTHER)
    assert (entry.state, entry.digest) == ("published", catalog.load().charts[entry.reference].digest)


def test_a_vendored_chart_is_kept_while_nothing_that_decides_it_has_changed() -> None:
    before = locked(charts=(vendored_entry(),))
    assert chart(lock_of(before), "kserve").vendored == "environments/vendor/kserve-v0.20.0-aaaaaaaaaaaa.yaml"


@pytest.mark.parametrize("change", [{"reference": "oci://elsewhere/kserve:1"}, {"expansion": "sha256:other"}])
def test_a_chart_that_was_expanded_from_something_else_has_to_be_expanded_again(change: dict[str, str]) -> None:
    before = locked(charts=(vendored_entry(**change),))
    assert chart(lock_of(before), "kserve").vendored is None


def test_a_verified_chart_stays_verified_while_its_reference_is_the_same() -> None:
    reference = "oci://ghcr.io/kserve/charts/kserve-crd:v0.20.0"
    verified = LockedChart(name="kserve-crd", reference=reference, digest=OTHER, state="verified")
    entry = chart(lock_of(locked(charts=(verified,))), "kserve-crd")
    assert (entry.state, entry.digest) == ("verified", OTHER)
    moved = verified.model_copy(update={"reference": "oci://elsewhere/kserve-crd:v0.20.0"})
    assert chart(lock_of(locked(charts=(moved,))), "kserve-crd").state == "published"


def test_files_of_every_release_are_listed_with_size_and_digest() -> None:
    files = lock_of().files
    assert [(item.release, item.path) for item in files] == [
        WEIGHTS,
        ("qwen3-embedding-0.6b@1.0.0", "model.safetensors"),
    ]
    (file,) = dev().release(WEIGHTS[0]).source.files
    assert (files[0].bytes, files[0].digest, files[0].state) == (file.bytes, file.digest, "published")


def test_a_file_without_a_digest_is_unresolved() -> None:
    resolved = dev()
    release = resolved.releases[WEIGHTS[0]]
    (file,) = release.release.source.files
    source = release.release.source.model_copy(update={"files": (file.model_copy(update={"digest": None}),)})
    bare = replace(release, release=release.release.model_copy(update={"source": source}))
    changed = replace(resolved, releases={**resolved.releases, WEIGHTS[0]: bare})
    lock = make_lock(dev_review().graph, changed, catalog.load(), {})
    assert lock.files[0].state == "unresolved"
    assert "qwen3-0.6b@1.0.0/model.safetensors" in lock.unresolved


def test_a_verified_file_is_kept_only_while_the_release_agrees_with_it() -> None:
    (file,) = dev().release(WEIGHTS[0]).source.files
    verified = LockedFile(release=WEIGHTS[0], path=WEIGHTS[1], bytes=file.bytes, digest=file.digest, state="verified")
    assert lock_of(locked(files=(verified,))).files[0].state == "verified"
    for other in ({"bytes": 1}, {"digest": OTHER}):
        changed = verified.model_copy(update=other)
        entry = lock_of(locked(files=(changed,))).files[0]
        assert (entry.state, entry.bytes, entry.digest) == ("published", file.bytes, file.digest)


def test_the_shipped_lock_is_what_would_be_written_now() -> None:
    assert lock_of(dev().lock) == dev().lock
