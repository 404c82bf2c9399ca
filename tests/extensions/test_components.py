"""Components of a repository's own: their section, what they are given, where their objects stand, how they fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedplate.cli.pipeline import recorded
from bedplate.environment.environment import Environment
from bedplate.environment.load import load
from bedplate.environment.resolve import resolve
from bedplate.extensions.extension import HANDLES
from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.model.source import InputError
from bedplate.output.explanation import explain, explanation_text
from tests.cli.running import run
from tests.extensions.own import change, put, with_on_call
from tests.support.environments import PLATFORM, ROOT, dev_recorded, read, repository, write

COMPONENT = "extensions/components/on_call/component.py"
SPEC = "extensions/components/on_call/spec.py"


def of(graph: Graph, name: str) -> Resource:
    (found,) = (item for item in graph if item.name == name)
    return found


def told(root: Path) -> str:
    with pytest.raises(InputError) as error:
        recorded(load(root, "dev"))
    return str(error.value)


def test_its_objects_answer_to_its_section_in_its_layer(tmp_path: Path) -> None:
    graph = recorded(load(with_on_call(tmp_path), "dev"))
    made = of(graph, "on-call-research")
    assert (made.layer, made.entry) == ("platform", "extensions.onCall")
    assert made.inputs["data"] == {"phone": "+4930123456"}
    assert made.parent == "urn:pulumi:dev::bedplate::bedplate:extensions/on_call:OnCall::on-call"


def test_it_waits_for_the_handles_that_it_asks_for(tmp_path: Path) -> None:
    graph = recorded(load(with_on_call(tmp_path), "dev"))
    waits = {graph[urn].type for urn in of(graph, "on-call-research").dependencies}
    assert "kubernetes:core/v1:Namespace" in waits


def test_a_component_that_no_environment_uses_changes_nothing(tmp_path: Path) -> None:
    root = with_on_call(tmp_path)
    change(root, "environments/dev.yaml", 'extensions:\n  onCall:\n    phone: "+4930123456"\n', "")
    assert recorded(load(root, "dev")).bytes == dev_recorded().bytes


def test_a_repository_without_components_has_the_shipped_environment() -> None:
    assert type(load(PLATFORM, "dev").environment) is Environment


def test_a_value_of_its_section_is_explained_by_its_spec(tmp_path: Path) -> None:
    text = explanation_text(explain(resolve(with_on_call(tmp_path), "dev"), "extensions.onCall.phone")).plain
    assert "Number that is called at any hour." in text
    assert "written  environments/dev.yaml:88:12" in text


def test_its_section_is_laid_over_fragments_like_any_other(tmp_path: Path) -> None:
    root = with_on_call(tmp_path)
    change(
        root,
        "environments/_gpu.yaml",
        'baseline: "2026.11"\n',
        'baseline: "2026.11"\nextensions: {onCall: {phone: "+1"}}\n',
    )
    resolved = load(root, "dev")
    assert explain(resolved, "extensions.onCall.phone").overrides[0][0] == "+1"


PROBE = """
    import pulumi
    import pulumi_kubernetes as k8s

    from components.base import Place, PlatformComponent


    class Probe(PlatformComponent):
        def __init__(self, name, spec, *, {handles}, opts=None):
            super().__init__(name, Place(layer="{layer}", entry="extensions.probe"), opts)
            given = dict({given})
            k8s.core.v1.ConfigMap(
                name,
                metadata={{"name": name, "namespace": "default"}},
                data={{key: type(value).__name__ for key, value in given.items()}}
                | {{"image": given["image"]("docker.io/acme/probe:1"), "tier": given["tier"]}},
                opts=self.child(depends_on=list(given["after"])),
            )
            self.register_outputs({{}})
"""
PROBE_SPEC = """
    from bedplate.extensions.extension import Extension
    from bedplate.model.spec import Spec

    EXTENSION = Extension(layer="{layer}", makes_in=("account", "cluster"))


    class ProbeSpec(Spec):
        '''A component that asks for everything.'''
"""


@pytest.mark.parametrize("layer", HANDLES)
def test_every_handle_of_a_layer_is_given_to_who_asks_for_it(tmp_path: Path, layer: str) -> None:
    root = repository(tmp_path)
    names = HANDLES[layer]  # type: ignore[index]
    given = ", ".join(f"{name}={name}" for name in names)
    put(root, "extensions/components/probe/spec.py", PROBE_SPEC.format(layer=layer))
    put(
        root,
        "extensions/components/probe/component.py",
        PROBE.format(layer=layer, handles=", ".join(names), given=given),
    )
    write(root, "environments/dev.yaml", {**read(root, "environments/dev.yaml"), "extensions": {"probe": {}}})
    graph = recorded(load(root, "dev"))
    (probe,) = (item for item in graph if item.name == "probe" and item.is_kubernetes)
    assert probe.inputs["data"].keys() == set(names)
    assert "NoneType" not in probe.inputs["data"].values()
    assert (probe.inputs["data"]["image"], probe.inputs["data"]["tier"]) == ("docker.io/acme/probe:1", "development")
    assert probe.dependencies


def test_a_layered_environment_makes_it_in_the_stack_of_its_layer_with_the_providers_that_it_names(
    tmp_path: Path,
) -> None:
    root = with_on_call(tmp_path)
    write(root, "environments/dev.yaml", {**read(root, "environments/dev.yaml"), "delivery": {"stacks": "layered"}})
    graph = recorded(load(root, "dev"))
    assert of(graph, "on-call-research").stack == "dev.platform"
    # Its objects are the cluster's: the stack needs no credentials of the account.
    assert "pulumi:providers:aws" not in {item.type for item in graph if item.stack == "dev.platform"}


def test_a_component_that_fails_is_told_at_its_line(tmp_path: Path) -> None:
    root = with_on_call(tmp_path)
    change(root, COMPONENT, '"phone": spec.phone', '"phone": {}["phone"]')
    assert told(root) == ("extensions/components/on_call/component.py:30:1: OnCall fails in dev: KeyError: 'phone'")


def test_a_component_that_cannot_be_imported_is_told_at_its_line(tmp_path: Path) -> None:
    root = with_on_call(tmp_path)
    change(root, COMPONENT, "import pulumi\n", "import pulumi\nimport pulumi_gcp\n")
    assert told(root) == (
        "extensions/components/on_call/component.py:8:1: cannot be imported: "
        "ModuleNotFoundError: No module named 'pulumi_gcp'"
    )


@pytest.mark.parametrize(
    ("find", "replace"),
    [('layer="platform", entry', 'layer="models", entry'), ("extensions.onCall", "teams[research]")],
)
def test_a_component_that_says_to_stand_elsewhere_is_refused(tmp_path: Path, find: str, replace: str) -> None:
    root = with_on_call(tmp_path)
    change(root, COMPONENT, find, replace)
    assert told(root) == (
        "extensions/components/on_call/component.py:1:1: OnCall must be a PlatformComponent whose place is "
        "Place(layer='platform', entry='extensions.onCall')"
    )


def test_what_fails_after_its_constructor_is_told_at_its_line_and_is_no_defect_of_bedplate(tmp_path: Path) -> None:
    root = with_on_call(tmp_path)
    change(root, COMPONENT, "spec.phone", "pulumi.Output.from_input(spec.phone).apply(shown)")
    change(
        root, COMPONENT, "class OnCall", "def shown(value: str) -> str:\n    return str({}[value])\n\n\nclass OnCall"
    )
    done = run("plan", "dev", "--no-base", "--root", str(root))
    assert done.code == 1
    assert done.err == "error: extensions/components/on_call/component.py:15:1: KeyError: '+4930123456'\n"


def test_a_component_that_needs_an_account_is_refused_where_there_is_none(tmp_path: Path) -> None:
    root = with_on_call(tmp_path)
    change(root, SPEC, 'makes_in=("cluster",)', 'makes_in=("account", "cluster")')
    plant = (Path(__file__).parents[1] / "contracts" / "plant.yaml").read_text(encoding="utf-8")
    (root / "environments/plant.yaml").write_text(
        f'{plant}extensions: {{onCall: {{phone: "+49"}}}}\n', encoding="utf-8"
    )
    with pytest.raises(InputError) as error:
        load(root, "plant")
    (problem,) = error.value.problems
    assert problem.path == "extensions.onCall"
    assert problem.message == "on_call makes objects in an AWS account, and cloud.provider is none"


def test_what_the_how_to_shows_works_as_it_stands(tmp_path: Path) -> None:
    page = (ROOT / "docs/how-to/company-repository.md").read_text(encoding="utf-8")
    spec, component, policy = (part.partition("```")[0] for part in page.split("```python\n")[1:])
    section, case = (part.partition("```")[0] for part in page.split("```yaml\n")[1:])
    root = repository(tmp_path)
    put(root, SPEC, spec)
    put(root, COMPONENT, component)
    change(root, "environments/dev.yaml", "cost:\n", f"{section}\ncost:\n")
    assert of(recorded(load(root, "dev")), "on-call-research").inputs["data"] == {"phone": "+4930123456"}
    put(root, "extensions/policies/plants/racks_known.py", policy)
    put(root, "extensions/policies/plants/racks_known.yaml", case)
    done = run("policies", "dev", "--test", "--root", str(root))
    assert done.out.splitlines()[1:] == [
        "  cases that pass: 0; at least 2 are needed",
        "  cases that fail: 1; at least 2 are needed",
    ]


def test_a_spec_that_leaves_the_program_does_not_let_the_plan_pass(tmp_path: Path) -> None:
    root = with_on_call(tmp_path)
    change(root, SPEC, "from pydantic import Field\n", "from pydantic import Field, model_validator\n")
    with (root / SPEC).open("a", encoding="utf-8") as file:
        file.write('\n    @model_validator(mode="after")\n    def leave(self):\n        raise SystemExit(0)\n')
    line = len((root / SPEC).read_text(encoding="utf-8").splitlines())
    done = run("plan", "dev", "--root", str(root))
    assert (done.code, done.out, done.err) == (1, "", f"error: {SPEC}:{line}:1: SystemExit: 0\n")


def test_what_a_component_is_handed_it_cannot_change_for_others(tmp_path: Path) -> None:
    root = with_on_call(tmp_path)
    change(
        root,
        COMPONENT,
        "        for team in teams.values():",
        "        teams.clear()\n        for team in teams.values():",
    )
    assert "OnCall fails in dev: AttributeError: 'mappingproxy' object has no attribute 'clear'" in told(root)
