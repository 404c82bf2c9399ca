"""The recorder refuses what no Graph may hold, and says where and what to write."""

from __future__ import annotations

from collections.abc import Callable

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest

from bedplate.engine.recorder import RecordError, record
from tests.graph.programs import cloud, cluster, problems


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


def test_an_object_with_two_writers_is_refused_by_both_names() -> None:
    def program() -> None:
        provider = k8s.Provider("cluster", kubeconfig="{}")
        opts = pulumi.ResourceOptions(provider=provider)
        for name in ("one", "two"):
            k8s.core.v1.Namespace(name, metadata=k8s.meta.v1.ObjectMetaArgs(name="research"), opts=opts)

    with pytest.raises(RecordError, match=r"^Namespace research has two writers: \S+::one and \S+::two$"):
        record(program, stack="dev")
