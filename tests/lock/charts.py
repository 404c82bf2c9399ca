"""Small Helm charts, written where a test wants them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.toolchain import toolchain

CONFIG = """
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  kubernetes: {{ .Capabilities.KubeVersion.Version | quote }}
  mode: {{ .Values.mode | quote }}
  count: {{ .Values.count | quote }}
"""


def write_chart(
    folder: Path, templates: Mapping[str, str], *, name: str = "kserve-crd", version: str = "v0.20.0", more: str = ""
) -> Path:
    """A chart at `folder` with `templates` by file name; by default one of `dev`. `more` goes into Chart.yaml."""
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text(f"apiVersion: v2\nname: {name}\nversion: {version}\n{more}", encoding="utf-8")
    (folder / "values.yaml").write_text("mode: plain\ncount: 1\n", encoding="utf-8")
    for file, text in templates.items():
        (folder / "templates" / file).write_text(text, encoding="utf-8")
    return folder


def hook(kind: str, name: str, events: str, *, weight: str = "0") -> str:
    """A template of a core object with Helm's hook annotations."""
    annotations = f'"helm.sh/hook": "{events}", "helm.sh/hook-weight": "{weight}"'
    return f"apiVersion: v1\nkind: {kind}\nmetadata:\n  name: {name}\n  annotations: {{{annotations}}}\n"


def package(chart: Path, into: Path) -> Path:
    """The archive that `helm package` makes of `chart`."""
    helm = toolchain.tool_path("helm")
    assert helm is not None, "helm is not present: run `make toolchain`"
    into.mkdir()
    argv = [str(helm), "package", str(chart), "--destination", str(into)]
    subprocess.run(argv, env={"HOME": str(into)}, check=True, capture_output=True)
    (archive,) = into.glob("*.tgz")
    return archive


def path_with_helm() -> str:
    """PATH with the tool chain's programs first."""
    return os.pathsep.join([str(toolchain.bin_dir()), os.environ["PATH"]])
