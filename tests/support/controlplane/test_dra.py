"""What the simulated DRA driver publishes is what the classes of the real one look for."""

from __future__ import annotations

from typing import Any

from tests.support.controlplane.dra import resource_slice

NODE: dict[str, Any] = {"metadata": {"name": "ip-10-0-0-1.ec2.internal", "uid": "u"}}


def devices(*gpus: dict[str, int] | None) -> list[tuple[str, str, str]]:
    """Name, type and profile of what a node with these GPUs offers."""
    found = resource_slice(NODE, gpus, "H100")["spec"]["devices"]
    values = [
        {key: next(iter(value.values())) for key, value in each["attributes"].items()} | {"name": each["name"]}
        for each in found
    ]
    return [(each["name"], each["type"], each.get("profile", "")) for each in values]


def test_whole_gpus_are_devices_of_type_gpu() -> None:
    assert devices(None, None) == [("gpu-0", "gpu", ""), ("gpu-1", "gpu", "")]


def test_a_split_gpu_is_offered_by_its_instances_only() -> None:
    assert devices({"1g.10gb": 2, "3g.40gb": 1}) == [
        ("gpu-0-mig-1g10gb-0", "mig", "1g.10gb"),
        ("gpu-0-mig-1g10gb-1", "mig", "1g.10gb"),
        ("gpu-0-mig-3g40gb-2", "mig", "3g.40gb"),
    ]


def test_every_device_has_an_identity_of_its_own_and_instances_name_their_gpu() -> None:
    found = resource_slice(NODE, ({"1g.10gb": 2}, None), "H100")["spec"]["devices"]
    ids = [each["attributes"]["uuid"]["string"] for each in found]
    assert len(set(ids)) == 3
    assert {each["attributes"]["parentUUID"]["string"] for each in found[:2]}.isdisjoint(ids)


def test_the_slice_goes_with_its_node() -> None:
    made = resource_slice(NODE, (None,), "L4")
    (owner,) = made["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["uid"]) == ("Node", "u")
    assert made["spec"]["nodeName"] == made["spec"]["pool"]["name"] == "ip-10-0-0-1.ec2.internal"
