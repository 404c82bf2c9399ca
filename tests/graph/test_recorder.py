"""The recorder keeps what the program registers, and leaves nothing behind."""

from __future__ import annotations

import gc
import os

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest

from bedplate.engine.recorder import record
from bedplate.graph.values import SECRET, UNKNOWN, Json, thaw
from tests.graph.programs import CLOUD, STACK, Group, also, cloud, cluster, discarding, inputs, named, shared


def bucket_with(**properties: Json) -> Json:
    """Inputs of a resource that is given `properties`, as the Graph holds them."""

    def program() -> None:
        pulumi.CustomResource("aws:test:Thing", "thing", properties, cloud())

    return inputs(record(program, stack="dev"), "thing")


def test_whole_numbers_stay_whole_and_fractions_stay_fractions() -> None:
    kept = bucket_with(count=3, list=[1, 2.5], big=10**12, small=1e-7, yes=True, text="3")
    assert kept == {"count": 3, "list": [1, 2.5], "big": 10**12, "small": 1e-7, "yes": True, "text": "3"}
    assert [type(kept[key]) for key in ("count", "big", "small", "yes")] == [int, int, float, bool]


def test_what_is_not_set_is_not_there() -> None:
    assert bucket_with(given="x", absent=None) == {"given": "x"}


def test_the_content_of_a_secret_is_dropped_wherever_it_stands() -> None:
    def program() -> None:
        secret = pulumi.Output.secret("hunter2")
        joined = pulumi.Output.all(secret, "x").apply("-".join)
        properties = {"plain": secret, "inside": {"list": [secret, "open"]}, "joined": joined}
        pulumi.CustomResource("aws:test:Thing", "thing", properties, cloud())

    kept = inputs(record(program, stack="dev"), "thing")
    assert kept == {"plain": SECRET, "inside": {"list": [SECRET, "open"]}, "joined": SECRET}


def test_the_data_of_a_kubernetes_secret_is_a_secret_without_being_told() -> None:
    def program() -> None:
        k8s.core.v1.Secret("s", string_data={"token": "hunter2"}, opts=cluster())

    graph = record(program, stack="dev")
    assert inputs(graph, "s")["stringData"] == SECRET
    assert b"hunter2" not in graph.bytes


def test_what_only_the_provider_can_tell_is_unknown_and_given_names_are_known() -> None:
    def program() -> None:
        opts = cloud()
        bucket = aws.s3.Bucket("b", bucket="given", opts=opts)
        aws.s3.Bucket("c", tags={"arn": bucket.arn, "id": bucket.id, "name": bucket.bucket}, opts=opts)

    kept = inputs(record(program, stack="dev"), "c")
    assert kept == {"tags": {"arn": UNKNOWN, "id": UNKNOWN, "name": "given"}}


def test_a_text_around_an_unknown_value_is_unknown_as_a_whole() -> None:
    def program() -> None:
        opts = cloud()
        bucket = aws.s3.Bucket("b", opts=opts)
        aws.s3.Bucket("c", bucket=pulumi.Output.format("copy-of-{0}", bucket.arn), opts=opts)

    assert inputs(record(program, stack="dev"), "c") == {"bucket": UNKNOWN}


def test_dependencies_come_from_values_and_from_depends_on() -> None:
    def program() -> None:
        opts = cloud()
        first = aws.s3.Bucket("first", bucket="given", opts=opts)
        second = aws.s3.Bucket("second", opts=opts)
        aws.s3.Bucket("third", bucket=first.bucket, opts=also(opts, depends_on=[second]))

    third = named(record(program, stack="dev"), "third")
    first, second = (f"urn:pulumi:dev::bedplate::aws:s3/bucket:Bucket::{name}" for name in ("first", "second"))
    assert third.dependencies == (first, second)
    assert dict(third.property_dependencies) == {"bucket": (first,)}


def test_who_waits_for_a_component_waits_for_its_children() -> None:
    def program() -> None:
        provider = aws.Provider("cloud", region="us-east-1")
        above = pulumi.ResourceOptions(providers=[provider])
        group = Group("g", {}, lambda inner: aws.s3.Bucket("inside", opts=inner), above)
        aws.s3.Bucket("after", opts=pulumi.ResourceOptions(provider=provider, depends_on=[group]))

    graph = record(program, stack="dev")
    assert named(graph, "inside").urn in named(graph, "after").dependencies


def test_a_resource_knows_its_explicit_provider_by_urn() -> None:
    graph = record(lambda: discarding(lambda: aws.s3.Bucket("b", opts=cloud())), stack="dev")
    assert named(graph, "b").provider == named(graph, "cloud").urn == CLOUD


def test_options_that_decide_what_apply_may_do_are_kept() -> None:
    def program() -> None:
        opts = cloud()
        other = aws.s3.Bucket("other", opts=opts)
        options = {
            "protect": True,
            "ignore_changes": ["tags", "acl"],
            "replace_on_changes": ["bucket"],
            "delete_before_replace": True,
            "retain_on_delete": True,
            "deleted_with": other,
            "import_": "name-in-the-account",
            "custom_timeouts": pulumi.CustomTimeouts(create="5m"),
            "aliases": [pulumi.Alias(name="before")],
            "additional_secret_outputs": ["token"],
        }
        pulumi.CustomResource("aws:test:Thing", "thing", {}, also(opts, **options))

    kept = dict(thaw(named(record(program, stack="dev"), "thing").options))
    (alias,) = kept.pop("aliases")
    assert alias["spec"]["name"] == "before"
    assert kept == {
        "protect": True,
        "ignoreChanges": ["acl", "tags"],
        "replaceOnChanges": ["bucket"],
        "deleteBeforeReplace": True,
        "retainOnDelete": True,
        "deletedWith": "urn:pulumi:dev::bedplate::aws:s3/bucket:Bucket::other",
        "import": "name-in-the-account",
        "customTimeouts": {"create": "5m"},
        "additionalSecretOutputs": ["token"],
    }


def test_options_that_are_not_set_are_not_there() -> None:
    graph = record(lambda: discarding(lambda: pulumi.CustomResource("aws:test:Thing", "t", {}, cloud())), stack="dev")
    assert dict(named(graph, "t").options) == {}


def test_a_urn_holds_the_types_of_all_components_above() -> None:
    def program() -> None:
        def inner(opts: pulumi.ResourceOptions) -> None:
            Group("in", {}, lambda deeper: aws.s3.Bucket("b", opts=deeper), opts)

        Group("out", {}, inner, shared())

    graph = record(program, stack="dev")
    chain = "bedplate:test:Group$bedplate:test:Group$aws:s3/bucket:Bucket"
    assert named(graph, "b").urn == f"urn:pulumi:dev::bedplate::{chain}::b"
    assert [item.name for item in graph.ancestors(named(graph, "b").urn)] == ["in", "out"]
    assert named(graph, "out").parent == STACK


def test_a_resource_stands_where_its_nearest_component_stands() -> None:
    def program() -> None:
        def inner(opts: pulumi.ResourceOptions) -> None:
            aws.s3.Bucket("outer-bucket", opts=opts)
            place = {"layer": "models", "entry": "models[chat]", "team": "research"}
            Group("in", place, lambda deeper: aws.s3.Bucket("inner-bucket", opts=deeper), opts)

        Group("out", {"layer": "platform", "entry": "serving"}, inner, shared())

    graph = record(program, stack="dev")
    places = {item.name: (item.layer, item.entry, item.team) for item in graph}
    assert places["outer-bucket"] == places["out"] == ("platform", "serving", "")
    assert places["inner-bucket"] == places["in"] == ("models", "models[chat]", "research")
    assert places["cloud"] == ("", "", "")


def test_the_environment_of_a_layered_stack_is_its_first_part() -> None:
    graph = record(lambda: None, stack="prod.cluster")
    assert graph.environment == "prod"
    assert [item.urn for item in graph] == [
        "urn:pulumi:prod.cluster::bedplate::pulumi:pulumi:Stack::bedplate-prod.cluster"
    ]


# What is left behind


def three_buckets() -> None:
    opts = cloud()
    for name in "abc":
        aws.s3.Bucket(name, opts=opts)


def test_runs_in_one_process_never_see_each_other() -> None:
    first = record(three_buckets, stack="dev")
    record(lambda: discarding(lambda: aws.s3.Bucket("only", opts=cloud())), stack="dev")
    assert record(three_buckets, stack="dev").bytes == first.bytes


def test_settings_of_one_run_are_gone_in_the_next() -> None:
    seen: list[str | None] = []

    def program() -> None:
        seen.append(pulumi.Config().get("colour"))

    record(program, stack="dev", config={"bedplate:colour": "green"})
    record(program, stack="dev")
    assert seen == ["green", None]


def test_a_run_that_fails_leaves_the_next_one_alone() -> None:
    first = record(three_buckets, stack="dev")

    def program() -> None:
        three_buckets()
        raise KeyError("half-way")

    with pytest.raises(KeyError):
        record(program, stack="dev")
    assert record(three_buckets, stack="dev").bytes == first.bytes


@pytest.mark.parametrize("before", [None, "false"])
def test_the_environment_variable_that_makes_outputs_strict_is_put_back(
    before: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "PULUMI_ERROR_OUTPUT_STRING"
    if before is None:
        monkeypatch.delenv(name, raising=False)
    else:
        monkeypatch.setenv(name, before)
    record(lambda: None, stack="dev")
    assert os.environ.get(name) == before


def test_the_garbage_collector_runs_again_after_an_error() -> None:
    assert gc.isenabled()
    with pytest.raises(KeyError):
        record(lambda: discarding({}.popitem), stack="dev")
    assert gc.isenabled()
