"""A controller is told where to read and what it may write: what the layer is made of, and nothing else."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from bedplate.cli.pipeline import recorded
from bedplate.environment.checks.every import cross_check
from bedplate.environment.load import load
from bedplate.environment.resolve import ResolvedEnvironment, resolve
from bedplate.environment.targets import all_targets
from bedplate.environment.vendored import Vendored
from bedplate.graph.graph import Graph
from bedplate.graph.kubernetes import CLUSTER_SCOPED, KubernetesObject, kubernetes_objects
from bedplate.graph.values import Json
from components.delivery import argocd, flux
from components.delivery.layers import MODEL_KINDS, Handover, ObjectKind, OthersField
from components.delivery.spec import GitOpsSpec
from tests.components.recording import manifest, names
from tests.contracts.everything import everything
from tests.support.delivery import DEV, handed_over
from tests.support.environments import ROOT, SERVING_PROVIDED, read, replaced, write


def graph(folder: Path, writer: str, *layers: str, **gitops: Json) -> Graph:
    return recorded(load(handed_over(folder, writer, *layers, **gitops), "dev"))


def spec_of(content: Graph, kind: str, layer: str, namespace: str) -> dict[str, Any]:
    found: dict[str, Any] = manifest(content, kind, f"bedplate-{layer}", namespace)["spec"]
    return found


def group_kinds(items: Iterable[KubernetesObject]) -> set[tuple[str, str]]:
    return {(_group(item.id.api_version), item.kind) for item in items}


def _group(api_version: str) -> str:
    return api_version.partition("/")[0] if "/" in api_version else ""


def theirs(content: Graph, layer: str) -> list[KubernetesObject]:
    objects = kubernetes_objects(content, derived=False)
    return [item for item in objects if item.resource.writer and item.resource.layer == layer]


@pytest.mark.parametrize("layers", [("models",), ("platform", "models")], ids="-".join)
def test_a_project_admits_exactly_the_kinds_and_namespaces_of_its_layer(
    layers: tuple[str, ...], tmp_path: Path
) -> None:
    content = graph(tmp_path, "argocd", *layers)
    for layer in layers:
        project, objects = spec_of(content, "AppProject", layer, "argocd"), theirs(content, layer)
        admitted = {(item["group"], item["kind"]) for item in project["namespaceResourceWhitelist"]}
        needed = group_kinds(objects)
        assert needed
        # A model without a gateway has no route, and the project admits one all the same.
        assert needed <= admitted
        assert layer == "models" or admitted == needed
        spaces = {item["namespace"] for item in project["destinations"]}
        assert spaces == {item.namespace for item in objects if item.kind not in CLUSTER_SCOPED}


@pytest.mark.parametrize("layers", [("models",), ("platform", "models")], ids="-".join)
def test_a_project_admits_the_destination_of_its_own_application(layers: tuple[str, ...], tmp_path: Path) -> None:
    """Argo CD refuses an application whose own destination, namespace and all, is none of its project's."""
    content = graph(tmp_path, "argocd", *layers)
    for layer in layers:
        project = spec_of(content, "AppProject", layer, "argocd")
        assert spec_of(content, "Application", layer, "argocd")["destination"] in project["destinations"]


def test_the_project_of_the_models_admits_nothing_outside_namespaces(tmp_path: Path) -> None:
    assert (
        spec_of(graph(tmp_path, "argocd", "models"), "AppProject", "models", "argocd")["clusterResourceWhitelist"] == []
    )


@pytest.mark.parametrize("target", [*all_targets(ROOT), "everything"])
def test_model_services_are_made_of_the_kinds_that_a_controller_may_write(target: str, tmp_path: Path) -> None:
    root = everything(tmp_path) if target == "everything" else ROOT
    content = recorded(load(root, "dev" if target == "everything" else target))
    models = [item for item in kubernetes_objects(content, derived=False) if item.resource.layer == "models"]
    assert group_kinds(models) <= {(kind.group, kind.kind) for kind in MODEL_KINDS}


def test_an_application_prunes_heals_and_never_takes_its_objects_along(tmp_path: Path) -> None:
    content = graph(tmp_path, "argocd", "models", revision="refs/tags/v1", path="out")
    application = manifest(content, "Application", "bedplate-models", "argocd")
    assert "finalizers" not in application["metadata"]
    spec = application["spec"]
    assert spec["source"] == {
        "repoURL": "https://git.example.org/platform.git",
        "targetRevision": "refs/tags/v1",
        "path": "out/dev/models",
    }
    assert spec["syncPolicy"]["automated"] == {"prune": True, "selfHeal": True, "allowEmpty": False}
    assert {"ServerSideApply=true", "FailOnSharedResource=true"} <= set(spec["syncPolicy"]["syncOptions"])
    assert "ignoreDifferences" not in spec


def test_fields_that_others_write_are_ignored_by_kind() -> None:
    webhooks = ObjectKind("admissionregistration.k8s.io", "MutatingWebhookConfiguration")
    deployment = ObjectKind("apps", "Deployment")
    layer = handover(
        kinds=(webhooks, deployment),
        others=(
            OthersField(webhooks, "webhooks.clientConfig.caBundle"),
            OthersField(deployment, "metadata.annotations.deployment.kubernetes.io/revision"),
        ),
    )
    assert argocd.application_spec(SPEC, layer)["ignoreDifferences"] == [
        {
            "group": "admissionregistration.k8s.io",
            "kind": "MutatingWebhookConfiguration",
            "jqPathExpressions": [".webhooks[]?.clientConfig.caBundle"],
        },
        {
            "group": "apps",
            "kind": "Deployment",
            "jqPathExpressions": ['.metadata.annotations["deployment.kubernetes.io/revision"]'],
        },
    ]


def test_what_is_ignored_comes_from_the_one_writer_table(tmp_path: Path) -> None:
    content = with_charts(tmp_path, "argocd", Vendored("kserve", (DEFINITION,)))
    assert spec_of(content, "Application", "platform", "argocd")["ignoreDifferences"] == [
        {
            "group": "apiextensions.k8s.io",
            "kind": "CustomResourceDefinition",
            "jqPathExpressions": [".spec.conversion.webhook.clientConfig.caBundle"],
        },
    ]


def test_the_chart_of_the_controller_stays_pulumis_and_comes_before_what_it_is_told(tmp_path: Path) -> None:
    content = with_charts(tmp_path, "argocd", Vendored("kserve", (DEFINITION,)), Vendored("argocd", (SERVER,)))
    by_name = {item.name: item.resource for item in kubernetes_objects(content)}
    assert by_name["things.example.org"].writer == "argocd"
    assert by_name["argocd-server"].writer == ""
    assert by_name["argocd"].writer == "", "the namespace that it is installed into"
    assert by_name["argocd-server"].urn in by_name["bedplate-platform"].dependencies or any(
        by_name["argocd-server"].urn in content[urn].dependencies for urn in by_name["bedplate-platform"].dependencies
    )


def test_a_secret_of_a_chart_would_be_committed_and_is_refused(tmp_path: Path) -> None:
    resolved = resolved_with(tmp_path, "argocd", Vendored("kserve", (SECRET,)))
    (problem,) = cross_check(resolved)
    assert problem.path == "addons[1]"
    assert problem.message == (
        "the chart kserve holds the Secret kserve-key, which argocd would read from the repository"
    )


@pytest.mark.parametrize(
    ("revision", "url", "kind", "ref"),
    [
        ("main", "https://git.example.org/p.git", "GitRepository", {"branch": "main"}),
        ("refs/tags/v1", "ssh://git@git.example.org/p.git", "GitRepository", {"name": "refs/tags/v1"}),
        ("a" * 40, "https://git.example.org/p.git", "GitRepository", {"commit": "a" * 40}),
        ("v1", "oci://registry.example.org/p", "OCIRepository", {"tag": "v1"}),
        ("sha256:" + "a" * 64, "oci://registry.example.org/p", "OCIRepository", {"digest": "sha256:" + "a" * 64}),
    ],
)
def test_flux_reads_a_repository_at_the_revision_that_is_meant(
    revision: str, url: str, kind: str, ref: dict[str, str]
) -> None:
    spec = GitOpsSpec.model_validate({"repository": url, "revision": revision})
    assert flux.source_kind(spec) == kind
    assert flux.source_spec(spec)["ref"] == ref
    assert "secretRef" not in flux.source_spec(spec)


def test_flux_reads_with_a_secret_of_its_own_where_one_is_named(tmp_path: Path) -> None:
    content = graph(tmp_path, "flux", "models", credentials="git")
    assert manifest(content, "GitRepository", "bedplate", "flux-system")["spec"]["secretRef"] == {"name": "git"}


def test_flux_applies_models_as_an_account_that_may_write_their_kinds_in_team_namespaces_only(tmp_path: Path) -> None:
    content = graph(tmp_path, "flux", "models")
    spec = spec_of(content, "Kustomization", "models", "flux-system")
    assert spec["serviceAccountName"] == "bedplate-models"
    role = manifest(content, "Role", "bedplate-models", "research")
    granted = {
        (group, resource) for rule in role["rules"] for group in rule["apiGroups"] for resource in rule["resources"]
    }
    assert granted == {(kind.group, kind.resource) for kind in MODEL_KINDS}
    assert not any("*" in rule[key] for rule in role["rules"] for key in ("apiGroups", "resources", "verbs"))
    assert manifest(content, "RoleBinding", "bedplate-models", "research")["subjects"] == [
        {"kind": "ServiceAccount", "name": "bedplate-models", "namespace": "flux-system"}
    ]
    assert "bedplate-models" not in names(content, "ClusterRoleBinding")


def test_flux_waits_for_inference_services_and_leaves_everything_to_the_next_writer(tmp_path: Path) -> None:
    spec = spec_of(graph(tmp_path, "flux", "models"), "Kustomization", "models", "flux-system")
    (check,) = spec["healthCheckExprs"]
    assert check["kind"] == "InferenceService"
    assert (spec["wait"], spec["prune"], spec["deletionPolicy"], "dependsOn" in spec) == (True, True, "Orphan", False)


def test_a_layer_waits_for_the_one_below_in_the_same_hands(tmp_path: Path) -> None:
    content = graph(tmp_path, "flux", "platform", "models")
    spec = spec_of(content, "Kustomization", "models", "flux-system")
    assert spec["dependsOn"] == [{"name": "bedplate-platform"}]
    assert "bedplate-platform" in names(content, "ClusterRoleBinding")
    # Who makes the namespaces makes the roles in them.
    roles = [item for item in kubernetes_objects(content) if item.kind in ("Role", "RoleBinding")]
    ours = [item for item in roles if item.name == "bedplate-models"]
    assert {item.resource.writer for item in ours} == {"flux"}


def test_what_tells_the_controller_is_pulumis_and_stands_where_the_controller_runs(tmp_path: Path) -> None:
    content = graph(tmp_path, "flux", "models", namespace="gitops")
    told = [item for item in kubernetes_objects(content) if item.kind in ("Kustomization", "GitRepository")]
    assert {(item.namespace, item.resource.writer) for item in told} == {("gitops", "")}


def test_with_every_layer_pulumis_nothing_is_told_to_anybody(tmp_path: Path) -> None:
    root = handed_over(tmp_path, "argocd", "models")
    write(root, DEV, {key: value for key, value in read(root, DEV).items() if key != "delivery"})
    content = recorded(load(root, "dev"))
    assert not any(item.resource.writer or item.kind == "Application" for item in kubernetes_objects(content))


SPEC = GitOpsSpec.model_validate({"repository": "https://git.example.org/platform.git"})
DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "things.example.org"},
    "spec": {"group": "example.org", "scope": "Cluster", "names": {"kind": "Thing", "plural": "things"}},
}
SERVER = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "argocd-server", "namespace": "argocd"}}
SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "kserve-key", "namespace": "kserve"},
    "stringData": {"key": "made up by the chart"},
}


def handover(**changes: Any) -> Handover:
    made: dict[str, Any] = {
        "layer": "models",
        "writer": "argocd",
        "folder": "out/dev/models",
        "kinds": (),
        "namespaces": (),
    }
    return Handover(**(made | changes))


def resolved_with(folder: Path, writer: str, *charts: Vendored) -> ResolvedEnvironment:
    """`dev` with both layers in the hands of `writer`, and charts that are expanded."""
    root = handed_over(folder, writer, "platform", "models")
    addons = [{"name": name, "source": "chart", "namespace": name} for name in (writer, "kserve")]
    others = [item for item in SERVING_PROVIDED if item["name"] != "kserve"]
    write(root, DEV, replaced(read(root, DEV), "addons", [*addons, *others]))
    return dataclasses.replace(resolve(root, "dev"), vendored=charts)


def with_charts(folder: Path, writer: str, *charts: Vendored) -> Graph:
    return recorded(resolved_with(folder, writer, *charts))
