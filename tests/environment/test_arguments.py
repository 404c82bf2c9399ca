"""Arguments of a release that would undo what Bedplate sets, in every spelling that vLLM takes."""

from __future__ import annotations

import pytest

from bedplate.environment.checks.arguments import check_arguments
from bedplate.environment.checks.reporter import Reporter
from tests.support.environments import dev

TREE = dev().releases["qwen3-0.6b@1.0.0"].tree


def messages(*arguments: str) -> list[str]:
    """What is said about `arguments`, each with its hint."""
    report = Reporter(TREE)
    check_arguments(arguments, report)
    return [f"{problem.path}: {problem.message}; {problem.hint}" for problem in report.problems]


@pytest.mark.parametrize(
    ("argument", "key"),
    [
        ("--gpu-memory-utilization=0.9", "runtime.gpuMemoryUtilization"),
        ("--gpu_memory_utilization", "runtime.gpuMemoryUtilization"),
        ("--max-model-len=4096", "runtime.context"),
        ("--max-model=4096", "runtime.context"),
        ("--max-num-seqs 8", "runtime.maxSequences"),
        ("--dtype=float16", "precision"),
        ("--tensor-parallel-size=2", "resources.gpus"),
        ("-tp=2", "resources.gpus"),
        ("--runner=pooling", "task"),
        ("--convert=embed", "task"),
    ],
)
def test_an_argument_that_overrides_a_key_names_the_key(argument: str, key: str) -> None:
    assert messages(argument) == [f"runtime.args[0]: {argument!r} would override {key}; set {key} instead"]


@pytest.mark.parametrize("argument", ["--port=1", "--host=::", "--served-model-name=x", "--model", "--served_model=x"])
def test_an_argument_that_the_service_rests_on_is_refused(argument: str) -> None:
    (message,) = messages(argument)
    assert message.endswith("which Bedplate sets: probes and routes rest on it; leave it out")


@pytest.mark.parametrize(
    "argument",
    ["--kv-cache-dtype=fp8", "-pp", "-qfp8", "--config=a.yaml", "--hf-overrides.num_hidden_layers", "--cpu-offload-gb"],
)
def test_an_argument_that_the_memory_proof_does_not_follow_is_refused(argument: str) -> None:
    (message,) = messages(argument)
    assert message.endswith("the memory proof does not follow it; leave it out")


@pytest.mark.parametrize("argument", ["--enforce-eager", "--max-num-batched-tokens=2048", "8", "-", "--", "-O3", "a.b"])
def test_other_arguments_and_values_pass(argument: str) -> None:
    assert messages(argument) == []


def test_every_argument_is_judged_at_its_own_place() -> None:
    assert [text.split(":")[0] for text in messages("--port=1", "--enforce-eager", "-tp", "2")] == [
        "runtime.args[0]",
        "runtime.args[2]",
    ]
