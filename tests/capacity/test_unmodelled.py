"""What the packing proof does not model is found in a pod, so that nobody takes the proof for more than it is."""

from __future__ import annotations

import pytest

from bedplate.capacity.unmodelled import host_ports, unmodelled
from bedplate.graph.values import Json

TERM = {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "kubernetes.io/hostname"}]}


def asking(**requests: str) -> Json:
    """A pod whose container asks for these resources; a double underscore stands for a slash, a single for a hyphen."""
    names = {name.replace("__", "/").replace("_", "-"): value for name, value in requests.items()}
    return {"containers": [{"resources": {"requests": names}}]}


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"affinity": {"podAffinity": TERM}}, "required pod affinity is not part of the proof"),
        ({"affinity": {"podAntiAffinity": TERM}}, "required pod anti-affinity is not part of the proof"),
        (
            {"topologySpreadConstraints": [{"topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}]},
            "the topology spread constraint on zone is not part of the proof",
        ),
        (asking(ephemeral_storage="1Gi"), "the request for ephemeral-storage is not part of the proof"),
        (asking(hugepages_2Mi="4Mi"), "the request for hugepages-2Mi is not part of the proof"),
        (asking(vpc__efa="1"), "the request for vpc/efa is not part of the proof"),
        (
            {"initContainers": [{"resources": {"limits": {"ephemeral-storage": "1Gi"}}}]},
            "the request for ephemeral-storage is not part of the proof",
        ),
        (
            {"resources": {"requests": {"cpu": "1"}}},
            "resources of the pod as a whole (spec.resources) are not part of the proof",
        ),
        ({"schedulingGates": [{"name": "kueue"}]}, "it waits for scheduling gates (kueue)"),
        ({"schedulerName": "volcano"}, "volcano places it, of which nothing is known"),
        ({"nodeName": "ip-10-0-0-1"}, "it is bound to the node ip-10-0-0-1 by name"),
    ],
)
def test_every_constraint_outside_the_proof_is_named(spec: Json, reason: str) -> None:
    assert unmodelled(spec) == (reason,)


@pytest.mark.parametrize(
    "spec",
    [
        {"affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1}]}}},
        {"topologySpreadConstraints": [{"topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}]},
        {"schedulerName": "default-scheduler"},
        asking(cpu="1", memory="1Gi", nvidia_com__gpu="0", ephemeral_storage="0"),
        {"containers": [{"resources": {"limits": {"nvidia.com/mig-1g.10gb": "1"}}}]},
        {},
    ],
)
def test_what_only_prefers_and_what_asks_for_nothing_is_no_reason(spec: Json) -> None:
    assert unmodelled(spec) == ()


def test_host_ports_are_those_asked_for_and_on_the_host_network_all() -> None:
    ports = [{"containerPort": 80}, {"containerPort": 53, "hostPort": 5353, "protocol": "UDP"}]
    spec = {"containers": [{"ports": ports}]}
    assert host_ports(spec) == {"UDP 5353"}
    assert host_ports({**spec, "hostNetwork": True}) == {"TCP 80", "UDP 5353"}
