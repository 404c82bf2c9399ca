"""What the scheduler reserves for a pod."""

from __future__ import annotations

from bedplate.capacity.resources import Amount, container_defaults, pod_request
from bedplate.graph.values import Json


def container(cpu: str, memory: str = "0", **more: Json) -> Json:
    return {"name": "c", "resources": {"requests": {"cpu": cpu, "memory": memory}}, **more}


def test_containers_add_up() -> None:
    assert pod_request({"containers": [container("250m", "1Gi"), container("1", "1Gi")]}) == Amount(
        cpu=1250, memory=2 * 1024**3, pods=1
    )


def test_the_largest_init_container_counts_where_it_is_larger() -> None:
    spec = {"containers": [container("1")], "initContainers": [container("3"), container("2")]}
    assert pod_request(spec).cpu == 3000


def test_a_sidecar_runs_beside_the_containers_and_beside_later_init_containers() -> None:
    sidecar = container("500m", restartPolicy="Always")
    assert pod_request({"containers": [container("1")], "initContainers": [sidecar]}).cpu == 1500
    assert pod_request({"containers": [container("1")], "initContainers": [sidecar, container("2")]}).cpu == 2500


def test_a_missing_request_counts_as_the_limit() -> None:
    spec = {"containers": [{"name": "c", "resources": {"limits": {"nvidia.com/gpu": "1", "cpu": "2"}}}]}
    assert pod_request(spec) == Amount(cpu=2000, gpu=1, pods=1)


def test_overhead_of_the_runtime_class_counts() -> None:
    assert pod_request({"containers": [container("1")], "overhead": {"cpu": "250m"}}).cpu == 1250


def test_a_fraction_of_a_millicore_occupies_a_whole_one() -> None:
    assert pod_request({"containers": [container("100u")]}).cpu == 1


def test_a_limit_range_gives_default_requests_else_limits_to_containers_without_any() -> None:
    item = {"type": "Container", "defaultRequest": {"cpu": "100m"}, "default": {"cpu": "1", "memory": "1Gi"}}
    pod = {"type": "Pod", "max": {"cpu": "9"}}
    assert container_defaults({"spec": {"limits": [pod, item]}}) == {"cpu": "100m", "memory": "1Gi"}


def test_the_containers_own_request_or_limit_wins_over_the_default() -> None:
    limited = {"name": "c", "resources": {"limits": {"cpu": "2"}}}
    assert pod_request({"containers": [limited, {"name": "d"}]}, {"cpu": "100m"}).cpu == 2100
