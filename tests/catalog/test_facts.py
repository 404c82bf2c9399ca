"""Guards over every row that is shipped: sane by itself, in agreement with the others and with published tables."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from bedplate.catalog.catalog import load
from bedplate.catalog.fields import Row
from bedplate.catalog.rows import PublishedDigest, ReplacementRule
from bedplate.catalog.tables import DATA
from bedplate.model.yaml_reader import read_file
from bedplate.units.image import split_image
from tests.support import fakeaws
from tests.support.fakeaws.schema import resource_schema

CATALOG = load()
TABLES: Mapping[str, tuple[Row, ...]] = {
    "ami-support": tuple(CATALOG.ami_support.values()),
    "ami-types": tuple(CATALOG.ami_types.values()),
    "architectures": tuple(CATALOG.architectures.values()),
    "baseline-parts": tuple(CATALOG.baseline_parts.values()),
    "baselines": tuple(CATALOG.baselines.values()),
    "charts": tuple(CATALOG.charts.values()),
    "cuda": tuple(CATALOG.cuda_releases.values()),
    "driver-containers": tuple(CATALOG.driver_containers.values()),
    "drivers": tuple(CATALOG.driver_branches.values()),
    "eks-addons": tuple(CATALOG.eks_addons.values()),
    "eks-registries": tuple(CATALOG.eks_registries.values()),
    "gpu-faults": tuple(CATALOG.gpu_faults.values()),
    "gpus": tuple(CATALOG.gpus.values()),
    "iam-actions": tuple(CATALOG.iam_actions.values()),
    "iam-boundaries": tuple(CATALOG.iam_boundaries.values()),
    "images": tuple(CATALOG.images.values()),
    "instance-types": tuple(CATALOG.instance_types.values()),
    "mig-profiles": tuple(CATALOG.mig_profiles.values()),
    "kubernetes-versions": tuple(CATALOG.kubernetes_versions.values()),
    "one-way": CATALOG.one_way,
    "prices": tuple(CATALOG.prices.values()),
    "replacement-rules": tuple(CATALOG.replacement_rules.values()),
    "runtimes": tuple(CATALOG.runtimes.values()),
    "servers": tuple(CATALOG.servers.values()),
    "upgrades": tuple(CATALOG.upgrades.values()),
    "vpc-endpoints": tuple(CATALOG.vpc_endpoints.values()),
    "writers": CATALOG.writers,
}
REGION = "us-east-1"
# Parameters in 10^9 and KV cache per token in KiB (bfloat16), as the models' publishers and serving tools state them.
PUBLISHED_SHAPES = {
    "llama-3.1-70b": (70.554, 320),
    "llama-3.1-8b": (8.030, 128),
    "llama-3.3-70b": (70.554, 320),
    "mistral-7b-v0.3": (7.248, 128),
    "mixtral-8x7b": (46.703, 128),
    "qwen2.5-32b": (32.764, 256),
    "qwen2.5-72b": (72.706, 320),
    "qwen2.5-7b": (7.616, 56),
    "qwen3-0.6b": (0.596, 112),
    "qwen3-235b-a22b": (235.094, 188),
    "qwen3-30b-a3b": (30.532, 96),
    "qwen3-32b": (32.762, 256),
    "qwen3-8b": (8.191, 144),
    "qwen3-embedding-0.6b": (0.596, 112),
}


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_table_has_rows_and_every_row_is_younger_than_the_oldest_kubernetes_on_offer(table: str) -> None:
    oldest = min(version.eks_release for version in CATALOG.kubernetes_versions.values())
    assert TABLES[table]
    if table != "servers":  # machines that are built do not change
        assert [row for row in TABLES[table] if row.as_of < oldest] == []


def test_no_fact_is_from_the_future() -> None:
    newest = max(row.as_of for rows in TABLES.values() for row in rows)
    assert newest <= datetime.now(tz=UTC).date()


def test_every_data_file_belongs_to_a_table_and_passes_the_strict_yaml_reader() -> None:
    names = sorted(file.name for file in DATA.glob("*"))
    for name in names:
        assert read_file(DATA, name).root.items.keys()
    assert [name for name in names if not name.startswith("kserve-")] == [f"{table}.yaml" for table in sorted(TABLES)]


def test_images_are_named_in_full_with_registry_and_tag() -> None:
    references = [*CATALOG.images, *(ref for row in CATALOG.baselines.values() for ref in row.images.values())]
    assert [ref for ref in references if str(split_image(ref)) != ref or not split_image(ref).tag] == []


@pytest.mark.parametrize("digests", [CATALOG.images, CATALOG.charts], ids=["images", "charts"])
def test_no_two_references_share_a_digest(digests: Mapping[str, PublishedDigest]) -> None:
    assert len({row.digest for row in digests.values()}) == len(digests)


def test_histogram_bounds_of_a_runtime_rise() -> None:
    for runtime in CATALOG.runtimes.values():
        assert all(low < high for low, high in pairwise(runtime.ttft_bounds_seconds)), runtime.name


def test_model_shapes_agree_with_published_parameters_and_cache_sizes() -> None:
    shapes = {
        name: (round(row.parameters / 1e9, 3), 2 * row.layers * row.kv_heads * row.head_dim * 2 / 1024)
        for name, row in CATALOG.architectures.items()
    }
    assert shapes == PUBLISHED_SHAPES


def test_attention_heads_of_a_model_are_shared_evenly_among_its_kv_heads() -> None:
    assert [name for name, row in CATALOG.architectures.items() if row.attention_heads % row.kv_heads] == []


def test_parameters_of_the_small_models_explain_the_size_of_their_weight_files() -> None:
    head = 151_936 * 1024  # the output head, which the file of qwen3-0.6b holds a second time
    plain, embedding = CATALOG.architectures["qwen3-0.6b"], CATALOG.architectures["qwen3-embedding-0.6b"]
    assert 0 < 1_503_300_328 - 2 * (plain.parameters + head) < 40_000  # the rest is the safetensors header
    assert 0 < 1_191_586_416 - 2 * embedding.parameters < 40_000


@pytest.mark.parametrize(
    ("item", "monthly"),
    [
        ("ebs-gp3", "0.08"),
        ("eks.control-plane.tier-8xl", "10147"),
        ("eks.control-plane.tier-xl", "1204.5"),
        ("eks.control-plane.extended", "438"),
        ("eks.control-plane.standard", "73"),
        ("kms-key", "1"),
        ("nat-gateway", "32.85"),
        ("public-ipv4", "3.65"),
        ("vpc-interface-endpoint", "7.3"),
    ],
)
def test_prices_by_the_hour_come_to_the_monthly_sums_that_are_quoted(item: str, monthly: str) -> None:
    price = CATALOG.price(item, REGION)
    assert price is not None
    assert price.amount * (730 if price.unit == "hour" else 1) == Decimal(monthly)


def aws_rules() -> list[ReplacementRule]:
    return [rule for rule in CATALOG.replacement_rules.values() if rule.type.startswith("aws:")]


def aws_inputs(token: str) -> set[str]:
    """Names of the inputs that the SDK has for a resource type, in lower case."""
    service, _, name = token.removeprefix("aws:").partition("/")
    module = importlib.import_module(f"pulumi_aws.{service}")
    resource = name.rpartition(":")[2]
    inputs = getattr(module, f"{resource}InitArgs", None) or getattr(module, f"{resource}Args")
    return {name.replace("_", "") for name in vars(inputs)}


@pytest.mark.parametrize("rule", aws_rules(), ids=lambda rule: rule.type)
def test_paths_of_an_aws_rule_begin_with_an_input_of_that_type(rule: ReplacementRule) -> None:
    paths = (*rule.paths, *rule.removed, *rule.versions)
    assert {path.partition(".")[0].lower() for path in paths} <= aws_inputs(rule.type)


@pytest.mark.parametrize("rule", aws_rules(), ids=lambda rule: rule.type)
def test_an_aws_object_goes_first_where_it_has_a_name_that_could_have_been_automatic(rule: ReplacementRule) -> None:
    assert (rule.name or None) == resource_schema(rule.type).name_property


@pytest.mark.parametrize("rule", aws_rules(), ids=lambda rule: rule.type)
def test_default_tags_are_written_onto_every_type_that_has_tags(rule: ReplacementRule) -> None:
    assert rule.tagged == ("tagsAll" in resource_schema(rule.type).outputs)


def test_the_fake_aws_provider_replaces_exactly_what_the_catalogue_says() -> None:
    table = yaml.safe_load((Path(fakeaws.__path__[0]) / "replacement.yaml").read_text(encoding="utf-8"))
    fake = {name: (set(row.get("changed", [])), set(row.get("removed", []))) for name, row in table.items()}
    assert {rule.type: (set(rule.paths), set(rule.removed)) for rule in aws_rules()} == fake


def test_a_kubernetes_object_with_another_name_or_namespace_is_another_object() -> None:
    for rule in CATALOG.replacement_rules.values():
        if rule.type.startswith("kubernetes:"):
            assert {"metadata.name", "metadata.namespace"} <= set(rule.paths), rule.type


def test_no_path_of_a_rule_repeats_another() -> None:
    for rule in CATALOG.replacement_rules.values():
        for path in rule.paths:
            assert [other for other in rule.paths if other != path and path.startswith(f"{other}.")] == [], rule.type
        assert len(set(rule.paths)) == len(rule.paths), rule.type


def test_what_holds_data_keys_or_everything_inside_is_marked() -> None:
    assert [rule.type for rule in CATALOG.replacement_rules.values() if rule.stateful] == [
        "aws:cloudwatch/logGroup:LogGroup",
        "aws:ec2/vpc:Vpc",
        "aws:ecr/repository:Repository",
        "aws:eks/cluster:Cluster",
        "aws:kms/key:Key",
        "aws:s3/bucket:Bucket",
        "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
        "kubernetes:apps/v1:StatefulSet",
        "kubernetes:core/v1:Namespace",
        "kubernetes:core/v1:PersistentVolumeClaim",
    ]


def test_what_nobody_else_claims_is_written_by_pulumi() -> None:
    assert [(row.path, row.writer) for row in CATALOG.writers if row.kind == "*"] == [("*", "pulumi")]


def test_a_row_for_a_part_names_another_writer_than_the_row_for_the_whole() -> None:
    whole = {(row.kind, row.made_by): row.writer for row in CATALOG.writers if row.path == "*"}
    for row in CATALOG.writers:
        if row.path != "*":
            assert row.writer != whole.get((row.kind, row.made_by), "pulumi"), f"{row.kind} {row.path}"
