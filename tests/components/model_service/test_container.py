"""A release becomes arguments, environment and resources of vLLM."""

from __future__ import annotations

from components.model_service.container import resolve_container
from tests.components.model_service.releases import release_with


def test_a_generating_model_gets_its_limits_as_arguments() -> None:
    assert resolve_container(release_with()).args == (
        "--dtype=bfloat16",
        "--max-model-len=8192",
        "--max-num-seqs=64",
        "--gpu-memory-utilization=0.4",
        "--runner=generate",
    )


def test_an_embedding_model_is_run_for_pooling_and_converted() -> None:
    args = resolve_container(release_with(task="embed")).args
    assert args[-2:] == ("--runner=pooling", "--convert=embed")
    assert "--runner=generate" not in args


def test_several_gpus_of_one_replica_work_in_parallel() -> None:
    assert "--tensor-parallel-size=4" in resolve_container(release_with(resources={"gpus": 4})).args


def test_the_releases_own_arguments_come_last() -> None:
    args = resolve_container(release_with(runtime={"args": ["--enforce-eager"]})).args
    assert args[-1] == "--enforce-eager"


def test_environment_is_the_releases_own_sorted_by_name() -> None:
    container = resolve_container(release_with(runtime={"env": {"B": "2", "A": "1"}}))
    assert list(container.env.items()) == [("A", "1"), ("B", "2")]


def test_resources_are_those_of_the_release() -> None:
    container = resolve_container(release_with(resources={"cpu": "4", "memory": "16Gi", "gpus": 2}))
    assert container.resources == {"cpu": "4", "memory": "16Gi", "nvidia.com/gpu": "2"}


def test_a_share_of_memory_is_written_without_noise() -> None:
    args = resolve_container(release_with(runtime={"gpuMemoryUtilization": 0.1 + 0.2})).args
    assert "--gpu-memory-utilization=0.3" in args
