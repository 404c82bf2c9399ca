"""Options of the control plane: each reaches AWS, and each is stated even where it is AWS's default."""

from typing import Any

import pytest
from pydantic import ValidationError

from bedplate.graph.values import get, thaw
from components.cluster.spec import ClusterSpec
from tests.components.cluster.building import ADMINS, control_plane


def test_everything_that_eks_would_keep_from_before_is_stated() -> None:
    inputs = thaw(control_plane().inputs)

    assert inputs["zonalShiftConfig"] == {"enabled": False}
    assert inputs["deletionProtection"] is False
    assert inputs["controlPlaneScalingConfig"] == {"tier": "standard"}
    assert inputs["vpcConfig"]["controlPlaneEgressMode"] == "AWS_MANAGED"
    assert inputs["kubeApiServerConfig"] == {
        "eventTtl": "60m",
        "serviceNodePortRange": {"minPort": 30000, "maxPort": 32767},
    }
    assert inputs["kubeSchedulerConfig"]["nodeResourcesFit"]["scoringStrategy"] == {
        "type": "LeastAllocated",
        "resources": [{"name": "cpu", "weight": 1}, {"name": "memory", "weight": 1}],
    }


def test_the_autoscaler_s_period_is_stated_only_where_capacity_is_held_ready() -> None:
    path = ("horizontalPodAutoscalerControllerConfig", "horizontalPodAutoscalerSyncPeriod")

    assert "kubeControllerManagerConfig" not in control_plane().inputs
    ready = control_plane(controlPlaneTier="tier-xl", hpaSyncSeconds=10)
    assert get(ready.inputs, "kubeControllerManagerConfig", *path) == "10s"


@pytest.mark.parametrize(("support", "policy"), [("standard", "STANDARD"), ("extended", "EXTENDED")])
def test_support_decides_what_happens_at_the_end_of_standard_support(support: str, policy: str) -> None:
    assert dict(control_plane(support=support).inputs["upgradePolicy"]) == {"supportType": policy}


@pytest.mark.parametrize(
    ("fields", "path", "value"),
    [
        ({"deletionProtection": True}, ("deletionProtection",), True),
        ({"zonalShift": True}, ("zonalShiftConfig", "enabled"), True),
        ({"controlPlaneTier": "tier-4xl"}, ("controlPlaneScalingConfig", "tier"), "tier-4xl"),
        ({"egress": "customerRouted"}, ("vpcConfig", "controlPlaneEgressMode"), "CUSTOMER_ROUTED"),
        ({"serviceCidr": "192.168.0.0/20"}, ("kubernetesNetworkConfig", "serviceIpv4Cidr"), "192.168.0.0/20"),
        ({"apiServer": {"eventTtlMinutes": 10}}, ("kubeApiServerConfig", "eventTtl"), "10m"),
        (
            {"apiServer": {"nodePorts": {"first": 31000, "last": 31999}}},
            ("kubeApiServerConfig", "serviceNodePortRange", "maxPort"),
            31999,
        ),
        (
            {"scheduler": {"scoring": "mostAllocated"}},
            ("kubeSchedulerConfig", "nodeResourcesFit", "scoringStrategy", "type"),
            "MostAllocated",
        ),
    ],
)
def test_an_option_reaches_aws(fields: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    assert get(control_plane(**fields).inputs, *path) == value


def test_weights_come_by_name_and_what_is_left_out_does_not_count() -> None:
    cluster = control_plane(scheduler={"scoring": "mostAllocated", "weights": {"nvidia.com/gpu": 100, "cpu": 1}})

    strategy = get(cluster.inputs, "kubeSchedulerConfig", "nodeResourcesFit", "scoringStrategy")
    assert [dict(item) for item in strategy["resources"]] == [
        {"name": "cpu", "weight": 1},
        {"name": "nvidia.com/gpu", "weight": 100},
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"scheduler": {"weights": {}}}, "nothing would count"),
        ({"scheduler": {"weights": {"cpu": 101}}}, "less than or equal to 100"),
        ({"scheduler": {"weights": {"amd.com/gpu": 1}}}, "Input should be 'cpu'"),
        ({"apiServer": {"nodePorts": {"first": 32000, "last": 31000}}}, "32000 is above last, 31000"),
        ({"apiServer": {"nodePorts": {"first": 1024}}}, "greater than or equal to 10260"),
        ({"apiServer": {"eventTtlMinutes": 90}}, "less than or equal to 60"),
        ({"hpaSyncSeconds": 5}, "greater than or equal to 10"),
        ({"encryption": {"keyArn": "alias/secrets"}}, "is not the ARN of a KMS key"),
        ({"egress": "customerIsolated"}, "Input should be 'awsManaged' or 'customerRouted'"),
    ],
)
def test_what_eks_would_refuse_is_refused_before(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        ClusterSpec.model_validate({"kind": "eks", "access": [ADMINS], **fields})
