"""Secrets of a program reach no output: neither the values before a change nor those after it."""

from __future__ import annotations

from collections.abc import Iterator

import pulumi
import pulumi_kubernetes as k8s
import pytest

from bedplate.engine.recorder import record
from bedplate.graph.graph import Graph
from bedplate.graph.values import pretty
from bedplate.output.markdown import comment
from bedplate.output.text import comparison_text
from bedplate.output.views import dot, mermaid
from tests.output.builders import comparison, review
from tests.output.requests import change, of

OLD, NEW = "planted-before-4711", "planted-after-4712"


def recorded(secret: str) -> Graph:
    """A program that holds `secret` in a provider, in a Secret, and inside ordinary values."""

    def program() -> None:
        provider = k8s.Provider("cluster", kubeconfig=pulumi.Output.secret(f"kubeconfig {secret}"))
        opts = pulumi.ResourceOptions(provider=provider)
        k8s.core.v1.Secret("token", metadata={"name": "token"}, string_data={"token": secret}, opts=opts)
        inner: dict[str, pulumi.Input[str]] = {"plain": "shown", "secret": pulumi.Output.secret(secret)}
        k8s.core.v1.ConfigMap("mixed", metadata={"name": "mixed"}, data=inner, opts=opts)

    return record(program, stack="trial")


@pytest.fixture(scope="module")
def sides() -> tuple[Graph, Graph]:
    return recorded(OLD), recorded(NEW)


def outputs(before: Graph, after: Graph) -> Iterator[str]:
    base, head = review(before), review(after)
    both = comparison(head, base)
    yield comparison_text(both).plain
    yield comparison_text(comparison(head, None)).plain
    yield pretty(both.to_json())
    yield pretty(head)
    yield comment(of({"trial": change("trial", base, head), "new": change("new", None, head)}))
    yield mermaid(after)
    yield dot(after)


def test_neither_the_old_nor_the_new_secret_is_in_any_output(sides: tuple[Graph, Graph]) -> None:
    for text in outputs(*sides):
        assert OLD not in text
        assert NEW not in text
        assert "planted" not in text


def test_what_is_no_secret_beside_a_secret_is_kept(sides: tuple[Graph, Graph]) -> None:
    assert "shown" in pretty(sides[0].to_json())
