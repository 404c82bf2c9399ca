"""Names by which roles per layer recognise what is theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedplate.environment.load import load
from bedplate.model.source import InputError
from components.bootstrap.names import LONGEST_ENVIRONMENT
from tests.invalid.cases import begin
from tests.support.environments import repository, whole, write


def problems(folder: Path, name: str) -> str:
    """What loading a layered environment with roles per layer says when it is called `name`."""
    root = repository(folder)
    begin("bootstrap", root)
    text = {**whole(root, "dev"), "name": name}
    entries = {f"deploy-{layer}": f"bedplate/{name}/bedplate-{name}-deploy-{layer}" for layer in ("platform", "models")}
    for entry in text["cluster"]["access"]:
        if entry["name"] in entries:
            entry["principal"] = f"arn:aws:iam::111122223333:role/{entries[entry['name']]}"
    write(root, f"environments/{name}.yaml", text)
    try:
        load(root, name)
    except InputError as error:
        return str(error)
    return ""


def test_the_longest_name_is_taken_and_a_longer_one_is_not(tmp_path: Path) -> None:
    assert problems(tmp_path / "fits", "e" * LONGEST_ENVIRONMENT) == ""
    assert problems(tmp_path / "longer", "e" * (LONGEST_ENVIRONMENT + 1)).endswith(
        "name: has 33 characters; with bootstrap at most 32 are allowed, since roles know what is theirs by the "
        "beginning of its name, and longer names are cut off"
    )


@pytest.mark.parametrize("name", ["prod-node", "prod-111122223333"])
def test_a_name_among_what_another_environment_makes_is_refused(tmp_path: Path, name: str) -> None:
    part = name.removeprefix("prod-")

    assert problems(tmp_path, name).endswith(
        f"name: '{name}' holds -{part}: roles of an environment 'prod' would reach what is its own\n"
        f"  hint: a name without -{part}"
    )


def test_without_an_account_there_is_nothing_to_bootstrap(tmp_path: Path) -> None:
    root = repository(tmp_path)
    begin("bootstrap", root)
    write(root, "environments/dev.yaml", {**whole(root, "dev"), "cloud": {"provider": "none"}})

    with pytest.raises(InputError) as refusal:
        load(root, "dev")
    assert "bootstrap: makes what an AWS account needs, and cloud.provider is none\n  hint: remove bootstrap" in str(
        refusal.value
    )
