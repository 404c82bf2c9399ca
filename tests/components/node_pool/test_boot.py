"""What nodes of a managed pool start with: volumes, and what they are told."""

from __future__ import annotations

from typing import Any

from components.node_pool.boot import user_data
from components.volumes import Volume, volumes
from tests.components.node_pool.pools import pool_spec
from tests.support.user_data import bottlerocket_settings, node_configs

BOTTLEROCKET = {"family": "bottlerocket", "release": "1.53.0-0a1b2c3d"}


def node_config(**fields: Any) -> dict[str, Any]:
    """The NodeConfig spec that nodes of such a pool read."""
    (config,) = node_configs(user_data(pool_spec(**fields)) or "")
    return dict(config["spec"])


def settings(**fields: Any) -> dict[str, Any]:
    """The settings that Bottlerocket nodes of such a pool read."""
    return bottlerocket_settings(user_data(pool_spec(ami=BOTTLEROCKET, **fields)) or "")


def test_amazon_linux_keeps_everything_on_one_volume() -> None:
    disk = {"gib": 250, "iops": 4000, "throughputMibs": 500}

    assert volumes(pool_spec(disk=disk)) == (Volume("/dev/xvda", 250, 4000, 500),)


def test_bottlerocket_keeps_images_and_pods_on_a_volume_of_their_own() -> None:
    assert volumes(pool_spec(ami=BOTTLEROCKET, disk={"gib": 250})) == (
        Volume("/dev/xvda", 4, 3000, 125),
        Volume("/dev/xvdb", 250, 3000, 125),
    )


def test_images_that_need_no_word_get_none() -> None:
    assert user_data(pool_spec()) is None
    assert user_data(pool_spec(ami=BOTTLEROCKET)) is None


def test_local_disks_become_one_on_amazon_linux() -> None:
    assert node_config(instanceStore="raid0") == {"instance": {"localStorage": {"strategy": "RAID0"}}}


def test_local_disks_become_one_on_bottlerocket_and_hold_images_pods_and_logs() -> None:
    (command,) = settings(instanceStore="raid0")["bootstrap-commands"].values()

    assert command["commands"][0] == ["apiclient", "ephemeral-storage", "init"]
    assert command["commands"][1][-3:] == ["/var/lib/containerd", "/var/lib/kubelet", "/var/log/pods"]
    assert (command["essential"], command["mode"]) == (True, "always")


def test_bottlerocket_s_own_device_plugin_is_told_to_share_as_ours_would() -> None:
    assert settings(sharing={"timeSlicing": {"replicas": 4}}) == {
        "kubelet-device-plugins": {
            "nvidia": {
                "device-sharing-strategy": "time-slicing",
                "time-slicing": {"fail-requests-greater-than-one": True, "rename-by-default": False, "replicas": 4},
            }
        }
    }


def test_bottlerocket_s_own_mig_manager_is_told_the_profile_for_the_gpu_that_it_knows_by_its_name() -> None:
    spec = pool_spec(ami=BOTTLEROCKET, sharing={"mig": {"profile": "1g.10gb"}})
    text = user_data(spec, {"h100.80gb": "1g.10gb"})

    assert bottlerocket_settings(text or "") == {
        "kubelet-device-plugins": {
            "nvidia": {"device-partitioning-strategy": "mig", "mig": {"profile": {"h100.80gb": "1g.10gb"}}}
        }
    }
