"""What is secret in the program is nowhere in the Graph, however deep it stands and whatever is made of it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
from hypothesis import given, settings
from hypothesis import strategies as st

from bedplate.engine.recorder import record
from bedplate.graph.values import Json

_LETTERS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=8, max_size=12)


@dataclass(frozen=True)
class Hidden:
    """A leaf whose content is secret."""

    content: str


trees: st.SearchStrategy[Json] = st.recursive(
    _LETTERS.map(lambda text: Hidden(f"hidden-{text}")) | st.integers(0, 9) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("xyz", min_size=1, max_size=2), inner, max_size=3)
    ),
    max_leaves=6,
)


def as_input(tree: Json) -> Json:
    """`tree` as a program would pass it."""
    if isinstance(tree, Hidden):
        return pulumi.Output.secret(tree.content)
    if isinstance(tree, dict):
        return {key: as_input(item) for key, item in tree.items()}
    return [as_input(item) for item in tree] if isinstance(tree, list) else tree


@settings(max_examples=25, deadline=None)
@given(trees)
def test_no_secret_of_the_program_is_in_the_bytes_of_its_graph(tree: Json) -> None:
    def program() -> None:
        key = pulumi.Output.secret("hidden-key-of-the-provider")
        cloud = aws.Provider("cloud", region="us-east-1", secret_key=key)
        cluster = k8s.Provider("cluster", kubeconfig=pulumi.Output.secret("hidden-kubeconfig"))
        on_cloud, on_cluster = (pulumi.ResourceOptions(provider=each) for each in (cloud, cluster))
        text = pulumi.Output.json_dumps({"value": as_input(tree)})
        pulumi.ComponentResource("bedplate:test:Group", "group", {"entry": as_input(tree)})
        pulumi.CustomResource("aws:test:Thing", "thing", {"value": as_input(tree), "text": text}, on_cloud)
        k8s.core.v1.ConfigMap("settings", data={"text": text}, opts=on_cluster)
        k8s.core.v1.Secret("secret", string_data={"key": "hidden-data", "text": text}, opts=on_cluster)
        pulumi.export("value", as_input(tree))

    assert b"hidden-" not in record(program, stack="dev").bytes
