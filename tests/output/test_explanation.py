from __future__ import annotations

from pathlib import Path

import pytest

from bedplate.environment.resolve import resolve
from bedplate.model.source import InputError
from bedplate.output.explanation import explain, explanation_text
from tests.support.environments import dev, read, repository, write


def text(path: str) -> list[str]:
    return explanation_text(explain(dev(), path)).plain.splitlines()


def refusal(path: str) -> str:
    with pytest.raises(InputError) as caught:
        explain(dev(), path)
    return str(caught.value)


def test_a_written_value_is_shown_with_place_meaning_and_bounds() -> None:
    lines = text("nodePools[l4].size.max")
    assert lines[0].startswith("nodePools[l4].size.max = ")
    assert lines[1].startswith("  written  environments/dev.yaml:")
    assert lines[2:] == [
        "  meaning  Most nodes (an EKS node group holds at most 450).",
        "  allowed  1 to 450",
        "  example  2",
    ]


def test_a_default_is_called_a_default_and_has_no_place() -> None:
    found = explain(dev(), "nodePools[system].capacity")
    assert found.to_json()["isDefault"] is True
    assert "place" not in found.to_json()
    assert "  written  nowhere, this is the default" in text("nodePools[system].capacity")
    assert "  allowed  onDemand, spot, capacityBlock" in text("nodePools[system].capacity")


def test_a_value_below_a_section_that_is_absent_is_not_set_and_still_explained() -> None:
    lines = text("nodePools[system].sharing.timeSlicing.replicas")
    assert lines[0] == "nodePools[system].sharing.timeSlicing.replicas = not set"
    assert "  allowed  2 to 8" in lines


def test_a_value_that_replaces_another_names_it_and_its_place(tmp_path: Path) -> None:
    root = repository(tmp_path)
    document = read(root, "environments/dev.yaml")
    write(root, "environments/dev.yaml", {**document, "ownership": {"owner": "another-team"}})
    found = explain(resolve(root, "dev"), "ownership.owner")
    assert found.to_json()["value"] == "another-team"
    (replaced,) = found.to_json()["overrides"]
    assert replaced["value"] == "platform-team"
    assert replaced["place"]["file"] == "environments/_aws.yaml"
    assert f"  replaced platform-team at environments/_aws.yaml:{replaced['place']['line']}:" in (
        explanation_text(found).plain
    )


def test_a_mapping_lists_its_keys_with_value_and_place() -> None:
    lines = text("cluster.endpoint")
    assert lines[0] == "cluster.endpoint = a mapping of 2"
    assert any(line.startswith("public  ") and "environments/dev.yaml:" in line for line in lines)


def test_a_list_of_named_items_lists_their_names() -> None:
    assert explain(dev(), "nodePools").spot.keys == ("system", "l4")
    assert text("nodePools")[0] == "nodePools = a list of 2"
    assert "  allowed  at least 1 item" in text("nodePools")


def test_an_item_is_found_by_its_name_and_by_its_index() -> None:
    assert explain(dev(), "nodePools[1].name").spot.value == explain(dev(), "nodePools[l4].name").spot.value == "l4"


def test_the_variant_of_an_item_decides_what_it_means() -> None:
    assert "Helm chart" in explain(dev(), "addons[kserve]").spot.schema["description"]


def test_without_a_path_the_whole_environment_is_listed() -> None:
    assert text("")[0].startswith("dev = a mapping of ")
    assert "nodePools" in explain(dev(), "").spot.keys


def test_a_key_of_a_map_with_free_keys_is_explained() -> None:
    found = explain(dev(), 'addons[kserve].values["kserve.controller.deploymentMode"]')
    assert found.spot.value == "Standard"
    assert found.position is not None


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nodePools[l4].capactiy", "nodePools[l4]: there is no 'capactiy' in nodePools[l4]\n"),
        ("nodePools[l5]", "nodePools: there is no 'l5' in nodePools\n"),
        ("cluter", "there is no 'cluter' in the environment\n"),
        ("name.x", "name: name has nothing below it"),
        ("nodePools[", "'nodePools[' is no path (column 10): write it like nodePools[l4].size.min"),
    ],
)
def test_a_path_that_leads_nowhere_says_where_it_ends(path: str, message: str) -> None:
    assert refusal(path).startswith(message)


@pytest.mark.parametrize(
    ("path", "guess"), [("nodePools[l4].capactiy", "capacity"), ("cluter", "cluster"), ("addons[kserv]", "kserve")]
)
def test_a_mistyped_path_is_answered_with_a_guess(path: str, guess: str) -> None:
    assert refusal(path).endswith(f"hint: did you mean {guess}?")
