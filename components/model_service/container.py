"""What a release asks of its model server, told in a way that no serving platform owns.

Image, command, ports and probes are the runtime's; this is what differs from model to model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bedplate.catalog.mig import GPU_RESOURCE
from components.model_service.spec import ModelRelease, RuntimeSpec


@dataclass(frozen=True, slots=True)
class ResolvedContainer:
    """A model server's own arguments, environment and resources (Kubernetes quantities; requests equal limits)."""

    args: tuple[str, ...]
    env: Mapping[str, str]
    resources: Mapping[str, str]


def resolve_container(release: ModelRelease, device: str | None = GPU_RESOURCE) -> ResolvedContainer:
    """The container of `release`, with its GPUs by the name `device` that nodes offer them under; None where they are
    claimed, and not counted.

    The release's own arguments come last; cross-checks refuse those that are set here.
    """
    wanted = release.resources
    return ResolvedContainer(
        args=(
            *_engine_arguments(release.runtime, release.precision),
            *_mode_arguments(release),
            *_parallel_arguments(wanted.gpus),
            *release.runtime.args,
        ),
        env=dict(sorted(release.runtime.env.items())),
        resources={
            "cpu": wanted.cpu,
            "memory": wanted.memory,
            **({device: str(wanted.gpus)} if device else {}),
        },
    )


def _engine_arguments(runtime: RuntimeSpec, precision: str) -> tuple[str, ...]:
    return (
        f"--dtype={precision}",
        f"--max-model-len={runtime.context}",
        f"--max-num-seqs={runtime.max_sequences}",
        f"--gpu-memory-utilization={runtime.gpu_memory_utilization:g}",
    )


def _mode_arguments(release: ModelRelease) -> tuple[str, ...]:
    """Embeddings come out of a pooling run; the conversion makes an embedder of a network that could also generate."""
    return ("--runner=pooling", "--convert=embed") if release.task == "embed" else ("--runner=generate",)


def _parallel_arguments(gpus: int) -> tuple[str, ...]:
    """Several GPUs of one replica share every layer."""
    return (f"--tensor-parallel-size={gpus}",) if gpus > 1 else ()
