"""A company's own repository, outside of this checkout, with the tool as a wheel: what needs only Python."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import commit
from tests.wheel.installed import Installed, company

TODAY = ("--now", "2026-11-21")


@pytest.fixture(scope="module")
def root(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository as it is committed."""
    made = company(tmp_path_factory.mktemp("acme"), installed)
    commit(made, "first")
    return made


def ok(installed: Installed, root: Path, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command that ends with `code`."""
    done = installed.run(*arguments, cwd=root)
    assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
    return done


def plan(installed: Installed, root: Path, environment: str, code: int = 0) -> dict[str, Any]:
    """The plan of `environment` against nothing."""
    made = ok(installed, root, "plan", environment, "--no-base", "--json", *TODAY, code=code)
    document: dict[str, Any] = json.loads(made.stdout)
    return document


def test_both_environments_are_valid(installed: Installed, root: Path) -> None:
    assert ok(installed, root, "validate").stdout.splitlines() == [
        "cloud: ok (1 node pool, 1 team, 0 models)",
        "plant: ok (2 node pools, 1 team, 0 models)",
    ]


def test_the_plan_of_a_plant_holds_own_component_own_server_and_own_policy(installed: Installed, root: Path) -> None:
    made = plan(installed, root, "plant")
    (racks,) = (item for item in made["changes"] if item["object"] == "ConfigMap racks/racks")
    assert (racks["layer"], racks["entry"]) == ("cluster", "extensions.racks")
    graph = made["review"]["graph"]["resources"]
    (racks,) = (item for item in graph if item["name"] == "racks-by-pool")
    assert racks["inputs"]["data"] == {"inspection": "C-17", "system": "A-01"}
    assert racks["parent"].endswith("::bedplate:extensions/racks:Racks::racks")
    (line,) = (item for item in graph if item["name"] == "inspection-line-1")
    labels = line["inputs"]["metadata"]["labels"]
    assert (labels["bedplate.dev/server"], labels["nvidia.com/gpu.product"]) == ("acme-line-l4", "NVIDIA-L4")
    (known,) = (item for item in made["review"]["policies"]["results"] if item["policy"] == "plants/racks-known")
    assert (known["verdict"], known["evaluated"]) == ("pass", 4)


def test_the_companys_policy_stops_a_plant_whose_pool_stands_nowhere(installed: Installed, tmp_path: Path) -> None:
    root = company(tmp_path, installed)
    edit(root / "environments/plant.yaml", "      inspection: C-17\n", "")
    made = ok(installed, root, "plan", "plant", "--no-base", *TODAY, code=4)
    assert "policy fail plants/racks-known: ConfigMap racks/racks" in made.stdout


def test_an_object_of_a_type_that_only_the_company_knows_is_planned_priced_as_unknown_and_allowed_to_its_role(
    installed: Installed, root: Path
) -> None:
    made = plan(installed, root, "cloud")
    (topic,) = (item for item in made["review"]["graph"]["resources"] if item["name"] == "alerts-topic")
    assert topic["inputs"]["name"] == "bedplate-cloud-alerts"
    (line,) = (item for item in made["review"]["cost"]["lines"] if item["urn"] == topic["urn"])
    assert (line["monthly"], line["note"]) == (None, "no USD price for aws:sns/topic:Topic in us-east-1")
    inputs = [item.get("inputs", {}) for item in made["review"]["graph"]["resources"]]
    policies = [item["policy"] for item in inputs if "policy" in item]
    (allowed,) = (
        statement["Resource"]
        for document in policies
        for statement in json.loads(document)["Statement"]
        if "sns:CreateTopic" in statement["Action"]
    )
    assert allowed == ["arn:aws:sns:us-east-1:111122223333:bedplate-cloud-*"]


def test_a_review_shows_what_another_version_of_the_companys_own_code_makes(
    installed: Installed, tmp_path: Path
) -> None:
    root = company(tmp_path, installed)
    commit(root, "first")
    edit(
        root / "extensions/components/racks/component.py",
        'spec.pools.get(pool, "unknown")',
        '"hall 1, " + spec.pools.get(pool, "unknown")',
    )
    comment = json.loads(ok(installed, root, "pr", "--json", *TODAY).stdout)
    changes = {
        item["environment"]: [change["object"] for change in item.get("comparison", {}).get("changes", ())]
        for item in comment["environments"]
    }
    assert changes["plant"] == ["ConfigMap racks/racks"]
    # The base was rendered by the code that was committed: it still has the old text.
    assert '"before": "C-17"' in json.dumps(comment)


@pytest.mark.parametrize(
    ("arguments", "shows"),
    [
        (("explain", "plant", "extensions.racks.pools"), "Rack by pool."),
        (("why", "plant", "ConfigMap racks/racks"), "extensions.racks"),
        (("graph", "plant"), "racks"),
        (("manifests", "plant", "--to", "out"), "objects"),
        (("lock", "plant"), "plant: lock written"),
        (("diff", "plant", "cloud"), "extensions.alerts"),
        (("upgrade", "cloud"), "2026.11"),
    ],
    ids=lambda item: item[0] if isinstance(item, tuple) else "",
)
def test_every_other_command_works_on_the_companys_repository(
    installed: Installed, tmp_path: Path, arguments: tuple[str, ...], shows: str
) -> None:
    done = installed.run(*arguments, cwd=company(tmp_path, installed))
    assert shows in done.stdout, done.stderr
    assert "Traceback" not in done.stderr


def edit(file: Path, find: str, replace: str) -> None:
    """Change the one place of `file` where `find` stands."""
    text = file.read_text(encoding="utf-8")
    assert text.count(find) == 1
    file.write_text(text.replace(find, replace), encoding="utf-8")
