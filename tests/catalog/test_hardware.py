"""Guards over hardware: instance types, GPUs and AMI types agree with each other and with independent tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import groupby, pairwise
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from bedplate.catalog.catalog import load
from bedplate.catalog.hardware import MAX_PODS, MAX_PODS_BELOW_30_VCPUS, Gpu, InstanceType, Server
from bedplate.catalog.support import Support
from bedplate.units.version import version_key

CATALOG = load()
REGION = "us-east-1"
# GiB per vCPU by family; two numbers where large sizes have more of it.
GIB_PER_VCPU: Mapping[str, tuple[str, ...]] = {
    "c6i": ("2",), "c7g": ("2",), "c7i": ("2",), "g5g": ("2",),
    "g4dn": ("4",), "g5": ("4",), "g6": ("4",), "g7": ("4",),
    "m6i": ("4",), "m7g": ("4",), "m7i": ("4",), "m8g": ("4",),
    "g6e": ("8",), "gr6": ("8",), "i4i": ("8",), "r6i": ("8",), "r7g": ("8",), "r7i": ("8",),
    "g7e": ("8", "10.67"), "p4d": ("12",), "p4de": ("12",), "p5": ("16", "10.67"), "p5e": ("10.67",),
    "p5en": ("10.67",), "p6-b200": ("10.67",), "p6-b300": ("21.33",), "p6e-gb200": ("6.67",),
    "t3": ("2", "4"), "t4g": ("2", "4"),
}  # fmt: skip
# Sold in Capacity Blocks only, or without an on-demand price in this region.
WITHOUT_PRICE = {"p5e.48xlarge", "p6e-gb200.36xlarge"}
# No source tells how many interfaces its default network card has.
WITHOUT_PODS = {"p6e-gb200.36xlarge"}
# EKS API, AMITypes (botocore 1.44.5, 2026-11-17), without those that can no longer be chosen, or not by name.
AMI_TYPES = {
    "AL2023_ARM_64_NVIDIA", "AL2023_ARM_64_STANDARD", "AL2023_x86_64_NEURON", "AL2023_x86_64_NVIDIA",
    "AL2023_x86_64_STANDARD", "AL2_ARM_64", "AL2_x86_64", "AL2_x86_64_GPU", "BOTTLEROCKET_ARM_64",
    "BOTTLEROCKET_ARM_64_FIPS", "BOTTLEROCKET_ARM_64_NVIDIA", "BOTTLEROCKET_ARM_64_NVIDIA_FIPS", "BOTTLEROCKET_x86_64",
    "BOTTLEROCKET_x86_64_FIPS", "BOTTLEROCKET_x86_64_NVIDIA", "BOTTLEROCKET_x86_64_NVIDIA_FIPS", "CUSTOM",
    "WINDOWS_CORE_2019_x86_64", "WINDOWS_CORE_2022_x86_64", "WINDOWS_CORE_2025_x86_64", "WINDOWS_FULL_2019_x86_64",
    "WINDOWS_FULL_2022_x86_64", "WINDOWS_FULL_2025_x86_64",
}  # fmt: skip
EXCLUDED = {"AL2_ARM_64", "AL2_x86_64", "AL2_x86_64_GPU", "CUSTOM"}
# GPUs that need a newer driver than the AMIs of EKS carry: a custom AMI is needed.
NEWER_THAN_THE_AMIS = {"RTX-PRO-4500"}


def family(row: InstanceType) -> str:
    return row.name.partition(".")[0]


def gpu_types() -> Iterator[InstanceType]:
    return (row for row in CATALOG.instance_types.values() if row.gpu)


def gpu_of(row: InstanceType) -> Gpu:
    assert row.gpu is not None
    return CATALOG.gpus[row.gpu]


def test_the_catalogue_knows_at_least_60_types_with_gpus_and_40_without() -> None:
    with_gpus = len(list(gpu_types()))
    assert with_gpus >= 60
    assert len(CATALOG.instance_types) - with_gpus >= 40


@pytest.mark.parametrize("row", CATALOG.instance_types.values(), ids=lambda row: row.name)
def test_memory_per_vcpu_is_that_of_the_family(row: InstanceType) -> None:
    ratio = round(Decimal(row.memory_mib) / 1024 / row.vcpus, 2)
    assert format(ratio.normalize(), "f") in GIB_PER_VCPU[family(row)]


def test_servers_are_ordinary_machines() -> None:
    for row in CATALOG.servers.values():
        assert row.vcpus % 2 == 0, row.name
        assert 2 <= row.memory_mib / 1024 / row.vcpus <= 32, row.name
        assert row.gpu is None or row.gpu in CATALOG.gpus, row.name
        assert row.nvlink <= (row.gpu is not None and CATALOG.gpus[row.gpu].nvlink), row.name
    assert {(row.gpu, row.gpu_count) for row in CATALOG.servers.values()} >= {("L40S", 4), ("L40S", 8), (None, 0)}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gpuCount": 0}, "gpu and gpuCount come together"),
        ({"gpu": None}, "gpu and gpuCount come together"),
        ({"gpuCount": 1}, "nvlink is only for servers with two GPUs or more"),
    ],
)
def test_a_server_with_half_a_gpu_or_a_link_to_nothing_is_refused(changes: dict[str, object], message: str) -> None:
    whole = CATALOG.servers["nvidia-dgx-h100"].model_dump(mode="json")
    with pytest.raises(ValidationError, match=message):
        Server.model_validate({**whole, **changes})


def test_every_driver_of_an_ami_is_of_a_known_branch_that_still_gets_fixes() -> None:
    for row in CATALOG.ami_types.values():
        for driver in row.drivers.values():
            branch = CATALOG.driver_branch(driver)
            assert branch is not None, driver
            assert branch.support(row.as_of).status == "standard"
            assert version_key(driver) <= version_key(branch.latest)


def test_the_latest_release_of_a_branch_belongs_to_it() -> None:
    for row in CATALOG.driver_branches.values():
        assert row.latest.startswith(f"{row.branch}.")


def test_a_driver_tells_its_branch_and_when_its_fixes_end() -> None:
    branch = CATALOG.driver_branch("580.159.03")
    assert branch is not None
    assert branch.kind == "long-term"
    assert branch.support(date(2028, 8, 4)) == Support("standard", date(2028, 8, 4), 0)
    assert branch.support(date(2028, 8, 5)) == Support("ended", date(2028, 8, 4))
    assert CATALOG.driver_branch("470.82.01") is None


def test_a_toolkit_comes_with_a_driver_that_runs_it_and_no_older_one_than_the_toolkit_before() -> None:
    rows = sorted(CATALOG.cuda_releases.values(), key=lambda row: version_key(row.version))
    for row in rows:
        assert row.driver is None or version_key(row.driver_minimum) <= version_key(row.driver), row.version
    drivers = [version_key(row.driver) for row in rows if row.driver]
    assert drivers == sorted(drivers)
    assert len({(row.version.partition(".")[0], row.driver_minimum) for row in rows}) == 2


def test_the_oldest_driver_for_a_cuda_release_is_that_of_its_major() -> None:
    releases = CATALOG.cuda_releases
    assert (releases["12.4"].driver_minimum, releases["13.5"].driver_minimum) == ("525", "580")
    for runtime in CATALOG.runtimes.values():
        assert releases[runtime.cuda_minimum].driver_minimum == runtime.driver_minimum, runtime.name


def test_every_gpu_belongs_to_an_instance_type_and_the_other_way_round() -> None:
    assert {row.gpu for row in gpu_types()} == CATALOG.gpus.keys()


def test_a_cuda_process_sees_less_memory_than_ec2_advertises_but_not_much_less() -> None:
    for row in gpu_types():
        seen = gpu_of(row).memory_mib
        assert seen or row.gpu_memory_mib, row.name  # one of them is known
        if seen and row.gpu_memory_mib:
            assert 0.9 * row.gpu_memory_mib < seen < row.gpu_memory_mib, row.name


def test_types_of_one_family_have_the_same_gpu_and_architecture() -> None:
    rows = sorted(CATALOG.instance_types.values(), key=family)
    for name, members in groupby(rows, key=family):
        assert len({(row.gpu, row.gpu_memory_mib, row.architecture) for row in members}) == 1, name


def test_names_tell_the_architecture() -> None:
    for row in CATALOG.instance_types.values():
        graviton = family(row) in ("c7g", "g5g", "m7g", "m8g", "p6e-gb200", "r7g", "t4g")
        assert (row.architecture == "arm64") == graviton, row.name


def test_larger_types_with_as_many_gpus_have_more_of_everything_and_cost_more() -> None:
    rows = [row for row in CATALOG.instance_types.values() if family(row) not in ("t3", "t4g")]
    ordered = sorted(rows, key=lambda row: (family(row), row.gpu_count, row.memory_mib, "metal" in row.name))
    for small, large in pairwise(ordered):
        if (family(small), small.gpu_count) == (family(large), large.gpu_count) and "metal" not in large.name:
            assert small.vcpus < large.vcpus, large.name
            assert small.nvme_gb <= large.nvme_gb, large.name
            cheap, dear = CATALOG.price(small.name, REGION), CATALOG.price(large.name, REGION)
            assert cheap is not None, small.name
            assert dear is not None, large.name
            assert cheap.amount < dear.amount, large.name


def test_every_type_has_a_price_but_for_those_that_are_named() -> None:
    without = {name for name in CATALOG.instance_types if CATALOG.price(name, REGION) is None}
    assert without == WITHOUT_PRICE


def test_elastic_fabric_adapters_are_no_more_than_the_network_cards_can_take() -> None:
    for row in CATALOG.instance_types.values():
        if row.efa_interfaces is not None:
            assert row.efa_interfaces <= row.network_cards, row.name


def test_pods_per_node_are_those_that_karpenter_states_up_to_the_cap_of_eks() -> None:
    file = Path(__file__).with_name("karpenter_pods.yaml")
    stated = yaml.safe_load(file.read_text(encoding="utf-8"))
    for row in CATALOG.instance_types.values():
        if row.name not in WITHOUT_PODS:
            cap = MAX_PODS_BELOW_30_VCPUS if row.vcpus < 30 else MAX_PODS
            size = row.name.partition(".")[2]
            assert row.max_pods(prefix_delegation=False) == min(stated[family(row)][size], cap), row.name


def test_pods_are_unknown_only_where_the_interfaces_are() -> None:
    unknown = {row.name for row in CATALOG.instance_types.values() if row.max_pods(prefix_delegation=True) is None}
    assert unknown == WITHOUT_PODS


def test_product_labels_are_label_values_that_name_the_gpu() -> None:
    labels = [gpu.product_label for gpu in CATALOG.gpus.values()]
    assert len(set(labels)) == len(labels)
    for gpu in CATALOG.gpus.values():
        assert len(gpu.product_label) <= 63
        assert gpu.name.partition("-")[0] in gpu.product_label
        assert gpu.product_label.startswith(("NVIDIA-", "Tesla-"))


def test_the_family_of_a_gpu_follows_from_its_compute_capability() -> None:
    families = {(7, 5): "turing", (8, 0): "ampere", (8, 6): "ampere", (8, 9): "ada-lovelace", (9, 0): "hopper"}
    for gpu in CATALOG.gpus.values():
        major, minor = version_key(gpu.compute_capability)
        assert gpu.family == families.get((major, minor), "blackwell"), gpu.name


def test_every_mig_profile_of_a_gpu_has_its_places_and_as_many_as_the_gpu_takes() -> None:
    for gpu in CATALOG.gpus.values():
        assert dict(gpu.mig_profiles) == {name: row.most for name, row in CATALOG.mig_profiles_of(gpu.name).items()}
    assert {row.gpu for row in CATALOG.mig_profiles.values()} <= CATALOG.gpus.keys()


def test_instances_of_a_gpu_never_have_more_memory_than_the_whole_and_larger_ones_never_less() -> None:
    for gpu in CATALOG.gpus.values():
        rows = sorted(CATALOG.mig_profiles_of(gpu.name).values(), key=lambda row: row.size)
        known = [(row.memory_mib, row.most) for row in rows if row.memory_mib is not None]
        assert all(memory * most <= (gpu.memory_mib or 0) for memory, most in known), gpu.name
        assert all(low <= high for (low, _), (high, _) in pairwise(known)), gpu.name


def test_mig_profiles_never_hold_more_than_the_whole_gpu() -> None:
    for gpu in CATALOG.gpus.values():
        whole = max((slices(profile) for profile in gpu.mig_profiles), default=0)
        for profile, most in gpu.mig_profiles.items():
            assert slices(profile) * most <= whole, f"{gpu.name} {profile}"
            if gpu.memory_mib is not None:
                assert gigabytes(profile) * most <= 1.1 * gpu.memory_mib / 1000, f"{gpu.name} {profile}"


def slices(profile: str) -> int:
    return int(profile.partition("g.")[0])


def gigabytes(profile: str) -> int:
    return int(profile.partition("g.")[2].removesuffix("gb"))


def test_every_mig_gpu_can_be_given_whole() -> None:
    for gpu in CATALOG.gpus.values():
        assert bool(gpu.mig_profiles) == (1 in gpu.mig_profiles.values()), gpu.name


def test_only_families_with_nvlink_switches_are_linked() -> None:
    for row in gpu_types():
        assert gpu_of(row).nvlink == row.name.startswith("p"), row.name


def test_ami_types_are_those_of_eks_that_can_still_be_chosen() -> None:
    assert CATALOG.ami_types.keys() == AMI_TYPES - EXCLUDED - {name for name in AMI_TYPES if "WINDOWS" in name}


@pytest.mark.parametrize("name", CATALOG.ami_types)
def test_the_name_of_an_ami_type_tells_what_it_is(name: str) -> None:
    row = CATALOG.ami_types[name]
    assert name.startswith(row.family)
    assert ("ARM_64" in name) == (row.architecture == "arm64")
    assert ("NVIDIA" in name, "NEURON" in name) == (row.accelerator == "nvidia", row.accelerator == "neuron")
    assert ("FIPS" in name) == row.fips
    assert (row.data_device is not None) == (row.family == "BOTTLEROCKET")


@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
@pytest.mark.parametrize("gpu", [True, False])
def test_every_architecture_has_an_ami_type_of_each_family_and_a_fips_one_of_bottlerocket(
    architecture: str, gpu: bool
) -> None:
    for names, fips in (({"AL2023", "BOTTLEROCKET"}, False), ({"BOTTLEROCKET"}, True)):
        rows = [
            row
            for row in CATALOG.ami_types.values()
            if (row.architecture, row.accelerator, row.fips) == (architecture, "nvidia" if gpu else None, fips)
        ]
        assert {row.family for row in rows} == names


def test_the_driver_of_every_accelerated_ami_runs_every_gpu_and_runtime_on_every_kubernetes_version() -> None:
    floors = [gpu.driver_minimum for gpu in CATALOG.gpus.values() if gpu.name not in NEWER_THAN_THE_AMIS]
    floors += [runtime.driver_minimum for runtime in CATALOG.runtimes.values()]
    newest_floor = max(version_key(floor) for floor in floors)
    for row in CATALOG.ami_types.values():
        if row.accelerator == "nvidia":
            assert row.drivers.keys() == CATALOG.kubernetes_versions.keys(), row.name
            for driver in row.drivers.values():
                assert newest_floor <= version_key(driver), row.name
                assert all(
                    version_key(driver) < version_key(CATALOG.gpus[gpu].driver_minimum) for gpu in NEWER_THAN_THE_AMIS
                )
        else:
            assert (dict(row.drivers), row.cuda_maximum) == ({}, None), row.name


def test_kernels_never_get_older_with_a_newer_kubernetes() -> None:
    for row in CATALOG.ami_types.values():
        assert row.kernels.keys() <= CATALOG.kubernetes_versions.keys()
        series = [version_key(row.kernels[minor]) for minor in sorted(row.kernels)]
        assert series == sorted(series), row.name


def test_the_cuda_of_every_runtime_is_of_a_major_that_every_accelerated_ami_runs() -> None:
    for runtime in CATALOG.runtimes.values():
        for row in CATALOG.ami_types.values():
            if row.cuda_maximum:
                assert version_key(row.cuda_maximum)[0] >= version_key(runtime.cuda_minimum)[0], row.name


def test_only_images_that_run_the_device_plugin_themselves_split_gpus_themselves() -> None:
    for row in CATALOG.ami_types.values():
        assert row.includes_device_plugin == row.includes_mig_manager == bool(row.drivers and row.data_device), row.name
