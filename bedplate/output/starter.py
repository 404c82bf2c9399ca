"""The files that a platform repository begins with, as text by their path below its root."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from string import Template

# Whoever has a project of the engine already has its program and its policy pack, too.
_PROJECT = {
    "Pulumi.yaml": "Pulumi.yaml",
    "program/__main__.py": "program.txt",
    "policy-pack/PulumiPolicy.yaml": "PulumiPolicy.yaml",
    "policy-pack/__main__.py": "policy_pack.txt",
}
_FOLDER = "starter_files"


def project_files() -> dict[str, str]:
    """What the engine needs to find the program and the policies of an installed Bedplate."""
    return {path: _text(name) for path, name in _PROJECT.items()} | {".gitignore": _text("gitignore.txt")}


def environment_text(values: Mapping[str, str]) -> str:
    """A small environment on AWS. `values` are name, account, region, admin, owner, contact and baseline."""
    return Template(_text("environment.yaml")).substitute(values)


def _text(name: str) -> str:
    return files("bedplate.output").joinpath(_FOLDER, name).read_text(encoding="utf-8")
