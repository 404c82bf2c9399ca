"""Who applies the environment's objects, in how many states, and where a controller reads what it applies."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field

from bedplate.model.spec import Refusal, Spec
from bedplate.model.types import DnsLabel, DnsSubdomain, Form

Writer: TypeAlias = Literal["pulumi", "argocd", "flux"]
"""Who applies the Kubernetes objects of a layer."""

DeliveredLayer: TypeAlias = Literal["platform", "models"]
"""A layer that is made of Kubernetes objects, but for what its pods may do in the account."""

NAMESPACES = {"argocd": "argocd", "flux": "flux-system"}
"""Where the controllers' own manifests put them."""


def _no_password(url: str) -> str:
    """Raises Refusal without showing `url`, which would show the password."""
    if url.startswith(("https://", "oci://")) and "@" in url:
        raise Refusal("holds credentials before its @: the controller has its own, in a Secret", hint="leave them out")
    return url


RepositoryUrl = Annotated[
    str,
    AfterValidator(_no_password),
    Form(
        r"(https://[^\s@]+|oci://[^\s@:]+(:[0-9]+)?/[^\s@:]+|ssh://[a-z_][a-z0-9_-]*@[^\s@]+)",
        "the URL of a repository: https://, ssh:// with a user, or oci:// without a tag",
        "https://git.example.org/platform.git",
    ),
]
RepositoryPath = Annotated[
    str,
    Form(
        r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*",
        "a folder inside the repository, without a slash at either end",
        "rendered",
    ),
]
Revision = Annotated[
    str,
    Form(r"[A-Za-z0-9][A-Za-z0-9._/:+-]*", "a branch, a whole ref, a commit, or an artifact's tag or digest", "main"),
]


class LayersSpec(Spec):
    """Who applies the Kubernetes objects of a layer. What a layer has in the account is Pulumi's in any case, and so
    are the layers below: nobody else could write them.
    """

    platform: Writer = Field(
        default="pulumi",
        description="Layer platform: pulumi applies it with `bedplate apply`; argocd and flux read what `bedplate "
        "manifests` writes. The controller itself, and what tells it where to read, are Pulumi's all the same.",
        examples=["pulumi"],
    )
    models: Writer = Field(
        default="pulumi", description="Layer models: as for platform, by the same controller.", examples=["argocd"]
    )


class GitOpsSpec(Spec):
    """Where the controller reads what it applies. It holds no secret: the controller has its own."""

    repository: RepositoryUrl = Field(
        description="Repository that the output of `bedplate manifests` is committed or pushed to.",
        examples=["https://git.example.org/platform.git"],
    )
    revision: Revision = Field(
        default="main",
        description="What is applied: a branch (main), a whole ref (refs/tags/v1.2.0), a commit (40 digits), or of an "
        "oci:// repository a tag or digest. Moving it is a change like any other.",
        examples=["main"],
    )
    path: RepositoryPath = Field(
        default="rendered",
        description="Folder of the repository that holds a folder for each environment or site.",
        examples=["rendered"],
    )
    namespace: DnsLabel | None = Field(
        default=None,
        description="Namespace that the controller runs in; that of its add-on where absent, and argocd or flux-system "
        "where the cluster already has it.",
        examples=["argocd"],
    )
    credentials: DnsSubdomain | None = Field(
        default=None,
        description="Name of the Secret in that namespace that Flux reads the repository with; none where absent. Argo "
        "CD finds its own by the repository's URL.",
        examples=["platform-repository"],
    )


class DeliverySpec(Spec):
    """How the environment is applied: how many states the engine keeps, and what it leaves to others."""

    stacks: Literal["single", "layered"] = Field(
        default="single",
        description="single keeps the whole environment in one Pulumi stack; layered makes one for each of bootstrap, "
        "cluster, platform and models, each with rights and a history of its own. Going from one to the other moves "
        "resources between states.",
    )
    layers: LayersSpec = Field(default=LayersSpec(), description="Who applies Kubernetes objects, by layer.")
    gitops: GitOpsSpec | None = Field(
        default=None, description="What Argo CD or Flux reads. Required where a layer is theirs."
    )

    def writer(self, layer: str) -> Writer:
        """Who applies the Kubernetes objects of `layer`."""
        writers: dict[str, Writer] = {"platform": self.layers.platform, "models": self.layers.models}
        return writers.get(layer, "pulumi")

    @property
    def handed_over(self) -> dict[DeliveredLayer, Writer]:
        """Layers whose Kubernetes objects somebody else than Pulumi applies, lowest first."""
        layers: tuple[DeliveredLayer, ...] = ("platform", "models")
        return {layer: self.writer(layer) for layer in layers if self.writer(layer) != "pulumi"}

    @property
    def controller(self) -> Writer:
        """Who applies for others; pulumi where nobody does. Cross-checks refuse two."""
        return next(iter(self.handed_over.values()), "pulumi")


def rendered_folder(spec: GitOpsSpec, target: str, layer: str) -> str:
    """Where the objects of `layer` of `target` stand in the repository."""
    return f"{spec.path}/{target}/{layer}"
