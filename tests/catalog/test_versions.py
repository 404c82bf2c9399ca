"""Guards over versions: baselines, the steps between them, and how long Kubernetes and AMIs are supported."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from pydantic import ValidationError

from bedplate.catalog.catalog import load
from bedplate.catalog.support import Support
from bedplate.catalog.versions import Baseline, Upgrade
from bedplate.units.image import split_image

CATALOG = load()
BASELINES = tuple(CATALOG.baselines.values())
# Images and charts of a baseline for which no source gives a usable digest.
UNRESOLVED_IMAGES = {
    "2026.08": {
        "efaDevicePlugin",
        "envoyGateway",
        "gpuDriver",
        "kserveController",
        "kubeRbacProxy",
        "storageInitializer",
    },
    "2026.11": {"efaDevicePlugin", "gpuDriver", "kserveController", "kubeRbacProxy", "storageInitializer"},
}
UNRESOLVED_CHARTS = {
    "2026.08": {
        "argocd",
        "aws-efa-k8s-device-plugin",
        "cert-manager",
        "dra-driver-nvidia-gpu",
        "flux",
        "gpu-operator",
        "karpenter",
        "karpenter-crd",
        "kube-prometheus-stack",
        "kueue",
    },
    "2026.11": {"argocd", "aws-efa-k8s-device-plugin", "dra-driver-nvidia-gpu", "external-secrets", "flux"},
}


def test_there_are_at_least_two_baselines_in_the_order_of_their_days() -> None:
    assert len(BASELINES) >= 2
    for older, newer in pairwise(BASELINES):
        assert older.released < newer.released
        assert older.name < newer.name


@pytest.mark.parametrize("baseline", BASELINES, ids=lambda row: row.name)
def test_a_baseline_names_a_supported_kubernetes_version_and_an_ami_release_for_it(baseline: Baseline) -> None:
    assert baseline.ami_release.startswith(f"{baseline.kubernetes}.")
    assert CATALOG.support(baseline.kubernetes, baseline.released).status == "standard"
    day = baseline.ami_release.partition("-")[2]
    assert date.fromisoformat(day) <= baseline.released
    assert baseline.name == f"{baseline.released:%Y.%m}"


@pytest.mark.parametrize("baseline", BASELINES, ids=lambda row: row.name)
@pytest.mark.parametrize(
    ("field", "roles"),
    [
        ("cert_manager", ("certManagerController", "certManagerWebhook", "certManagerCainjector")),
        ("dcgm_exporter", ("dcgmExporter",)),
        ("device_plugin", ("devicePlugin",)),
        ("dra_driver", ("draDriver",)),
        ("efa_device_plugin", ("efaDevicePlugin",)),
        ("envoy_gateway", ("envoyGateway",)),
        ("karpenter", ("karpenterController",)),
        ("gpu_driver", ("gpuDriver",)),
        ("gpu_operator", ("gpuOperator",)),
        ("kserve", ("kserveController", "storageInitializer")),
        ("mig_manager", ("migManager",)),
        ("node_feature_discovery", ("nodeFeatureDiscovery",)),
        ("vllm", ("vllm",)),
    ],
)
def test_images_of_a_baseline_carry_the_version_that_the_baseline_states(
    baseline: Baseline, field: str, roles: tuple[str, ...]
) -> None:
    for role in roles:
        tag = split_image(baseline.images[role]).tag
        assert tag.removeprefix("v").removesuffix("-distroless") == getattr(baseline, field), role


@pytest.mark.parametrize("baseline", BASELINES, ids=lambda row: row.name)
@pytest.mark.parametrize(
    ("field", "charts"),
    [
        ("cert_manager", ("cert-manager",)),
        ("dra_driver", ("dra-driver-nvidia-gpu",)),
        ("envoy_gateway", ("envoy-gateway",)),
        ("external_secrets", ("external-secrets",)),
        ("gpu_operator", ("gpu-operator",)),
        ("karpenter", ("karpenter", "karpenter-crd")),
        ("keda", ("keda",)),
        ("kserve", ("kserve", "kserve-crd")),
        ("kueue", ("kueue",)),
        ("leader_worker_set", ("lws",)),
        ("prometheus_stack", ("kube-prometheus-stack",)),
    ],
)
def test_charts_of_a_baseline_carry_the_version_that_the_baseline_states(
    baseline: Baseline, field: str, charts: tuple[str, ...]
) -> None:
    for chart in charts:
        assert baseline.charts[chart].version.removeprefix("v") == getattr(baseline, field), chart


def test_all_baselines_have_the_same_roles_and_charts_from_the_same_places() -> None:
    for older, newer in pairwise(BASELINES):
        assert {role: split_image(ref).repository for role, ref in older.images.items()} == {
            role: split_image(ref).repository for role, ref in newer.images.items()
        }
        assert {name: chart.repository for name, chart in older.charts.items()} == {
            name: chart.repository for name, chart in newer.charts.items()
        }


@pytest.mark.parametrize("baseline", BASELINES, ids=lambda row: row.name)
def test_every_image_and_chart_has_a_published_digest_but_for_those_that_nobody_published(baseline: Baseline) -> None:
    images = {role for role, reference in baseline.images.items() if reference not in CATALOG.images}
    charts = {
        name for name, chart in baseline.charts.items() if f"{chart.repository}:{chart.version}" not in CATALOG.charts
    }
    assert images == UNRESOLVED_IMAGES[baseline.name]
    assert charts == UNRESOLVED_CHARTS[baseline.name]


@pytest.mark.parametrize("baseline", BASELINES, ids=lambda row: row.name)
def test_a_baseline_has_what_is_known_of_its_kserve_and_an_image_for_every_runtime(baseline: Baseline) -> None:
    assert CATALOG.kserve(baseline.kserve)
    assert {runtime.image_role for runtime in CATALOG.runtimes.values()} <= baseline.images.keys()


def test_the_parts_of_a_baseline_are_its_versions_by_the_names_of_files() -> None:
    parts = CATALOG.baselines["2026.11"].parts()
    assert (parts["kubernetes"], parts["amiRelease"], parts["vllm"]) == ("1.35", "1.35.6-20260714", "0.31.0")
    assert not parts.keys() & {"name", "released", "images", "charts", "source", "asOf", "as_of"}


def test_every_step_from_one_baseline_to_the_next_is_stated() -> None:
    for older, newer in pairwise(BASELINES):
        new = newer.parts()
        moves = {(part, old, new[part]) for part, old in older.parts().items() if old != new[part]}
        assert moves
        assert moves <= CATALOG.upgrades.keys()


def test_every_stated_step_is_between_versions_of_baselines() -> None:
    known = {(part, version) for baseline in BASELINES for part, version in baseline.parts().items()}
    for row in CATALOG.upgrades.values():
        assert {(row.part, row.from_version), (row.part, row.to_version)} <= known
        assert row.from_version != row.to_version


def test_a_step_that_nobody_stated_is_unknown() -> None:
    assert CATALOG.upgrade("kubernetes", "1.35", "1.34") is None
    assert CATALOG.upgrade("kubernetes", "1.33", "1.35") is None


def test_the_control_plane_can_go_back_for_a_week() -> None:
    step = CATALOG.upgrade("kubernetes", "1.34", "1.35")
    assert step is not None
    assert (step.kind, step.irreversible, step.reversible_days) == ("safe", False, 7)


def test_a_step_that_cannot_be_taken_back_has_no_days_for_it() -> None:
    whole = CATALOG.upgrades["kubernetes", "1.34", "1.35"].model_dump(mode="json")
    with pytest.raises(ValidationError, match="reversibleDays is only for moves that are not irreversible"):
        Upgrade.model_validate({**whole, "irreversible": True})


def test_support_of_a_kubernetes_version_ends_after_14_months_and_after_12_more() -> None:
    for version in CATALOG.kubernetes_versions.values():
        assert 420 <= (version.standard_support_ends - version.eks_release).days <= 428, version.version
        assert 365 <= (version.extended_support_ends - version.standard_support_ends).days <= 366, version.version


def test_kubernetes_minors_follow_each_other_without_a_gap() -> None:
    rows = [CATALOG.kubernetes_versions[minor] for minor in sorted(CATALOG.kubernetes_versions)]
    for older, newer in pairwise(rows):
        assert int(newer.version.removeprefix("1.")) == int(older.version.removeprefix("1.")) + 1
        assert older.eks_release < newer.eks_release
        assert older.standard_support_ends < newer.standard_support_ends


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 11, 21), Support("standard", date(2026, 12, 2), 11)),
        (date(2026, 12, 2), Support("standard", date(2026, 12, 2), 0)),
        (date(2026, 12, 3), Support("extended", date(2027, 12, 2), 364)),
        (date(2027, 12, 2), Support("extended", date(2027, 12, 2), 0)),
        (date(2027, 12, 3), Support("ended", date(2027, 12, 2))),
    ],
)
def test_the_support_clock_tells_phase_and_days_left(on: date, expected: Support) -> None:
    assert CATALOG.support("1.34", on) == expected


def test_support_of_an_unknown_version_is_unknown() -> None:
    assert CATALOG.support("1.99", date(2026, 11, 21)) == Support("unknown")


def test_amazon_linux_2_gets_no_images_any_more() -> None:
    row = CATALOG.ami_support["AL2"]
    assert row.support(row.ends) == Support("standard", row.ends, 0)
    assert row.support(row.ends + timedelta(days=1)) == Support("ended", row.ends)
    assert row.last_kubernetes == "1.32"
