"""What belongs to each part of a baseline, and baselines in which single parts have other versions."""

from __future__ import annotations

from collections import Counter

import pytest

from bedplate.catalog.catalog import load
from bedplate.catalog.parts import overridden, override_problem, part_names, part_value
from bedplate.catalog.versions import Baseline

CATALOG = load()
OLD, NEW = CATALOG.baselines["2026.08"], CATALOG.baselines["2026.11"]


def changed(**values: str) -> Baseline:
    named = {name.replace("__", "."): value for name, value in values.items()}
    return overridden(OLD, named, CATALOG.baseline_parts, CATALOG.baselines)


def test_every_part_has_a_row_and_every_image_and_chart_belongs_to_one_part() -> None:
    parts = CATALOG.baseline_parts
    assert set(parts) == set(NEW.parts())
    for baseline in CATALOG.baselines.values():
        assert Counter(role for row in parts.values() for role in row.images) == Counter(list(baseline.images))
        assert Counter(name for row in parts.values() for name in row.charts) == Counter(list(baseline.charts))


def test_all_versions_of_another_baseline_make_that_baseline() -> None:
    values = {part: value for part, value in NEW.parts().items() if value != OLD.parts()[part]}
    made = overridden(OLD, values, CATALOG.baseline_parts, CATALOG.baselines)
    same = {"name": NEW.name, "released": NEW.released, "source": NEW.source, "as_of": NEW.as_of}
    assert made.model_copy(update=same) == NEW


def test_a_version_takes_images_and_charts_of_the_baseline_that_has_it() -> None:
    made = changed(envoyGateway="1.9.1")
    assert made.images["envoyProxy"] == "docker.io/envoyproxy/envoy:distroless-v1.39.1"
    assert made.charts["envoy-gateway"].version == "v1.9.1"
    assert made.charts["cert-manager"] == OLD.charts["cert-manager"]


def test_a_version_that_no_baseline_has_is_written_into_tags_that_hold_the_old_one() -> None:
    made = changed(dcgmExporter="4.7.0-4.9.0", envoyGateway="1.9.9", certManager="1.22.0")
    assert made.images["dcgmExporter"] == "nvcr.io/nvidia/k8s/dcgm-exporter:4.7.0-4.9.0-distroless"
    assert made.images["envoyGateway"] == "docker.io/envoyproxy/gateway:v1.9.9"
    assert made.images["envoyProxy"] == OLD.images["envoyProxy"]
    assert made.charts["cert-manager"].version == "v1.22.0"


def test_a_single_image_or_chart_wins_over_the_part_that_it_belongs_to() -> None:
    made = changed(images__vllm="registry.example.org/vllm:own", vllm="0.31.0", charts__kueue="0.20.0", kueue="0.19.5")
    assert (made.vllm, made.images["vllm"]) == ("0.31.0", "registry.example.org/vllm:own")
    assert (made.kueue, made.charts["kueue"].version) == ("0.19.5", "0.20.0")


def test_what_nothing_carries_by_itself_cannot_be_overridden() -> None:
    assert "gatewayApi" not in part_names(NEW, CATALOG.baseline_parts)
    assert override_problem(NEW, "gatewayApi", "1.5.1", CATALOG.baseline_parts) is not None


@pytest.mark.parametrize("part", part_names(NEW, CATALOG.baseline_parts))
def test_the_value_that_a_baseline_has_is_of_the_right_form_and_no_override(part: str) -> None:
    problem = override_problem(NEW, part, part_value(NEW, part), CATALOG.baseline_parts)
    assert problem is not None
    assert problem.message == "is what baseline 2026.11 has anyway"


@pytest.mark.parametrize("part", part_names(NEW, CATALOG.baseline_parts))
def test_text_that_is_no_version_is_refused_for_every_part(part: str) -> None:
    problem = override_problem(NEW, part, "no version!", CATALOG.baseline_parts)
    assert problem is not None
    assert problem.field == "value"
