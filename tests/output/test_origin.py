from __future__ import annotations

import pytest

from bedplate.graph.graph import Graph
from bedplate.model.source import InputError
from bedplate.output.origin import find, origin_text, why
from tests.output.builders import aws, derived, graph, kubernetes, platform
from tests.support.environments import PLATFORM, dev, dev_review


def refusal(content: Graph, text: str) -> str:
    with pytest.raises(InputError) as caught:
        find(content, text)
    return str(caught.value)


@pytest.mark.parametrize(
    "text", ["InferenceService research/chat", "inferenceservice research/chat", "research/chat", "chat-*"]
)
def test_an_object_is_found_by_label_or_name_in_any_letter_case(text: str) -> None:
    assert find(platform(), text).type.endswith("Pod" if text == "chat-*" else "InferenceService")


def test_an_object_is_found_by_its_urn() -> None:
    urn = platform().resources[0].urn
    assert find(platform(), urn).urn == urn


def test_a_name_of_several_objects_lists_them() -> None:
    content = graph(kubernetes("ConfigMap", "a"), kubernetes("Service", "a"))
    assert refusal(content, "a") == "'a' names 2 objects; name one of them\n  allowed: ConfigMap a, Service a"


def test_objects_with_one_label_are_told_apart_by_urn() -> None:
    service = kubernetes("DaemonSet", "agent")
    pods = [derived("Pod", service, "agent-*", namespace="x", content={}) for _ in range(2)]
    twins = graph(service, pods[0], kubernetes("Pod", "agent-*", namespace="x"))
    assert "urn:pulumi:trial" in refusal(twins, "Pod x/agent-*")


def test_a_label_wins_over_names_that_contain_more() -> None:
    content = graph(kubernetes("Namespace", "a"), aws("sqs/queue:Queue", "Namespace a"))
    assert find(content, "Namespace a").is_kubernetes


def test_a_mistyped_name_is_answered_with_a_guess() -> None:
    assert "did you mean InferenceService research/chat?" in refusal(platform(), "InferenceServic research/chat")
    assert "bedplate graph ENV --format json" in refusal(platform(), "zzzzzz")


def test_an_object_names_its_components_entry_needs_and_consequences() -> None:
    lines = origin_text(why(dev(), dev_review().graph, "InferenceService research/chat")).plain.splitlines()
    assert lines[0] == "InferenceService research/chat"
    assert "  part of    ModelService research-chat" in lines
    assert any(line.startswith("  entry      models[chat]  environments/dev.yaml:") for line in lines)
    assert "  layer      models · team research" in lines
    assert any("Namespace research" in line for line in lines)
    assert any(line.endswith("Deployment research/chat-predictor") for line in lines)


def test_the_entry_is_where_the_environment_writes_it() -> None:
    found = why(dev(), dev_review().graph, "eks.NodeGroup l4-nodes")
    assert found.position is not None
    lines = (PLATFORM / found.position.file).read_text(encoding="utf-8").splitlines()
    assert "name: l4" in lines[found.position.line - 1]


def test_a_derived_object_names_its_maker_and_the_entry_behind_it() -> None:
    found = why(dev(), dev_review().graph, "Deployment research/chat-predictor")
    assert found.derived_from is not None
    assert found.to_json()["derivedFrom"]["object"] == "InferenceService research/chat"
    assert found.resource.entry == "models[chat]"
    assert [item.name for item in found.components] == ["research-chat"]


def test_what_needs_an_object_is_listed() -> None:
    found = why(dev(), dev_review().graph, "eks.NodeGroup l4-nodes")
    assert "InferenceService research/chat" in [item["object"] for item in found.to_json()["neededBy"]]
