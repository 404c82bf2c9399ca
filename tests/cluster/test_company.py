"""A company's own repository with the tool as a wheel, applied: a plant of its own machines, and a trial in an account.

Every process, the engine's program included, runs what the wheel holds; this checkout is on nobody's path.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.running import commit
from tests.support.controlplane.controlplane import ControlPlane
from tests.support.engine import EngineSandbox
from tests.wheel.installed import Installed, company, install

pytestmark = [pytest.mark.cluster, pytest.mark.engine, pytest.mark.xdist_group("apply")]

NODES = {"sys-1": "dell-r760", "sys-2": "dell-r760", "line-1": "acme-line-l4", "line-2": "acme-line-l4"}


@dataclass(frozen=True)
class Acme:
    """The company's repository, the tool as it has it, and everything that an apply takes."""

    root: Path
    installed: Installed
    sandbox: EngineSandbox

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run `bedplate`, which must end with `code`; what it printed."""
        program = [str(self.installed.folder / "bin" / "bedplate"), *arguments]
        done = subprocess.run(
            program, cwd=self.root, env=self.sandbox.env, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
        return done.stdout + (done.stderr if code else "")

    def apply(self, environment: str) -> dict[str, Any]:
        """Apply the layer `cluster` of `environment`."""
        done: dict[str, Any] = json.loads(self.run("apply", environment, "--layers", "cluster", "--yes", "--json"))
        return done


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    with ControlPlane() as made:
        made.start(with_kserve=False)
        yield made


@pytest.fixture(scope="module")
def acme(plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Acme]:
    installed = install(tmp_path_factory.mktemp("installed"))
    with EngineSandbox() as sandbox:
        root = company(sandbox.root / "work", installed)
        (root / ".gitignore").write_text("/.venv\n/environments/pulumi/\n", encoding="utf-8")
        commit(root, "first")
        del sandbox.env["PYTHONPATH"]
        programs = (sandbox.root / "bin", installed.folder / "bin", Path("/usr/bin"), Path("/bin"))
        sandbox.env["PATH"] = ":".join(map(str, programs))
        sandbox.env["PULUMI_PYTHON_CMD"] = str(installed.python)
        sandbox.env["KUBECONFIG"] = str(_kubeconfig(sandbox.root / "kubeconfig.json", plane))
        sandbox.aws.set_cluster(endpoint=plane.endpoint, certificate_authority=plane.ca_base64, token=plane.token)
        yield Acme(root, installed, sandbox)


def _kubeconfig(file: Path, plane: ControlPlane) -> Path:
    """The administrator's kubeconfig with the context that the plant names."""
    config = yaml.safe_load(plane.kubeconfig.read_text(encoding="utf-8"))
    config["contexts"].append({"name": "plant", "context": config["contexts"][0]["context"]})
    file.write_text(json.dumps(config), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def plant(acme: Acme, plane: ControlPlane) -> dict[str, Any]:
    """The result of the first apply of the plant, whose machines have joined the cluster."""
    for node in NODES:
        plane.client.apply({"apiVersion": "v1", "kind": "Node", "metadata": {"name": node}})
    return acme.apply("plant")


def test_the_plant_is_made_as_planned(acme: Acme, plant: dict[str, Any]) -> None:
    graph = json.loads(acme.run("graph", "plant", "--json", "--no-derived"))["resources"]
    assert plant["operations"] == {"create": sum(1 for item in graph if ":plant.cluster::" in item["urn"])}


@pytest.mark.usefixtures("plant")
def test_the_companys_component_stands_in_the_cluster(plane: ControlPlane) -> None:
    racks = plane.client.get("v1", "ConfigMap", "racks", "racks")
    assert racks["data"] == {"inspection": "C-17", "system": "A-01"}
    assert racks["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "bedplate"


@pytest.mark.usefixtures("plant")
def test_machines_of_the_companys_own_row_carry_what_the_row_says(plane: ControlPlane) -> None:
    found = {node: plane.client.get("v1", "Node", node)["metadata"]["labels"] for node in NODES}
    assert {node: labels["bedplate.dev/server"] for node, labels in found.items()} == NODES
    assert {found[node]["nvidia.com/gpu.count"] for node in ("line-1", "line-2")} == {"2"}


@pytest.mark.usefixtures("plant")
def test_a_second_apply_changes_nothing(acme: Acme) -> None:
    assert acme.apply("plant")["operations"] == {}


@pytest.fixture
def astray(acme: Acme) -> Iterator[None]:
    """A pool of the plant stands nowhere, while a test lasts."""
    file = acme.root / "environments/plant.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("      inspection: C-17\n", ""), encoding="utf-8")
    yield
    file.write_text(text, encoding="utf-8")


@pytest.mark.usefixtures("plant", "astray")
def test_what_the_companys_policy_refuses_is_not_applied(acme: Acme, plane: ControlPlane) -> None:
    told = acme.run("apply", "plant", "--layers", "cluster", "--yes", code=4)
    assert "plant.cluster may not be applied: 1 policy finding must be dealt with" in told
    assert plane.client.get("v1", "ConfigMap", "racks", "racks")["data"]["inspection"] == "C-17"


@pytest.mark.usefixtures("plant", "astray")
def test_the_engine_itself_asks_the_companys_policy(acme: Acme) -> None:
    argv = ("preview", "--stack", "plant.cluster", "--policy-pack", "policy-pack")
    done = acme.sandbox.pulumi(*argv, cwd=acme.root, check=False)
    assert done.returncode != 0
    assert "plants/racks-known" in done.stdout


@pytest.mark.usefixtures("plant")
def test_the_plant_is_taken_down_and_its_machines_stay(acme: Acme, plane: ControlPlane) -> None:
    acme.run("destroy", "plant", "--confirm", "plant")
    assert plane.client.find("v1", "Namespace", "racks", None) is None
    assert all(plane.client.find("v1", "Node", node, None) for node in NODES)


def test_an_account_gets_the_object_of_a_type_that_only_the_company_knows(acme: Acme) -> None:
    result = acme.apply("cloud")
    made = [line for line in acme.sandbox.aws.journal() if line["operation"] == "create"]
    assert [line["urn"].rpartition("::")[2] for line in made if ":Topic::" in line["urn"]] == ["alerts-topic"]
    assert result["operations"]["create"] > len(made)
    assert acme.apply("cloud")["operations"] == {}
