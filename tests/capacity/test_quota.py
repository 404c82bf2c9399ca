"""Pods of a team against its quota: fits, exceeds, or unknown."""

from __future__ import annotations

from bedplate.capacity.quota import QuotaCheck, quota_checks
from bedplate.capacity.resources import Amount
from bedplate.graph.derive.expand import PodGroup
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json
from tests.support.environments import dev

TEAM = dev().environment.teams[0]
ORIGIN = Resource(urn="urn:pod", type="kubernetes:core/v1:Pod", name="pod")
ALLOWED = Amount(cpu=8000, memory=32 << 30, gpu=4, pods=20)


def pods(cpu: str = "1", *, node: str = "", minimum: int | None = 1, maximum: int | None = 1, **spec: Json) -> PodGroup:
    """Pods of the team, with one container that asks for `cpu`."""
    container: Json = {"name": "c", "resources": {"requests": {"cpu": cpu}}} if cpu else {"name": "c"}
    return PodGroup("web", TEAM.namespace, {"containers": [container], **spec}, node, minimum, maximum, ORIGIN)


def check(group: PodGroup, *, nodes: dict[str, int | None] | None = None, **defaults: Json) -> QuotaCheck:
    (made,) = quota_checks([TEAM], [group], nodes or {}, {TEAM.namespace: defaults})
    return made


def test_the_quota_of_the_team_holds_pods_at_most_replicas() -> None:
    assert (check(pods(maximum=8)).verdict, check(pods(maximum=9)).verdict) == ("fits", "exceeds")
    assert check(pods()).allowed == ALLOWED


def test_pods_in_unknown_number_are_not_known_to_fit() -> None:
    made = check(pods(minimum=2, maximum=None))
    assert (made.verdict, made.fits, made.requested.cpu) == ("unknown", False, 2000)
    assert made.to_json()["unknown"] == [f"number of pods of {TEAM.namespace}/web"]


def test_what_exceeds_the_quota_already_exceeds_it_whatever_is_unknown() -> None:
    made = check(pods("9", maximum=None))
    assert (made.verdict, made.to_json()["unknown"]) == ("exceeds", [])


def test_a_daemon_set_counts_once_for_each_node_of_its_pool() -> None:
    assert check(pods(node="l4"), nodes={"l4": 3}).requested == Amount(cpu=3000, pods=3)
    assert check(pods(node="l4"), nodes={"l4": None}).verdict == "unknown"


def test_resources_of_a_pod_as_a_whole_are_unknown() -> None:
    assert check(pods(resources={"requests": {"cpu": "4"}})).verdict == "unknown"


def test_containers_without_requests_count_with_the_defaults_of_the_namespace() -> None:
    assert check(pods(""), cpu="250m").requested.cpu == 250
    assert check(pods("1"), cpu="250m").requested.cpu == 1000
