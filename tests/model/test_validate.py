"""From a tree to a model: every mistake in plain English, at its place, and all of them at once."""

from __future__ import annotations

import enum
from collections.abc import Mapping as ReadOnly
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

import pytest
from pydantic import Field, model_validator

from bedplate.model.merge import merge
from bedplate.model.source import InputError
from bedplate.model.spec import FrozenMap, MachineSpec, Refusal, Spec
from bedplate.model.tree import Path
from bedplate.model.types import DnsLabel, LabelKey, Quantity
from bedplate.model.validate import MAX_PROBLEMS, validate
from tests.model.trees import tree


class Capacity(enum.Enum):
    ON_DEMAND = "onDemand"
    SPOT = "spot"


class Eks(Spec):
    kind: Literal["eks"]
    version: str


class Existing(Spec):
    kind: Literal["existing", "kubeconfig"]
    context: str = ""


class Size(Spec):
    min: int = Field(default=0, ge=0)
    max: int = Field(default=1, le=100)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min > self.max:
            raise Refusal(f"{self.min} is above max", path=("min",), allowed=("0", str(self.max)), hint="lower it")
        return self


class Pool(Spec):
    name: DnsLabel = Field(description="Name of the pool.", examples=["l4"])
    instance_types: tuple[str, ...] = ("m7i.large",)
    size: Size = Size()
    capacity: Capacity = Capacity.SPOT
    labels: FrozenMap[LabelKey, str] = Field(default_factory=dict)


class Target(Spec):
    utilisation: int


Cluster = Annotated[Eks | Existing, Field(discriminator="kind")]


class Environment(Spec):
    schema_: Literal["bedplate/v1"] = Field(default="bedplate/v1", alias="schema")
    tier: Literal["development", "staging", "production"] = "staging"
    cluster: Cluster | None = None
    clusters: tuple[Cluster, ...] = ()
    by_name: FrozenMap[str, Cluster] = Field(default_factory=dict)
    fallback: Eks | Existing = Field(default=Existing(kind="existing"), discriminator="kind")
    node_pools: tuple[Pool, ...] = ()
    protect: bool = False
    ratio: float = 1.0
    budget: Annotated[Decimal, Field(gt=0, max_digits=6, decimal_places=2)] = Decimal(1)
    memory: Quantity = "1Gi"
    expires: date | None = None
    port: int | str = 80
    when: Literal["auto"] | Annotated[int, Field(ge=1)] = 1
    values: FrozenMap[str, str | int | bool] = Field(default_factory=dict)
    scale: Target | tuple[int, ...] | None = None
    mixed: Cluster | int | None = None
    limits: FrozenMap[str, int] | int = 1
    pair: tuple[int, str] = (1, "a")
    zones: Annotated[tuple[str, ...], Field(min_length=1, max_length=2)] = ("a",)
    contact: Annotated[str, Field(min_length=3, max_length=9, pattern="^[a-z]+$")] = Field(
        default="abc", examples=["ops"]
    )
    even: Annotated[int, Field(multiple_of=2, gt=0, lt=9)] = 2
    anything: Any = None


def refusals(text: str, path: Path = ()) -> list[str]:
    with pytest.raises(InputError) as refused:
        validate(Environment, tree(text), path=path)
    return [problem.render().removeprefix("dev.yaml:") for problem in refused.value.problems]


def test_a_document_without_mistakes_becomes_the_model() -> None:
    environment = validate(
        Environment,
        tree(
            """
            schema: bedplate/v1
            cluster: {kind: eks, version: "1.36"}
            nodePools:
              - {name: l4, instanceTypes: [g6.2xlarge], capacity: onDemand, labels: {example.org/tier: gpu}}
            budget: 10.50
            expires: "2026-12-31"
            scale: [1, 2]
            """
        ),
    )
    assert environment.cluster == Eks(kind="eks", version="1.36")
    assert environment.node_pools[0].instance_types == ("g6.2xlarge",)
    assert environment.node_pools[0].capacity is Capacity.ON_DEMAND
    assert isinstance(environment.node_pools[0].labels, MappingProxyType)
    assert isinstance(environment.by_name, MappingProxyType)
    assert (environment.budget, environment.expires) == (Decimal("10.5"), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nodePools: three", "1:12: nodePools: expected a list, got 'three'"),
        (
            "nodePools: [{name: a, size: {min: three}}]",
            "1:35: nodePools[0].size.min: expected a whole number, got 'three'",
        ),
        ("nodePools: [{name: a, size: {min: 1.5}}]", "1:35: nodePools[0].size.min: expected a whole number, got 1.5"),
        (
            "nodePools: [{name: a, size: {min: '3'}}]",
            "1:35: nodePools[0].size.min: expected a whole number, got '3'\n  hint: write 3 without quotes",
        ),
        (
            "nodePools: [{name: a, instanceTypes: [1.10]}]",
            "1:39: nodePools[0].instanceTypes[0]: expected text, got 1.10, which YAML reads as the number 1.1\n"
            '  hint: quote it: "1.10"',
        ),
        ("memory: 4", '1:9: memory: expected text, got 4\n  hint: quote it: "4"'),
        ("memory: true", '1:9: memory: expected text, got true\n  hint: quote it: "true"'),
        ("memory:", "1:8: memory: expected text, got nothing (null)"),
        ("memory: {}", "1:9: memory: expected text, got a mapping"),
        ("memory: [1]", "1:9: memory: expected text, got a list"),
        ("protect: yes", "1:10: protect: expected true or false, got 'yes'\n  hint: write true, without quotes"),
        ("protect: 'OFF'", "1:10: protect: expected true or false, got 'OFF'\n  hint: write false, without quotes"),
        ("protect: 1", "1:10: protect: expected true or false, got 1"),
        ("ratio: half", "1:8: ratio: expected a number, got 'half'"),
        ("ratio: '0.5'", "1:8: ratio: expected a number, got '0.5'\n  hint: write 0.5 without quotes"),
        ("ratio: '.nan'", "1:8: ratio: expected a number, got '.nan'"),
        ("ratio: 'true'", "1:8: ratio: expected a number, got 'true'"),
        ("cluster: eks", "1:10: cluster: expected a mapping, got 'eks'"),
        ("expires: soon", "1:10: expires: expected a date such as 2026-12-31, in quotes, got 'soon'"),
        ("expires: 2026-02-30", "1:10: expires: expected a date such as 2026-12-31, in quotes, got '2026-02-30'"),
        ("budget: much", "1:9: budget: expected a number, got 'much'"),
        (
            'memory: "a\\tb"',
            "1:9: memory: 'a\\tb' is not a quantity: write a number with a suffix, such as 500m, 4 or 16Gi",
        ),
        ("protect: " + "x" * 80, "1:10: protect: expected true or false, got '" + "x" * 59 + "…'"),
    ],
)
def test_a_value_of_another_type_is_named_with_what_to_write(text: str, message: str) -> None:
    assert refusals(text) == [message]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nodePools: [{name: a, size: {min: -1}}]", "1:35: nodePools[0].size.min: must be 0 or more, got -1"),
        ("nodePools: [{name: a, size: {max: 101}}]", "1:35: nodePools[0].size.max: must be 100 or less, got 101"),
        ("budget: 0", "1:9: budget: must be more than 0, got 0"),
        ("budget: 1.234", "1:9: budget: must have at most 2 digits after the point, got 1.234"),
        ("budget: 12345.67", "1:9: budget: must have at most 6 digits, got 12345.67"),
        ("budget: 12345.6", "1:9: budget: must have at most 4 digits before the point, got 12345.6"),
        ("even: 3", "1:7: even: must be a multiple of 2, got 3"),
        ("even: 10", "1:7: even: must be less than 9, got 10"),
        ("zones: []", "1:8: zones: must not be empty"),
        ("zones: [a, b, c]", "1:8: zones: has 3 items; at most 2 are allowed"),
        ("contact: ''", "1:10: contact: must not be empty"),
        ("contact: ab", "1:10: contact: has 2 characters; at least 3 are needed"),
        ("contact: abcdefghij", "1:10: contact: has 10 characters; at most 9 are allowed"),
        ("contact: ABC", "1:10: contact: 'ABC' does not have the form ^[a-z]+$\n  hint: for example ops"),
        ("pair: [1]", "1:7: pair[1]: is required"),
        ("pair: [1, b, c]", "1:7: pair: has 3 items; at most 2 are allowed"),
        ("pair: [1, 2]", '1:11: pair[1]: expected text, got 2\n  hint: quote it: "2"'),
        (
            "memory: 16GB",
            "1:9: memory: '16GB' is not a quantity: write a number with a suffix, such as 500m, 4 or 16Gi",
        ),
        (
            "nodePools: [{name: L4}]",
            "1:20: nodePools[0].name: 'L4' is not lower-case letters, digits and inner hyphens\n"
            "  hint: for example team-a",
        ),
        (
            "nodePools: [{name: a, size: {min: 3, max: 2}}]",
            "1:35: nodePools[0].size.min: 3 is above max\n  allowed: 0, 2\n  hint: lower it",
        ),
    ],
)
def test_a_value_outside_its_bounds_is_named_with_the_bounds(text: str, message: str) -> None:
    assert refusals(text) == [message]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "tier: prod",
            "1:7: tier: 'prod' is not one of the allowed values (did you mean production?)\n"
            "  allowed: development, staging, production",
        ),
        ("tier: 3", "1:7: tier: 3 is not one of the allowed values\n  allowed: development, staging, production"),
        (
            "tier: {}",
            "1:7: tier: a mapping is not one of the allowed values\n  allowed: development, staging, production",
        ),
        (
            "nodePools: [{name: a, capacity: ondemand}]",
            "1:33: nodePools[0].capacity: 'ondemand' is not one of the allowed values (did you mean onDemand?)\n"
            "  allowed: onDemand, spot",
        ),
        (
            "schema: bedplate/v2",
            "1:9: schema: 'bedplate/v2' is not one of the allowed values (did you mean bedplate/v1?)\n"
            "  allowed: bedplate/v1",
        ),
    ],
)
def test_a_word_outside_a_list_is_named_with_the_list_and_a_guess(text: str, message: str) -> None:
    assert refusals(text) == [message]


def test_an_unknown_key_is_refused_at_the_key_with_a_guess_and_the_known_keys() -> None:
    assert refusals("nodePools:\n  - name: a\n    size: {minimum: 1}") == [
        "3:12: nodePools[0].size.minimum: unknown key 'minimum' (did you mean min?)\n  allowed: max, min"
    ]


def test_a_long_list_of_known_keys_is_left_out() -> None:
    assert refusals("nodePool: []") == ["1:1: nodePool: unknown key 'nodePool' (did you mean nodePools?)"]


def test_a_key_in_python_spelling_is_unknown_in_a_file() -> None:
    assert refusals("node_pools: []") == ["1:1: node_pools: unknown key 'node_pools' (did you mean nodePools?)"]


def test_a_missing_key_is_said_at_the_mapping_that_lacks_it_with_its_meaning() -> None:
    assert refusals("nodePools:\n  - capacity: spot") == [
        "2:5: nodePools[0].name: is required\n  hint: Name of the pool. For example: l4"
    ]


def test_a_wrong_key_of_a_map_is_said_at_the_key() -> None:
    assert refusals("nodePools:\n  - name: a\n    labels: {a b: x}") == [
        "3:14: nodePools[0].labels[\"a b\"]: 'a b' is not a label key: up to 63 letters, digits, '.', '_' or '-', "
        "with an optional DNS prefix and '/'\n  hint: for example example.org/tier"
    ]


@pytest.mark.parametrize("where", ["cluster: {}", "fallback: {}", "clusters: [{}]", "byName: {a: {}}"])
def test_a_tagged_union_says_which_tag_is_missing_and_which_there_are(where: str) -> None:
    (message,) = refusals(where)
    assert message.endswith(
        "kind: is required: it decides which other keys there are\n  allowed: " + KINDS[where.partition(":")[0]]
    )


KINDS = dict.fromkeys(("cluster", "fallback", "clusters", "byName"), "eks, existing, kubeconfig")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "cluster: {kind: ekss}",
            "1:17: cluster.kind: 'ekss' is not one of the allowed values (did you mean eks?)\n"
            "  allowed: eks, existing, kubeconfig",
        ),
        ("cluster: {kind: eks}", "1:10: cluster.version: is required"),
        (
            "clusters: [{kind: eks, version: 1}]",
            '1:33: clusters[0].version: expected text, got 1\n  hint: quote it: "1"',
        ),
        (
            "byName: {a: {kind: kubeconfig, contxt: x}}",
            "1:32: byName.a.contxt: unknown key 'contxt' (did you mean context?)\n  allowed: context, kind",
        ),
        ("fallback: {kind: eks, version: [1]}", "1:32: fallback.version: expected text, got a list"),
        ("mixed: {kind: eks}", "1:8: mixed.version: is required"),
    ],
)
def test_a_tagged_union_speaks_of_the_chosen_branch_only(text: str, message: str) -> None:
    assert refusals(text) == [message]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("port: []", "1:7: port: expected a whole number or text, got a list"),
        ("port: 1.5", '1:7: port: expected a whole number or text, got 1.5\n  hint: quote it: "1.5"'),
        ("values: {a: {}}", "1:13: values.a: expected text or a whole number or true or false, got a mapping"),
        ("when: later", "1:7: when: expected 'auto' or a whole number, got 'later'"),
        ("when: 0", "1:7: when: must be 1 or more, got 0"),
        ("scale: {utilisation: x}", "1:22: scale.utilisation: expected a whole number, got 'x'"),
        ("scale: {}", "1:8: scale.utilisation: is required"),
        ("scale: [1, x]", "1:12: scale[1]: expected a whole number, got 'x'"),
        ("scale: x", "1:8: scale: expected a mapping or a list, got 'x'"),
        ("limits: {a: x}", "1:13: limits.a: expected a whole number, got 'x'"),
        ("mixed: []", "1:8: mixed: expected a mapping or a whole number, got a list"),
    ],
)
def test_a_plain_union_says_one_thing_about_the_branch_that_was_probably_meant(text: str, message: str) -> None:
    assert refusals(text) == [message]


def test_all_mistakes_are_said_at_once_in_reading_order() -> None:
    text = "tier: x\ncluster: {kind: y}\nnodePool: 1\nnodePools: [{size: {min: -1}}]\nport: []"
    assert [line.split(": ")[1] for line in refusals(text)] == [
        "tier",
        "cluster.kind",
        "nodePool",
        "nodePools[0].name",
        "nodePools[0].size.min",
        "port",
    ]


def test_mistakes_beyond_two_hundred_are_counted() -> None:
    found = refusals("\n".join(f"unknown{index}: 1" for index in range(MAX_PROBLEMS + 1_500)))
    assert len(found) == MAX_PROBLEMS + 1
    assert "1:1: and 1,500 more problems; mend these first" in found


def test_paths_start_at_the_place_where_the_document_part_stands() -> None:
    assert refusals("tier: x", path=("environments", 0))[0].startswith("1:7: environments[0].tier: ")


def test_a_merged_value_is_blamed_on_the_layer_that_wrote_it() -> None:
    layers = merge([tree("tier: x\nprotect: 3", "_base.yaml"), tree("protect: 4")])
    with pytest.raises(InputError) as refused:
        validate(Environment, layers)
    assert [str(problem.position) for problem in refused.value.problems] == ["_base.yaml:1:7", "dev.yaml:1:10"]


def test_text_is_never_taken_for_a_number_nor_a_number_for_text() -> None:
    assert len(refusals("ratio: '1'\nmemory: 1\nprotect: 'true'\neven: 2.0")) == 4


def test_a_plain_value_error_of_a_validator_is_said_at_the_mapping() -> None:
    class Strict(Spec):
        a: int = 1

        @model_validator(mode="after")
        def _never(self) -> Self:
            raise ValueError("never good")

    with pytest.raises(InputError, match=r"^dev\.yaml:1:1: never good$"):
        validate(Strict, tree("a: 2"))


def test_an_error_type_without_words_of_ours_keeps_those_of_pydantic() -> None:
    class Timed(Spec):
        hours: Annotated[float, Field(allow_inf_nan=False)] = 1.0
        of: frozenset[int] = frozenset()
        code: bytes = b""

    with pytest.raises(InputError, match=r"^dev\.yaml:1:7: code: Input should be a valid bytes, got 3$"):
        validate(Timed, tree("code: 3"))


def test_a_required_value_of_several_types_is_missed_like_any_other() -> None:
    class Port(Spec):
        port: int | str = Field(description="Port or its name.", examples=[80])

    with pytest.raises(InputError) as refused:
        validate(Port, tree("{}"))
    assert str(refused.value) == "dev.yaml:1:1: port: is required\n  hint: Port or its name. For example: 80"


def test_a_bad_default_is_said_at_the_mapping_that_leaves_it_out() -> None:
    class Loose(Spec):
        count: Annotated[int, Field(ge=1)] = 0

    with pytest.raises(InputError, match=r"^dev\.yaml:1:1: count: must be 1 or more, got nothing$"):
        validate(Loose, tree("{}"))


def test_a_file_that_the_tool_wrote_may_hold_keys_of_a_newer_version() -> None:
    class Entry(MachineSpec):
        needed_by: tuple[str, ...] = ()

    class Lock(MachineSpec):
        entries: FrozenMap[str, Entry] = Field(default_factory=dict)

    lock = validate(Lock, tree("entries: {a: {neededBy: [x], since: 2}}\nlater: true"))
    entries: ReadOnly[str, Entry] = lock.entries
    assert entries["a"].needed_by == ("x",)
