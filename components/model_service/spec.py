"""Model releases (immutable) and model services (an environment's pointers to them)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bedplate.model.spec import FrozenMap, Spec
from bedplate.model.types import DnsLabel, DnsSubdomain, Form, MigProfileName, Quantity, SemVer, Sha256Digest

GitRevision = Annotated[
    str, Form(r"[0-9a-f]{40}", "a commit id of 40 hexadecimal digits", "c1899de289a04d12100db370d81485cdf75e47ca")
]
HubRepository = Annotated[
    str, Form(r"[\w.-]+/[\w.-]+", "an organisation and a model, joined by a slash", "Qwen/Qwen3-0.6B")
]
FilePath = Annotated[
    str, Form(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)*", "a relative path below the source", "model.safetensors")
]
ReleaseReference = Annotated[
    str, Form(r"[a-z0-9][a-z0-9.-]*@\d+\.\d+\.\d+", "a model release written name@version", "qwen3-0.6b@1.0.0")
]


class HuggingFaceSource(Spec):
    """A repository on the Hugging Face hub at one commit."""

    repository: HubRepository = Field(description="Organisation and model.", examples=["Qwen/Qwen3-0.6B"])
    revision: GitRevision = Field(
        description="Commit of that repository (40 hexadecimal digits; branches move).",
        examples=["c1899de289a04d12100db370d81485cdf75e47ca"],
    )


class WeightFile(Spec):
    """One file of weights."""

    path: FilePath = Field(description="Path in the source.", examples=["model.safetensors"])
    bytes: int = Field(gt=0, description="Size in bytes.", examples=[1503300328])
    digest: Sha256Digest | None = Field(
        default=None,
        description="SHA-256 of the file; unresolved where no source gives it.",
        examples=["sha256:" + "0" * 64],
    )


class SourceSpec(Spec):
    """Where the weights come from."""

    hugging_face: HuggingFaceSource = Field(description="A commit on the Hugging Face hub.")
    files: Annotated[tuple[WeightFile, ...], Field(min_length=1)] = Field(
        description="The weight files that are loaded."
    )


class RuntimeSpec(Spec):
    """How the runtime is started."""

    name: Literal["vllm"] = Field(description="Serving runtime, one of those that the environment offers.")
    context: int = Field(ge=256, description="Longest request with its answer, tokens.", examples=[8192])
    gpu_memory_utilization: float = Field(
        default=0.92,
        gt=0,
        le=0.98,
        description="Part of the GPU's memory that the runtime takes, 0 to 1. On a shared GPU the parts add up.",
        examples=[0.4],
    )
    max_sequences: int = Field(
        default=256, ge=1, le=4096, description="Requests computed at the same time.", examples=[64]
    )
    args: tuple[str, ...] = Field(
        default=(), description="Further arguments of the runtime.", examples=[["--enforce-eager"]]
    )
    env: FrozenMap[str, str] = Field(
        default_factory=dict,
        description="Further environment variables; never a secret.",
        examples=[{"VLLM_LOGGING_LEVEL": "INFO"}],
    )


class ResourcesSpec(Spec):
    """What one replica asks for. Requests and limits are the same, so that the plan's numbers hold at run time."""

    cpu: Quantity = Field(description="CPU of one replica.", examples=["1"])
    memory: Quantity = Field(
        description="Memory of one replica; loading needs at least the size of the weights.", examples=["4Gi"]
    )
    gpus: int = Field(
        ge=1, le=16, description="GPUs of one replica; shares where the pool is time-sliced.", examples=[1]
    )


class ModelRelease(Spec):
    """One immutable version of a model: environments point at it, promotion moves the pointer."""

    name: DnsSubdomain = Field(description="Name of the model; the folder's name.", examples=["qwen3-0.6b"])
    version: SemVer = Field(description="Version of this release; the file's name.", examples=["1.0.0"])
    task: Literal["generate", "embed"] = Field(description="What the model does; decides the runtime's mode.")
    source: SourceSpec = Field(description="Origin of the weights.")
    architecture: str = Field(description="Shape of the network, a row of the catalogue.", examples=["qwen3-0.6b"])
    precision: Literal["float16", "bfloat16"] = Field(description="Number format of weights and KV cache.")
    licence: str = Field(description="SPDX identifier of the weights' licence.", examples=["Apache-2.0"])
    runtime: RuntimeSpec = Field(description="Runtime and its settings.")
    resources: ResourcesSpec = Field(description="Requests of one replica.")


class ScaleSpec(Spec):
    """Replicas of the service. Equal numbers mean a fixed size; else KServe's autoscaler moves between them."""

    min: int = Field(ge=1, le=64, description="Fewest replicas.", examples=[1])
    max: int = Field(ge=1, le=64, description="Most replicas.", examples=[1])


class ConsumerSpec(Spec):
    """A namespace whose pods may call the model inside the cluster."""

    namespace: DnsLabel = Field(description="Namespace of the callers.", examples=["notebooks"])


class ModelServiceSpec(Spec):
    """One running model: which release, for whom, where, and how many replicas."""

    name: DnsLabel = Field(description="Name of the service; the path at the gateway.", examples=["chat"])
    release: ReleaseReference = Field(description="Model release that runs.", examples=["qwen3-0.6b@1.0.0"])
    team: DnsLabel = Field(description="Team that owns it; the service runs in its namespace.", examples=["research"])
    pool: DnsLabel = Field(description="Node pool that it runs on.", examples=["l4"])
    mig_profile: MigProfileName | None = Field(
        default=None,
        description="Profile of the MIG instance that each replica gets; required on a pool that offers instances by "
        "profile, and refused on any other.",
        examples=["1g.10gb"],
    )
    scale: ScaleSpec = Field(default=ScaleSpec(min=1, max=1), description="Number of replicas.")
    weights: Literal["source"] | DnsLabel = Field(
        default="source",
        description="Where pods load the weights from: the release's source, or the name of a store that holds them "
        "under <model>/<version>/.",
        examples=["weights"],
    )
    exposure: Literal["cluster", "gateway"] = Field(
        default="cluster", description="Who can reach it: consumers inside the cluster, or callers at the gateway too."
    )
    consumers: tuple[ConsumerSpec, ...] = Field(default=(), description="Namespaces that may call it.")
