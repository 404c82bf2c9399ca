"""Upstream files of the control plane, read from Go modules: definitions, the KServe chart, kwok's stages."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import yaml

from tests.support.controlplane.manifests import Manifest
from tests.toolchain.toolchain import module_dir, tool_path

KSERVE_DEFINITIONS = (
    "config/crd/full/serving.kserve.io_*.yaml",
    "config/crd/full/clusterstoragecontainer/serving.kserve.io_*.yaml",
)
KARPENTER_DEFINITIONS = ("karpenter.k8s.aws_ec2nodeclasses", "karpenter.sh_nodeclaims", "karpenter.sh_nodepools")
KWOK_STAGES = ("node/fast", "node/heartbeat-with-lease", "pod/fast")
CHART_SECONDS = 60.0


class MissingToolError(AssertionError):
    """A program of the tool chain is not present."""


def program(name: str) -> Path:
    """Path of a program of the tool chain.

    Raises:
        MissingToolError: it has not been built or downloaded.
    """
    found = tool_path(name)
    if found is None:
        raise MissingToolError(f"{name} is not present: run `make toolchain`, which builds it, then try again")
    return found


def kserve_definitions() -> list[Manifest]:
    """CustomResourceDefinitions of KServe's classic controller (InferenceService, runtimes, storage containers …)."""
    root = module_dir("kserve")
    files = [file for pattern in KSERVE_DEFINITIONS for file in sorted(root.glob(pattern))]
    return [manifest for file in files for manifest in read_manifests(file)]


def gateway_api() -> list[Manifest]:
    """Gateway API, standard channel: definitions and the admission policy that guards their upgrades."""
    root = module_dir("gateway-api") / "config/crd/standard"
    files = sorted(root.glob("gateway.networking.k8s.io_*.yaml"))
    return [manifest for file in files for manifest in read_manifests(file)]


def gpu_operator_definitions() -> list[Manifest]:
    """CustomResourceDefinitions of NVIDIA's GPU Operator (ClusterPolicy, NVIDIADriver), of September 2025."""
    files = sorted((module_dir("gpu-operator") / "deployments/gpu-operator/crds").glob("nvidia.com_*.yaml"))
    return [manifest for file in files for manifest in read_manifests(file)]


def karpenter_definitions() -> list[Manifest]:
    """CustomResourceDefinitions of Karpenter that Bedplate or Karpenter makes objects of."""
    folder = module_dir("karpenter") / "pkg/apis/crds"
    return [manifest for name in KARPENTER_DEFINITIONS for manifest in read_manifests(folder / f"{name}.yaml")]


def argo_cd() -> list[Manifest]:
    """CustomResourceDefinitions of Argo CD: Application and AppProject."""
    root = module_dir("argo-cd") / "manifests/crds"
    return [item for name in ("application", "appproject") for item in read_manifests(root / f"{name}-crd.yaml")]


def flux() -> list[Manifest]:
    """CustomResourceDefinitions of Flux: Kustomization, and the sources that it reads."""
    sources = module_dir("source-controller") / "config/crd/bases"
    kustomizations = module_dir("kustomize-controller") / "config/crd/bases"
    files = [
        *(sources / f"source.toolkit.fluxcd.io_{name}.yaml" for name in ("gitrepositories", "ocirepositories")),
        kustomizations / "kustomize.toolkit.fluxcd.io_kustomizations.yaml",
    ]
    return [manifest for file in files for manifest in read_manifests(file)]


def kwok_stages() -> list[Path]:
    """kwok's rules: nodes become and stay ready, pods run at once, jobs complete, deleted pods go."""
    root = module_dir("kwok") / "kustomize/stage"
    stages = [file for stage in KWOK_STAGES for file in sorted((root / stage).glob("*.yaml"))]
    return [file for file in stages if file.name != "kustomization.yaml"]


def kserve_chart(values: Path, home: Path) -> list[Manifest]:
    """Objects of the chart kserve-resources with a values file, as ``helm template`` renders them."""
    chart = module_dir("kserve") / "charts/kserve-resources"
    argv = [str(program("helm")), "template", "kserve", str(chart), "--namespace", "kserve", "--values", str(values)]
    result = subprocess.run(
        argv, env={"HOME": str(home)}, capture_output=True, text=True, check=False, timeout=CHART_SECONDS
    )
    if result.returncode:
        raise RuntimeError(f"helm template of KServe's chart failed with code {result.returncode}:\n{result.stderr}")
    return [manifest for manifest in _load(result.stdout) if manifest]


def read_manifests(file: Path) -> list[Manifest]:
    """All objects of a YAML file."""
    return [manifest for manifest in _load(file.read_text(encoding="utf-8")) if manifest]


def _load(text: str) -> Iterator[Manifest]:
    # The C loader: KServe's definitions hold 2 MB, for which the Python one takes half a minute.
    loaded: Iterator[Manifest] = yaml.load_all(text, Loader=yaml.CSafeLoader)
    return loaded
