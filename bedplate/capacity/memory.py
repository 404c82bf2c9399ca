"""Does the model fit into the memory of its GPUs, and how many tokens does that leave for the KV cache?"""

from __future__ import annotations

from dataclasses import dataclass

from bedplate.catalog.rows import ModelArchitecture, Runtime
from bedplate.graph.values import Json
from components.model_service.spec import ModelRelease

MIB = 1024**2
GIB = 1024**3

# Bytes of one number in the formats that releases may use.
PRECISION_BYTES = {"float16": 2, "bfloat16": 2, "float32": 4}


@dataclass(frozen=True, slots=True)
class MemoryProof:
    """Memory of one replica on each of its GPUs, bytes. `kv_tokens` is what all running requests share."""

    model: str
    gpu: str
    gpu_bytes: int
    utilization: float
    weights: int
    overhead: int
    kv_bytes_per_token: int
    context: int

    @property
    def usable(self) -> int:
        """What the runtime may take: memory × gpuMemoryUtilization."""
        return int(self.gpu_bytes * self.utilization)

    @property
    def kv_tokens(self) -> int:
        """Tokens that fit beside weights and overhead; zero where not even those fit."""
        return max(0, self.usable - self.weights - self.overhead) // self.kv_bytes_per_token

    @property
    def fits(self) -> bool:
        """Whether one request of full context length can be served."""
        return self.kv_tokens >= self.context

    def to_json(self) -> dict[str, Json]:
        return {
            "model": self.model,
            "gpu": self.gpu,
            "gpuBytes": self.gpu_bytes,
            "utilization": self.utilization,
            "usableBytes": self.usable,
            "weightBytes": self.weights,
            "overheadBytes": self.overhead,
            "kvBytesPerToken": self.kv_bytes_per_token,
            "kvTokens": self.kv_tokens,
            "context": self.context,
            "fits": self.fits,
        }


def kv_bytes_per_token(shape: ModelArchitecture, precision: str, *, gpus: int = 1) -> int:
    """2 (key and value) × layers × KV heads × head size × bytes, for multi-head and grouped-query attention.

    The result is for one GPU of `gpus`. Tensor parallelism splits the KV heads; where there are fewer heads than GPUs
    they are repeated, so that each GPU holds one. Source: vLLM, `ModelConfig.get_num_kv_heads`.
    """
    heads = -(-shape.kv_heads // gpus)
    return 2 * shape.layers * heads * shape.head_dim * PRECISION_BYTES[precision]


def memory_proof(
    model: str, release: ModelRelease, shape: ModelArchitecture, runtime: Runtime, *, gpu: str, gpu_memory_mib: int
) -> MemoryProof:
    """Proof for one replica of `release` on GPUs of `gpu_memory_mib` MiB each.

    memory × gpuMemoryUtilization ≥ weights × factor ÷ GPUs + overhead + context × KV bytes per token, on each GPU.
    Weights are the bytes of the files that are loaded; factor and overhead are rows of the catalogue's runtime, with
    their source. The GPUs of one replica share its layers (`--tensor-parallel-size`): weights and KV heads are split,
    see `kv_bytes_per_token`; the overhead is each GPU's own.
    """
    gpus = release.resources.gpus
    weights = -(-sum(file.bytes for file in release.source.files) // gpus)
    return MemoryProof(
        model=model,
        gpu=gpu,
        gpu_bytes=gpu_memory_mib * MIB,
        utilization=release.runtime.gpu_memory_utilization,
        weights=int(weights * runtime.weights_factor),
        overhead=int(runtime.overhead_gib * GIB),
        kv_bytes_per_token=kv_bytes_per_token(shape, release.precision, gpus=gpus),
        context=release.runtime.context,
    )
