"""Model releases of generated environments: one for each way of using a GPU, in each size that some pool has.

Weights are those of no real repository: revision and digests are made out of the release's name, so that equal names
give equal files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from bedplate.graph.values import Json

VERSION = "1.0.0"
# Bytes of one parameter in float16 and bfloat16.
_BYTES = 2


@dataclass(frozen=True, slots=True)
class Sample:
    """One release: the network, its stored parameters, and what one replica asks for.

    `part` of the GPU's memory is for the runtime; on a shared GPU the parts of all shares stay below 1 together.
    """

    name: str
    architecture: str
    parameters: int
    gpus: int
    part: float
    cpu: int
    memory_gib: int

    @property
    def reference(self) -> str:
        return f"{self.name}@{VERSION}"

    def document(self) -> Mapping[str, Json]:
        """The release's file."""
        digest = hashlib.sha256(self.name.encode()).hexdigest()
        file = {"path": "model.safetensors", "bytes": self.parameters * _BYTES, "digest": f"sha256:{digest}"}
        hub = {"repository": f"example/{self.name}", "revision": digest[:40]}
        runtime = {"name": "vllm", "context": 4096, "gpuMemoryUtilization": self.part, "maxSequences": 64}
        return {
            "name": self.name,
            "version": VERSION,
            "task": "generate",
            "source": {"huggingFace": hub, "files": [file]},
            "architecture": self.architecture,
            "precision": "bfloat16",
            "licence": "Apache-2.0",
            "runtime": runtime,
            "resources": {"cpu": str(self.cpu), "memory": f"{self.memory_gib}Gi", "gpus": self.gpus},
        }


QUARTER = Sample("quarter", "qwen3-0.6b", 596_049_920, gpus=1, part=0.2, cpu=1, memory_gib=4)
"""Fits four times on any GPU of 22 GB or more."""
SLICE = Sample("slice", "qwen3-0.6b", 596_049_920, gpus=1, part=0.9, cpu=1, memory_gib=4)
"""Takes the whole of what it gets, however little."""
SINGLE = Sample("single", "qwen3-8b", 8_190_735_360, gpus=1, part=0.9, cpu=2, memory_gib=20)
"""Takes one GPU of 40 GB or more."""
FOURFOLD = Sample("fourfold", "qwen3-32b", 32_762_123_264, gpus=4, part=0.9, cpu=8, memory_gib=96)
"""Takes four GPUs."""
EIGHTFOLD = Sample("eightfold", "llama-3.1-70b", 70_553_706_496, gpus=8, part=0.9, cpu=16, memory_gib=256)
"""Takes a whole machine."""

SAMPLES = (QUARTER, SLICE, SINGLE, FOURFOLD, EIGHTFOLD)
