"""What the engine would do is held against the plan: other inputs and other operations are refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bedplate.cli.errors import CommandError
from bedplate.cli.node_group_check import check_new_groups
from bedplate.cli.pipeline import review
from bedplate.cli.planning import replacement_rules
from bedplate.cli.preview_check import check_preview
from bedplate.engine.automation import Outcome
from bedplate.engine.events import Event, StepStarted, parse
from bedplate.graph.graph import Graph
from bedplate.output.exits import Exit
from bedplate.output.plan import Plan, make_plan
from bedplate.output.sides import Base
from tests.support.environments import PLATFORM, TODAY, dev_recorded, dev_review, read, replaced, repository, write
from tests.support.fakepulumi.control import steps

GONE = "urn:pulumi:dev::bedplate::aws:ec2/subnet:Subnet::long-gone"
RULES = replacement_rules(PLATFORM)


def urn_of(name: str) -> str:
    (urn,) = [resource.urn for resource in dev_recorded() if resource.name == name and resource.custom]
    return urn


def same() -> Plan:
    """A plan in which nothing changes."""
    review = dev_review()
    return make_plan(review, Base("the base", review.to_json()), RULES)


def first() -> Plan:
    """A plan in which everything is new."""
    return make_plan(dev_review(), Base("nothing", None), RULES)


def changed(name: str, path: str, before: object) -> Plan:
    """A plan that changes one input of one resource, which was `before`."""
    document = dev_review().to_json()
    for item in document["graph"]["resources"]:
        if item["urn"] == urn_of(name):
            item["inputs"] = {**item["inputs"], path: before}
    return make_plan(dev_review(), Base("the base", document), RULES)


def outcome(operation: str, others: Mapping[str, str] | None = None) -> Outcome:
    """A preview: `operation` for every resource, or what `others` say by URN."""
    parsed = (parse(line) for line in steps(dev_recorded(), operation, others))
    return Outcome(tuple(event for event in parsed if event is not None), succeeded=True, output="", phases=1)


def refusal(plan: Plan, preview: Outcome) -> str:
    with pytest.raises(CommandError) as caught:
        check_preview(plan, "dev", preview)
    assert caught.value.exit is Exit.INTEGRITY
    return str(caught.value)


def test_a_preview_without_changes_passes() -> None:
    check_preview(same(), "dev", outcome("same"))


def test_everything_may_be_created_where_the_plan_compares_with_nothing() -> None:
    check_preview(first(), "dev", outcome("create"))


def test_what_is_there_already_may_stay_where_the_plan_would_create_it() -> None:
    check_preview(first(), "dev", outcome("create", {urn_of("network-vpc"): "same"}))


@pytest.mark.parametrize(
    "operation", ["create", "update", "replace", "create-replacement", "delete-replaced", "delete"]
)
def test_an_operation_that_the_plan_does_not_show_is_refused(operation: str) -> None:
    text = refusal(same(), outcome("same", {urn_of("network-vpc"): operation}))
    assert text == (
        "the engine would do something else than the plan shows; nothing was changed\n"
        f"  network-vpc: the engine would {operation} it, and the plan does not show that\n"
        "the plan compares with the base; if something else was applied last, name that commit with --base, and look "
        "with `bedplate plan dev --base COMMIT` first"
    )


@pytest.mark.parametrize("operation", ["refresh", "read"])
def test_an_operation_that_only_looks_is_none(operation: str) -> None:
    check_preview(same(), "dev", outcome("same", {urn_of("network-vpc"): operation}))


def test_components_and_the_stack_may_come_and_go() -> None:
    components = {resource.urn: "update" for resource in dev_recorded() if not resource.custom}
    assert components
    check_preview(same(), "dev", outcome("same", components))


def test_a_planned_update_may_update_and_not_replace() -> None:
    plan = changed("network-vpc", "enableDnsSupport", False)
    urn = urn_of("network-vpc")
    check_preview(plan, "dev", outcome("same", {urn: "update"}))
    assert "the engine would replace it" in refusal(plan, outcome("same", {urn: "replace"}))


def test_a_planned_replacement_may_take_all_its_steps() -> None:
    plan = changed("network-vpc", "cidrBlock", "10.99.0.0/16")
    urn = urn_of("network-vpc")
    for operation in ("replace", "create-replacement", "delete-replaced"):
        check_preview(plan, "dev", outcome("same", {urn: operation}))
    assert "the engine would delete it" in refusal(plan, outcome("same", {urn: "delete"}))


def test_what_is_replaced_along_may_be_replaced_or_turn_out_to_be_only_updated() -> None:
    plan = changed("network-vpc", "cidrBlock", "10.99.0.0/16")
    vpc, group = urn_of("network-vpc"), urn_of("network-default")
    check_preview(plan, "dev", outcome("same", {vpc: "replace", group: "replace"}))
    check_preview(plan, "dev", outcome("same", {vpc: "replace", group: "update"}))
    assert "the engine would update it" in refusal(plan, outcome("same", {vpc: "update"}))
    assert "the engine would delete it" in refusal(plan, outcome("same", {group: "delete"}))


def test_a_planned_deletion_may_be_done() -> None:
    document = dev_review().to_json()
    vpc = next(item for item in document["graph"]["resources"] if item["urn"] == urn_of("network-vpc"))
    document["graph"]["resources"].append({**vpc, "urn": GONE, "name": "long-gone", "type": "aws:ec2/subnet:Subnet"})
    plan = make_plan(dev_review(), Base("the base", document), RULES)
    check_preview(plan, "dev", outcome("same", {GONE: "delete"}))


def test_other_inputs_than_the_plans_are_refused() -> None:
    def moved(event: Event) -> Event:
        if not isinstance(event, StepStarted) or event.urn != urn_of("network-vpc") or event.inputs is None:
            return event
        return replace(event, inputs={**event.inputs, "cidrBlock": "10.99.0.0/16"})

    preview = outcome("same")
    events = tuple(moved(event) for event in preview.events)
    text = refusal(same(), Outcome(events, succeeded=True, output="", phases=1))
    assert '  network-vpc: cidrBlock is planned as "10.40.0.0/16" and registered as "10.99.0.0/16"\n' in text


def test_only_the_first_ten_differences_are_listed_and_the_others_counted() -> None:
    text = refusal(same(), outcome("same", {f"{GONE}-{n:02}": "delete" for n in range(13)}))
    assert text.count("the engine would delete it") == 10
    assert "\n  and 3 more\n" in text


def test_a_node_group_is_made_at_the_cluster_s_version_and_one_that_is_there_may_lag(tmp_path: Path) -> None:
    root = repository(tmp_path)
    pools = read(root, "environments/dev.yaml")["nodePools"]
    lagging = [{**pool, "kubernetes": "1.34", "ami": {"release": "1.34.9-20260714"}} for pool in pools]
    write(root, "environments/dev.yaml", replaced(read(root, "environments/dev.yaml"), "nodePools", lagging))
    found = review(root, "dev", TODAY)
    plan = make_plan(found, Base("nothing", None), RULES)

    def preview(operation: str) -> Outcome:
        parsed = (parse(line) for line in steps(found.graph, operation))
        return Outcome(tuple(event for event in parsed if event is not None), succeeded=True, output="", phases=1)

    check_new_groups(plan, preview("same"))
    with pytest.raises(CommandError) as caught:
        check_new_groups(plan, preview("create"))
    assert caught.value.exit is Exit.USAGE
    assert str(caught.value) == (
        "EKS makes node groups with the Kubernetes version of the cluster only, 1.35; nothing was changed: "
        "nodePools[l4] has 1.34, nodePools[system] has 1.34. Groups that are there may lag: take kubernetes and "
        "ami.release out of that entry"
    )
    check_new_groups(first(), outcome("create"))


def test_a_program_that_registers_something_else_is_refused() -> None:
    parsed = [parse(line) for line in steps(dev_recorded(), "same")]
    others = [event for event in parsed if not (isinstance(event, StepStarted) and event.urn == urn_of("network-vpc"))]
    preview = Outcome(tuple(event for event in others if event is not None), succeeded=True, output="", phases=1)
    assert "network-vpc: the plan holds it, and the program does not register it" in refusal(same(), preview)


def handed(writer: str) -> Plan:
    """A plan in which every object of the cluster was applied by `writer`, or by Pulumi, and is the other's now."""
    document = dev_review().to_json()
    review = dev_review()
    others = [
        replace(item, writer="argocd", provider=None) if item.is_kubernetes and item.derived_from is None else item
        for item in review.graph
    ]
    other = replace(review, graph=Graph(environment="dev", resources=others))
    if writer == "argocd":
        return make_plan(other, Base("the base", document), RULES)
    return make_plan(review, Base("the base", other.to_json()), RULES)


def test_what_another_writer_applies_is_not_the_engines_to_delete() -> None:
    plan = handed("argocd")
    service = urn_of("research-chat-service")

    said = refusal(plan, outcome("same", {service: "delete"}))

    assert "that argocd applies, and the engine would delete them" in said
    assert "`bedplate handover dev` takes them out of the state and leaves them in the cluster" in said


def test_what_pulumi_takes_back_may_be_made_by_the_engine_which_means_applied() -> None:
    service = urn_of("research-chat-service")
    check_preview(handed("pulumi"), "dev", outcome("same", {service: "create"}))
    assert "would create it" in refusal(same(), outcome("same", {service: "create"}))
