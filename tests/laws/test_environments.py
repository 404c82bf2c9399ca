"""Laws of what is planned for an environment: inputs stay as they are, money adds up, images are accounted for."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from bedplate.capacity.packing import Fit
from bedplate.cli.pipeline import judged
from bedplate.environment.load import load
from bedplate.environment.registry import upstream
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.targets import all_targets
from bedplate.graph.images import image_uses
from bedplate.graph.values import Json, canonical, walk
from bedplate.output.review import Review
from bedplate.units.image import split_image
from tests.support.environments import PLATFORM, ROOT, TODAY, dev

SHIPPED = all_targets(ROOT)


@pytest.fixture(scope="module", params=SHIPPED)
def review(request: pytest.FixtureRequest) -> Review:
    """Each shipped environment, judged."""
    return judged(load(ROOT, request.param), TODAY)


def dumped(resolved: ResolvedEnvironment) -> bytes:
    """Everything that people wrote, as the specs hold it."""
    releases = {name: item.release.model_dump(mode="json") for name, item in resolved.releases.items()}
    lock = resolved.lock.model_dump(mode="json") if resolved.lock else None
    return canonical([resolved.environment.model_dump(mode="json"), releases, lock])


def test_specs_are_the_same_after_everything_was_made_of_them() -> None:
    resolved = load(PLATFORM, "dev")
    before = dumped(resolved)
    judged(resolved, TODAY)
    assert dumped(resolved) == before


def test_priced_lines_add_up_to_the_total_exactly(review: Review) -> None:
    amounts = [line.monthly.amount for line in review.cost.priced if line.monthly]
    assert len(amounts) == len(review.cost.priced)
    assert sum(amounts, Decimal(0)) == review.cost.total.amount
    assert len(review.cost.priced) + len(review.cost.unpriced) == len(review.cost.lines)


def test_every_image_in_the_graph_is_in_the_lock_with_a_state(review: Review) -> None:
    lock = review.resolved.lock
    assert lock is not None
    states = {image.reference: image.state for image in lock.images}
    pulled = {upstream(use.reference, review.resolved.registry) for use in image_uses(review.graph)}
    assert pulled == set(states)


def images(value: Json) -> Iterator[str]:
    """Every image that any object, derived or not, names below a key `image`."""
    yield from (leaf for path, leaf in walk(value) if path[-1:] == ("image",) and isinstance(leaf, str))


def test_one_reference_has_one_digest_everywhere(review: Review) -> None:
    assert review.resolved.lock is not None
    digests: dict[str, set[str]] = {}
    for resource in review.graph:
        for name in (split_image(upstream(image, review.resolved.registry)) for image in images(resource.inputs)):
            digests.setdefault(f"{name.registry}/{name.repository}:{name.tag}", set()).add(name.digest)
    for image in review.resolved.lock.images:
        digests[str(split_image(image.reference))].add(image.digest or "")
    assert digests
    assert {reference: found for reference, found in digests.items() if len(found) > 1} == {}


def test_every_dependency_of_a_shipped_environment_exists_and_comes_first(review: Review) -> None:
    position = {resource.urn: index for index, resource in enumerate(review.graph.creation_order)}
    assert all(position[urn] < position[item.urn] for item in review.graph for urn in item.dependencies)


def test_a_shipped_environment_is_allowed_fits_and_stays_within_its_budget(review: Review) -> None:
    assert not review.policies.blocked
    assert not review.capacity.blocked
    assert review.capacity.packing.fit is Fit.ANY_ORDER
    assert not review.cost.over_budget


def test_a_shipped_environment_is_read_without_a_warning() -> None:
    assert dev().warnings == ()
