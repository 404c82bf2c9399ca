"""Cross-checks of delivery: every layer has one writer that is there, and that can read what it is to apply."""

from __future__ import annotations

from bedplate.environment.checks.reporter import Reporter
from bedplate.environment.environment import Environment
from bedplate.environment.resolve import ResolvedEnvironment
from components.delivery.spec import GitOpsSpec

_OCI = "oci://"
_DIGEST = "sha256:"


def check_delivery(resolved: ResolvedEnvironment, report: Reporter) -> None:
    """Layers fit each other, their controller is in the cluster, and nothing that it reads is a secret."""
    environment = resolved.environment
    delivery = environment.delivery
    if not delivery.handed_over:
        if delivery.gitops is not None:
            message = "names a repository that nobody reads: every layer is pulumi's"
            report.add(("delivery", "gitops"), message, hint="leave it out, or set delivery.layers.models: argocd")
        return
    _writers(environment, report)
    _controller(resolved, report)
    if delivery.gitops is None:
        layer, writer = next(iter(delivery.handed_over.items()))
        message = f"{writer} reads a repository, and delivery.gitops names none"
        hint = "add delivery.gitops: {repository: https://git.example.org/platform.git}"
        report.add(("delivery", "layers", layer), message, hint=hint)
        return
    _repository(environment, delivery.gitops, report)
    if delivery.writer("platform") != "pulumi":
        _no_secrets(resolved, report)


def _writers(environment: Environment, report: Reporter) -> None:
    """One controller, and no layer that needs what only a controller knows to be there."""
    platform, models = environment.delivery.writer("platform"), environment.delivery.writer("models")
    if platform == models or platform == "pulumi":
        return
    message = f"{models} would apply it on namespaces that {platform} makes"
    if models == "pulumi":
        message += ", and no apply waits for a controller"
    report.add(("delivery", "layers", "models"), message, allowed=(platform,))


def _controller(resolved: ResolvedEnvironment, report: Reporter) -> None:
    environment = resolved.environment
    writer = environment.delivery.controller
    addon = next((addon for addon in environment.addons if addon.name == writer), None)
    if addon is None or addon.source == "eks":
        part = {"argocd": "argoCd"}.get(writer, writer)
        layer = next(iter(environment.delivery.handed_over))
        hint = f"add {{name: {writer}, source: provided, version: {resolved.baseline.parts()[part]}}} to addons"
        message = f"no add-on called {writer} says that it runs in the cluster"
        report.add(("delivery", "layers", layer), message, allowed=("chart", "provided"), hint=hint)
        return
    gitops = environment.delivery.gitops
    stated = gitops.namespace if gitops else None
    if addon.source == "chart" and stated is not None and stated != addon.namespace:
        message = f"is {stated!r}, and the add-on {writer} is installed into {addon.namespace!r}"
        report.add(("delivery", "gitops", "namespace"), message, hint="leave it out: the add-on says it")


def _repository(environment: Environment, spec: GitOpsSpec, report: Reporter) -> None:
    if environment.delivery.controller == "argocd" and spec.credentials is not None:
        message = "Argo CD looks for its credentials by the repository's URL, and reads no name from here"
        hint = "leave it out, and label the Secret argocd.argoproj.io/secret-type: repository"
        report.add(("delivery", "gitops", "credentials"), message, hint=hint)
    artifact = spec.repository.startswith(_OCI)
    if artifact and spec.revision.startswith("refs/"):
        message = f"{spec.revision!r} is a ref of Git, and {spec.repository} holds artifacts"
        report.add(("delivery", "gitops", "revision"), message, hint="a tag, or a digest: sha256:…")
    if not artifact and spec.revision.startswith(_DIGEST):
        message = f"{spec.revision!r} is a digest of an artifact, and {spec.repository} is a repository of Git"
        report.add(("delivery", "gitops", "revision"), message, hint="a branch, refs/tags/…, or a commit")


def _no_secrets(resolved: ResolvedEnvironment, report: Reporter) -> None:
    """What a chart makes up itself would be committed in the clear."""
    environment = resolved.environment
    names = {addon.name: index for index, addon in enumerate(environment.addons)}
    for chart in resolved.vendored:
        if chart.name == environment.delivery.controller:
            continue
        for item in chart.objects:
            if item["kind"] == "Secret" and (item.get("data") or item.get("stringData")):
                name = item["metadata"]["name"]
                message = (
                    f"the chart {chart.name} holds the Secret {name}, which {environment.delivery.controller} would "
                    "read from the repository"
                )
                hint = "leave layer platform to pulumi, or have another chart value name a Secret that is there"
                report.add(("addons", names[chart.name]), message, hint=hint)
