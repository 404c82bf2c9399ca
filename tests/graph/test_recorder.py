"""The recorder keeps what the program registers, refuses what no Graph may hold, and leaves nothing behind."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Mapping

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest

from bedplate.engine.recorder import RecordError, record
from bedplate.graph.graph import Graph
from bedplate.graph.resource import STACK_TYPE, Resource
from bedplate.graph.values import SECRET, UNKNOWN, Json, thaw

STACK = f"urn:pulumi:dev::bedplate::{STACK_TYPE}::bedplate-dev"
CLOUD = "urn:pulumi:dev::bedplate::pulumi:providers:aws::cloud"


def cloud() -> pulumi.ResourceOptions:
    """Options with an explicit provider of the account."""
    return pulumi.ResourceOptions(provider=aws.Provider("cloud", region="us-east-1"))


def shared() -> pulumi.ResourceOptions:
    """Options of a component whose children use one provider of the account."""
    return pulumi.ResourceOptions(providers=[aws.Provider("cloud", region="us-east-1")])


def cluster() -> pulumi.ResourceOptions:
    """Options with an explicit provider of the cluster."""
    return pulumi.ResourceOptions(provider=k8s.Provider("cluster", kubeconfig="{}"))


def also(opts: pulumi.ResourceOptions, **more: object) -> pulumi.ResourceOptions:
    """`opts` and more of them."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(**more))  # type: ignore[arg-type]


class Group(pulumi.ComponentResource):
    """A component like ours, around whatever `make` makes with the options of a child."""

    def __init__(
        self,
        name: str,
        place: Mapping[str, str],
        make: Callable[[pulumi.ResourceOptions], object],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("bedplate:test:Group", name, dict(place), opts)
        make(pulumi.ResourceOptions(parent=self))
        self.register_outputs({})


def named(graph: Graph, name: str) -> Resource:
    """The one resource called `name`."""
    (resource,) = (item for item in graph if item.name == name)
    return resource


def inputs(graph: Graph, name: str) -> Json:
    """Inputs of that resource, as plain data."""
    return thaw(named(graph, name).inputs)


def problems(program: Callable[[], object]) -> tuple[str, ...]:
    """What the recorder says of a program that it refuses."""
    with pytest.raises(RecordError) as refused:
        record(lambda: _run(program), stack="dev")
    return refused.value.problems


def _run(program: Callable[[], object]) -> None:
    program()


# What is refused


def test_a_default_provider_is_refused() -> None:
    assert problems(lambda: aws.s3.Bucket("b")) == (
        "urn:pulumi:dev::bedplate::aws:s3/bucket:Bucket::b uses the default provider: pass an explicit one",
    )


def test_one_name_for_two_resources_of_a_type_is_refused() -> None:
    def program() -> None:
        opts = cloud()
        aws.s3.Bucket("b", opts=opts)
        aws.s3.Bucket("b", opts=opts)

    assert problems(program) == (
        "urn:pulumi:dev::bedplate::aws:s3/bucket:Bucket::b is registered twice: give one of the two another name",
    )


def test_text_made_of_an_output_raises_where_it_stands() -> None:
    def program() -> None:
        opts = cloud()
        bucket = aws.s3.Bucket("b", opts=opts)
        aws.s3.Bucket("c", bucket=f"copy-of-{bucket.id}", opts=opts)

    with pytest.raises(Exception, match=r"Calling __str__ on an Output\[T\] is not supported") as error:
        record(program, stack="dev")
    assert "program" in [entry.name for entry in error.traceback]


def test_a_resource_made_inside_apply_is_refused() -> None:
    def program() -> None:
        opts = cloud()
        bucket = aws.s3.Bucket("b", bucket="name", opts=opts)
        bucket.bucket.apply(lambda name: aws.s3.Bucket("late", bucket=name, opts=opts))

    assert problems(program) == (
        "aws:s3/bucket:Bucket 'late' is made inside apply, where no plan can see it: make it outside",
    )


def test_an_unknown_value_in_a_kubernetes_object_is_refused_with_its_path() -> None:
    def program() -> None:
        bucket = aws.s3.Bucket("b", opts=cloud())
        k8s.core.v1.ConfigMap("c", data={"arn": bucket.arn}, opts=cluster())

    assert problems(program) == (
        "urn:pulumi:dev::bedplate::kubernetes:core/v1:ConfigMap::c: data.arn is known only after apply: "
        "Kubernetes objects are planned whole",
    )


ASKING: dict[str, tuple[Callable[[], object], str]] = {
    "invoke": (
        lambda: aws.get_caller_identity(opts=pulumi.InvokeOptions(provider=aws.Provider("p", region="us-east-1"))),
        "aws:index/getCallerIdentity:getCallerIdentity asks the cloud during planning",
    ),
    "invoke with an output": (
        lambda: aws.get_region_output(opts=pulumi.InvokeOptions(provider=aws.Provider("p", region="us-east-1"))),
        "aws:index/getRegion:getRegion asks the cloud during planning",
    ),
    "call": (
        lambda: pulumi.runtime.call("aws:x:Y/method", {}, None),
        "aws:x:Y/method calls a provider during planning",
    ),
    "read": (
        lambda: aws.s3.Bucket.get("b", "id", opts=cloud()),
        "aws:s3/bucket:Bucket 'b' is read from the cloud during planning",
    ),
    "stack reference": (
        lambda: pulumi.StackReference("organization/bedplate/other"),
        "'organization/bedplate/other' reads stack other, which no lower layer makes",
    ),
}


@pytest.mark.parametrize("what", ASKING)
def test_a_program_that_asks_the_cloud_is_refused(what: str) -> None:
    program, words = ASKING[what]
    (problem,) = problems(program)
    assert problem.startswith(words)


def test_all_problems_are_said_at_once_and_sorted() -> None:
    def program() -> None:
        aws.s3.Bucket("z")
        aws.s3.Bucket("a")

    assert [problem.partition(" ")[0].rpartition("::")[2] for problem in problems(program)] == ["a", "z"]


def test_an_error_of_the_program_comes_through_as_it_is() -> None:
    mine = KeyError("mine")

    def program() -> None:
        raise mine

    with pytest.raises(KeyError) as error:
        record(program, stack="dev")
    assert error.value is mine


def chain(error: BaseException) -> list[BaseException]:
    """An error and those that led to it."""
    found = [error]
    while (before := found[-1].__cause__ or found[-1].__context__) is not None and before not in found:
        found.append(before)
    return found


def test_an_error_inside_apply_comes_through_with_the_resource_that_needed_it() -> None:
    mine = ValueError("mine")

    def fail(_: str) -> str:
        raise mine

    def program() -> None:
        opts = cloud()
        bucket = aws.s3.Bucket("b", bucket="name", opts=opts)
        aws.s3.Bucket("c", bucket=bucket.bucket.apply(fail), opts=opts)

    with pytest.raises(ValueError, match="mine") as error:
        record(program, stack="dev")
    assert mine in chain(error.value)


# What is kept


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
    graph = record(lambda: _run(lambda: aws.s3.Bucket("b", opts=cloud())), stack="dev")
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
    graph = record(lambda: _run(lambda: pulumi.CustomResource("aws:test:Thing", "t", {}, cloud())), stack="dev")
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
    record(lambda: _run(lambda: aws.s3.Bucket("only", opts=cloud())), stack="dev")
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
        record(lambda: _run({}.popitem), stack="dev")
    assert gc.isenabled()


def test_an_object_with_two_writers_is_refused_by_both_names() -> None:
    def program() -> None:
        provider = k8s.Provider("cluster", kubeconfig="{}")
        opts = pulumi.ResourceOptions(provider=provider)
        for name in ("one", "two"):
            k8s.core.v1.Namespace(name, metadata=k8s.meta.v1.ObjectMetaArgs(name="research"), opts=opts)

    with pytest.raises(RecordError, match=r"^Namespace research has two writers: \S+::one and \S+::two$"):
        record(program, stack="dev")
