"""What Karpenter follows from: its chart's settings, the images of its nodes, and the most nodes that there can be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bedplate.catalog import catalog
from bedplate.cli.pipeline import judged
from bedplate.environment.facts import expansion, karpenter_facts
from bedplate.environment.karpenter import NODE_REPAIR, chart_values, image_parameter, with_chart_values
from bedplate.environment.limits import most_nodes, most_of
from bedplate.environment.network import needed_services
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.sections import ChartAddonSpec
from tests.support.environments import PLATFORM, SERVING_PROVIDED, TODAY, dev, whole
from tests.support.karpenter import with_karpenter

AL2023 = "/aws/service/eks/optimized-ami/1.35/amazon-linux-2023"
ROCKET = {"family": "bottlerocket", "release": "1.53.0-0a1b2c3d"}


def image(folder: Path, **pool: Any) -> str:
    resolved = with_karpenter(folder, **pool)
    (spec,) = resolved.environment.karpenter_pools
    return image_parameter(karpenter_facts(spec, resolved.catalog), resolved.baseline, resolved.catalog)


def most(folder: Path, **pool: Any) -> int:
    (spec,) = with_karpenter(folder, **pool).environment.karpenter_pools
    return most_nodes(spec, [catalog.load().instance_types[name] for name in spec.instance_types])


def chart(folder: Path, changes: dict[str, Any] | None = None, **pool: Any) -> ChartAddonSpec:
    resolved = with_karpenter(folder, changes, **pool)
    (addon,) = (item for item in resolved.environment.addons if item.name == "karpenter")
    assert isinstance(addon, ChartAddonSpec)
    return addon


def test_the_chart_is_told_of_the_cluster_the_queue_and_the_service_account(tmp_path: Path) -> None:
    assert dict(chart(tmp_path).values) == {
        "serviceAccount.name": "karpenter",
        "settings.clusterName": "bedplate-dev",
        "settings.enableZonalShift": False,
        "settings.featureGates.staticCapacity": False,
        "settings.interruptionQueue": "bedplate-dev-karpenter",
        "settings.isolatedVPC": False,
    }


def test_other_values_of_the_chart_are_the_environment_s_own(tmp_path: Path) -> None:
    charts = [
        {"name": "karpenter-crd", "source": "chart", "namespace": "kube-system"},
        {"name": "karpenter", "source": "chart", "namespace": "kube-system", "values": {"replicas": 3}},
    ]
    values = chart(tmp_path, {"addons": [*SERVING_PROVIDED, *charts]}).values

    assert (values["replicas"], values["settings.clusterName"]) == (3, "bedplate-dev")


def test_static_capacity_is_switched_on_where_a_pool_has_a_fixed_number_of_nodes(tmp_path: Path) -> None:
    fixed = chart(tmp_path, limits={"nodes": 3}, replicas=2)

    assert fixed.values["settings.featureGates.staticCapacity"] is True


def test_a_vpc_without_a_way_to_the_internet_is_called_isolated_and_gets_the_endpoints(tmp_path: Path) -> None:
    resolved = with_karpenter(tmp_path, {"connectivity": "private", "network": {"cidr": "10.40.0.0/16"}, "models": []})

    assert chart_values(resolved.environment)["settings.isolatedVPC"] is True
    assert {"sqs", "ssm", "ec2", "eks"} <= needed_services(resolved.environment, resolved.catalog)


def test_karpenter_keeps_clear_of_a_zone_that_aws_has_moved_the_cluster_away_from(tmp_path: Path) -> None:
    private = {"connectivity": "private", "network": {"cidr": "10.40.0.0/16"}, "models": []}
    cluster = whole(PLATFORM, "dev")["cluster"]
    shifting = {**cluster, "zonalShift": True, "endpoint": {}}
    still = with_karpenter(tmp_path / "still", private)
    resolved = with_karpenter(tmp_path / "shifting", {**private, "cluster": shifting})

    assert chart_values(still.environment)["settings.enableZonalShift"] is False
    assert chart_values(resolved.environment)["settings.enableZonalShift"] is True
    assert needed_services(resolved.environment, resolved.catalog) - needed_services(
        still.environment, still.catalog
    ) == {"arc-zonal-shift"}


def test_nodes_with_gpus_are_repaired_unless_the_environment_says_otherwise(tmp_path: Path) -> None:
    gpus: dict[str, Any] = {"role": "inference", "instanceTypes": ["g6.xlarge"], "limits": {"gpus": 2}}
    charts: list[dict[str, Any]] = [
        {"name": "karpenter-crd", "source": "chart", "namespace": "kube-system"},
        {"name": "karpenter", "source": "chart", "namespace": "kube-system", "values": {NODE_REPAIR: False}},
    ]

    assert chart(tmp_path / "a", **gpus).values[NODE_REPAIR] is True
    assert chart(tmp_path / "b", {"addons": [*SERVING_PROVIDED, *charts]}, **gpus).values[NODE_REPAIR] is False
    assert NODE_REPAIR not in chart(tmp_path / "c").values


def test_the_policy_on_repair_reads_the_add_on_where_its_chart_is_in_no_plan(tmp_path: Path) -> None:
    gpus: dict[str, Any] = {"role": "inference", "instanceTypes": ["g6.xlarge"], "limits": {"gpus": 2}}
    charts: list[dict[str, Any]] = [
        {"name": "karpenter-crd", "source": "chart", "namespace": "kube-system"},
        {"name": "karpenter", "source": "chart", "namespace": "kube-system", "values": {NODE_REPAIR: False}},
    ]

    def found(resolved: ResolvedEnvironment) -> list[str]:
        violations = judged(resolved, TODAY).to_json()["policies"]["violations"]
        return [item["object"] for item in violations if item["policy"] == "nodes/faults-repaired"]

    assert found(with_karpenter(tmp_path / "a", **gpus)) == []
    assert found(with_karpenter(tmp_path / "b", {"addons": [*SERVING_PROVIDED, *charts]}, **gpus)) == ["NodePool burst"]


def test_what_follows_from_the_environment_is_part_of_what_an_expansion_was_made_with(tmp_path: Path) -> None:
    one, other = chart(tmp_path / "a"), chart(tmp_path / "b", limits={"nodes": 3}, replicas=2)

    assert expansion(one, "1.35") != expansion(other, "1.35")


def test_an_environment_without_such_a_pool_keeps_its_charts_as_they_are() -> None:
    addon = {"name": "karpenter", "source": "chart", "namespace": "kube-system", "values": {"replicas": 3}}
    addons = (ChartAddonSpec.model_validate(addon),)
    environment = dev().environment.model_copy(update={"addons": addons})

    assert with_chart_values(environment).addons == addons


@pytest.mark.parametrize(
    ("pool", "parameter"),
    [
        ({}, f"{AL2023}/x86_64/standard/amazon-eks-node-al2023-x86_64-standard-1.35-v20260714/image_id"),
        (
            {"instanceTypes": ["m7g.xlarge"]},
            f"{AL2023}/arm64/standard/amazon-eks-node-al2023-arm64-standard-1.35-v20260714/image_id",
        ),
        (
            {"role": "inference", "instanceTypes": ["g6.xlarge"], "limits": {"gpus": 2}},
            f"{AL2023}/x86_64/nvidia/amazon-eks-node-al2023-x86_64-nvidia-1.35-v20260714/image_id",
        ),
        ({"ami": ROCKET}, "/aws/service/bottlerocket/aws-k8s-1.35/x86_64/1.53.0-0a1b2c3d/image_id"),
        (
            {"ami": {**ROCKET, "fips": True}},
            "/aws/service/bottlerocket/aws-k8s-1.35-fips/x86_64/1.53.0-0a1b2c3d/image_id",
        ),
        (
            {"role": "inference", "instanceTypes": ["g6.xlarge"], "limits": {"gpus": 2}, "ami": ROCKET},
            "/aws/service/bottlerocket/aws-k8s-1.35-nvidia/x86_64/1.53.0-0a1b2c3d/image_id",
        ),
    ],
)
def test_an_image_is_named_by_architecture_version_and_release(
    pool: dict[str, Any], parameter: str, tmp_path: Path
) -> None:
    assert image(tmp_path, **pool) == parameter


def test_a_pool_may_keep_an_older_kubernetes_with_a_release_of_its_own(tmp_path: Path) -> None:
    older = image(tmp_path, kubernetes="1.34", ami={"release": "1.34.9-20260601"})

    assert older.endswith("/amazon-eks-node-al2023-x86_64-standard-1.34-v20260601/image_id")


@pytest.mark.parametrize(
    ("limits", "nodes"),
    [
        ({"nodes": 7}, 7),
        ({"cpu": 20}, 5),
        ({"cpu": 20, "nodes": 3}, 3),
        # 16 GiB by name are 14.8 to the system: five of them stay within 75.
        ({"memoryGib": 75}, 5),
    ],
)
def test_the_most_nodes_are_those_of_the_type_that_takes_least(
    limits: dict[str, int], nodes: int, tmp_path: Path
) -> None:
    assert most(tmp_path, limits=limits) == nodes


def test_nodes_of_one_type_are_counted_by_what_it_takes(tmp_path: Path) -> None:
    (spec,) = with_karpenter(tmp_path).environment.karpenter_pools

    assert most_of(spec, catalog.load().instance_types["m7i.2xlarge"]) == 2
