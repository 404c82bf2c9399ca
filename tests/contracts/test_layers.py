"""Layers hold at run time: what a layer loads when it is imported, in a process of its own."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("bedplate", "components", "policies", "stacks")

_REPORT = "import json, sys; print(json.dumps(sorted(set(sys.modules) - before)), file=sys.stderr)"


def loaded_by(code: str) -> set[str]:
    """Full names of the modules that `code` loads in a fresh interpreter."""
    program = f"import sys; before = set(sys.modules)\ntry:\n {code}\nexcept SystemExit: pass\n{_REPORT}"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(done.stderr.splitlines()[-1]))


def modules(*packages: str) -> list[str]:
    """Names of all modules below `packages`, and of those packages."""
    found: list[str] = []
    for package in packages:
        folder = ROOT / package.replace(".", "/")
        files = sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
        names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
        found += [name.removesuffix(".__init__") for name in names if not name.endswith("__main__")]
    assert found
    return found


def top(names: set[str]) -> set[str]:
    """The first parts of module names."""
    return {name.partition(".")[0] for name in names}


def components_code(names: set[str]) -> list[str]:
    """Those of `names` that make resources."""
    return sorted(name for name in names if name == "components.base" or name.endswith(".component"))


LAYERS = {
    "graph": (("bedplate.graph",), {"pydantic", "pulumi", "yaml"}),
    "model and catalogue": (("bedplate.model", "bedplate.catalog"), {"pulumi", "components"}),
    "environment": (("bedplate.environment",), {"pulumi", "grpc"}),
    "judges": (("policies", "bedplate.policy", "bedplate.capacity", "bedplate.cost"), {"pulumi", "grpc"}),
    "outputs and lock": (("bedplate.output", "bedplate.lock"), {"pulumi", "grpc"}),
}


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_loads_nothing_that_it_must_not_know(layer: str) -> None:
    packages, forbidden = LAYERS[layer]
    names = loaded_by(f"import {', '.join(modules(*packages))}")
    assert top(names) & forbidden == set()
    assert components_code(names) == []


def test_units_load_the_standard_library_alone() -> None:
    assert top(loaded_by(f"import {', '.join(modules('bedplate.units'))}")) <= {"bedplate", *sys.stdlib_module_names}


def test_specs_load_no_pulumi_and_no_component() -> None:
    specs = [name for name in modules("components") if name.endswith(".spec")]
    names = loaded_by(f"import {', '.join(specs)}")
    assert "pulumi" not in top(names)
    assert components_code(names) == []


def test_the_engine_loads_no_component_policy_or_program() -> None:
    names = loaded_by(f"import {', '.join(modules('bedplate.engine'))}")
    assert top(names) & {"policies", "stacks"} == set()
    assert components_code(names) == []


def _commands() -> Iterator[str]:
    from bedplate.cli.main import COMMANDS

    yield from (f"bedplate.cli.{name}" for name in COMMANDS if importlib.util.find_spec(f"bedplate.cli.{name}"))


@pytest.mark.parametrize(
    "code", ["sys.argv[1:] = ['--help']; import bedplate.cli.main as m; m.main()", f"import {', '.join(_commands())}"]
)
def test_help_loads_neither_pydantic_nor_pulumi(code: str) -> None:
    assert top(loaded_by(code)) & {"pydantic", "pulumi", "yaml"} == set()


@pytest.mark.parametrize("folder", ["stacks", "policies"])
def test_nothing_that_comes_first_on_the_path_carries_a_standard_name(folder: str) -> None:
    # `pulumi up` and the policy pack put these folders before the standard library.
    names = {item.stem for item in (ROOT / folder).iterdir()} - {"__init__", "__main__", "__pycache__"}
    assert names
    assert names & sys.stdlib_module_names == set()


def test_package_init_files_are_empty() -> None:
    files = [file for package in (*PACKAGES, "tests") for file in (ROOT / package).rglob("__init__.py")]
    assert [str(file.relative_to(ROOT)) for file in files if file.read_bytes().strip()] == []
