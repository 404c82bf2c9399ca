"""Does a replica fit into the memory of its GPUs: by hand, for one model, and at the edges."""

from __future__ import annotations

from typing import Any

import pytest

from bedplate.capacity.memory import GIB, MIB, MemoryProof, kv_bytes_per_token, memory_proof
from bedplate.catalog import catalog
from bedplate.catalog.rows import ModelArchitecture
from components.model_service.spec import ModelRelease, ResourcesSpec, RuntimeSpec
from tests.support.environments import dev

SHAPES = catalog.load().architectures
VLLM = catalog.load().runtimes["vllm"]
WEIGHTS = 1503300328  # of the shipped qwen3-0.6b


def proof(
    *, gpu_memory_mib: int = 22558, gpus: int = 1, shape: ModelArchitecture | None = None, **runtime: Any
) -> MemoryProof:
    """The proof for the shipped qwen3-0.6b, with another runtime section or more GPUs."""
    shipped = dev().release("qwen3-0.6b@1.0.0")
    changed: ModelRelease = shipped.model_copy(
        update={
            "runtime": RuntimeSpec.model_validate({**shipped.runtime.model_dump(), **runtime}),
            "resources": ResourcesSpec(cpu="1", memory="6Gi", gpus=gpus),
        }
    )
    used = shape or SHAPES["qwen3-0.6b"]
    return memory_proof("chat", changed, used, VLLM, gpu="L4", gpu_memory_mib=gpu_memory_mib)


def test_a_token_takes_keys_and_values_of_every_layer() -> None:
    # 2 × 28 layers × 8 KV heads × 128 × 2 bytes.
    assert kv_bytes_per_token(SHAPES["qwen3-0.6b"], "bfloat16") == 114_688


def test_the_proof_by_hand() -> None:
    made = proof(gpuMemoryUtilization=0.25)
    assert made.usable == 22558 * MIB // 4
    assert made.weights == int(WEIGHTS * 1.02)
    assert made.overhead == int(2.3 * GIB)
    assert made.kv_tokens == (made.usable - made.weights - made.overhead) // 114_688 == 16657
    assert made.fits


def test_a_context_fits_up_to_the_last_token_and_not_beyond() -> None:
    tokens = proof(gpuMemoryUtilization=0.25).kv_tokens
    assert proof(gpuMemoryUtilization=0.25, context=tokens).fits
    assert not proof(gpuMemoryUtilization=0.25, context=tokens + 1).fits


def test_where_not_even_the_weights_fit_no_token_does() -> None:
    made = proof(gpu_memory_mib=2048, context=256)
    assert (made.kv_tokens, made.fits) == (0, False)


def test_several_gpus_share_weights_and_heads_but_not_the_overhead() -> None:
    one, two = proof(), proof(gpus=2)
    assert two.weights == int(-(-WEIGHTS // 2) * 1.02)
    assert two.kv_bytes_per_token == one.kv_bytes_per_token // 2
    assert two.overhead == one.overhead
    assert two.kv_tokens > 2 * one.kv_tokens


@pytest.mark.parametrize(("gpus", "heads"), [(1, 8), (2, 4), (8, 1), (16, 1)])
def test_every_gpu_holds_at_least_one_head(gpus: int, heads: int) -> None:
    assert kv_bytes_per_token(SHAPES["qwen3-0.6b"], "float16", gpus=gpus) == 114_688 // 8 * heads


def test_the_json_form_says_what_the_verdict_follows_from() -> None:
    made = proof(gpuMemoryUtilization=0.25).to_json()
    assert made["kvTokens"] >= made["context"]
    assert (
        made["usableBytes"] - made["weightBytes"] - made["overheadBytes"] >= made["context"] * made["kvBytesPerToken"]
    )
    assert made["fits"] is True
