"""Targets: an environment, or each of its sites; and what a site, a team and the floor add to a definition."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bedplate.cli.pipeline import recorded
from bedplate.environment.load import load
from bedplate.environment.registry import mirrored, mirrored_manifest, upstream
from bedplate.environment.resolve import ResolvedEnvironment, resolve
from bedplate.environment.targets import all_targets, targets_of
from bedplate.graph.values import get
from bedplate.model.source import InputError
from bedplate.model.tree import at
from bedplate.policy.discover import rules
from bedplate.policy.evaluate import levels_of
from bedplate.policy.policy import Level
from tests.support.aws_program import named
from tests.support.environments import repository, write

DIGEST = f"sha256:{'a' * 64}"
SITE = {
    "site": "hall-a",
    "description": "Hall A",
    "registry": "registry.example.org/mirror",
    "host": "models.a.example",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path)


def at_site(root: Path) -> ResolvedEnvironment:
    """`dev` at a site of its own."""
    write(root, "environments/dev/sites/hall-a.yaml", SITE)
    return resolve(root, "dev.hall-a")


# Sites


def test_an_environment_without_sites_is_one_target(root: Path) -> None:
    assert (all_targets(root), targets_of(root, "dev")) == (("dev",), ("dev",))


def test_an_environment_with_sites_is_a_target_at_each_of_them(root: Path) -> None:
    for site in ("hall-b", "hall-a"):
        write(root, f"environments/dev/sites/{site}.yaml", {**SITE, "site": site})
    assert all_targets(root) == ("dev.hall-a", "dev.hall-b")
    assert targets_of(root, "dev") == ("dev.hall-a", "dev.hall-b")
    assert targets_of(root, "dev.hall-b") == ("dev.hall-b",)


def test_a_sites_address_replaces_the_definitions_and_says_where_it_stands(root: Path) -> None:
    resolved = at_site(root)
    assert (resolved.name, resolved.environment.name) == ("dev.hall-a", "dev")
    assert resolved.environment.serving.gateway.host == "models.a.example"
    node = at(resolved.tree, ("serving", "gateway", "host"))
    assert node is not None
    assert node.position.file == "environments/dev/sites/hall-a.yaml"
    assert [item.position.file for item in node.overrides] == ["environments/dev.yaml"]


def test_images_are_pulled_from_the_sites_registry_and_keep_their_digest(root: Path) -> None:
    plain, resolved = resolve(root, "dev"), at_site(root)
    image = plain.image("devicePlugin")
    assert "@sha256:" in image
    assert resolved.image("devicePlugin") == f"registry.example.org/mirror/{image}"
    graph = recorded(resolved)
    plugin = named(graph, "kubernetes:apps/v1:DaemonSet", "gpu-baseline-device-plugin-timeslicing-4")
    assert str(get(plugin.inputs, "spec", "template", "spec", "containers", 0, "image")).startswith(
        "registry.example.org"
    )


def test_at_a_site_pods_may_use_what_is_mirrored_and_nothing_else(root: Path) -> None:
    resolved = at_site(root)
    type_ = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy"
    policy = named(recorded(resolved), type_, "guardrails-image-registries")
    (allowed,) = [item["expression"] for item in get(policy.inputs, "spec", "variables") if item["name"] == "prefixes"]
    published = resolved.environment.guardrails.registries
    assert json.loads(allowed) == [f"registry.example.org/mirror/{prefix}" for prefix in published]


def test_a_site_is_a_stack_of_its_own(root: Path) -> None:
    assert {item.stack for item in recorded(at_site(root))} == {"dev.hall-a"}


# Mirrors


@pytest.mark.parametrize("image", ["nginx:1", f"kserve/agent:v1@{DIGEST}", "quay.io/a/b:2", "localhost:5000/x:1"])
def test_a_mirrored_image_says_what_it_is_a_copy_of(image: str) -> None:
    there = mirrored(image, "registry.example.org")
    assert there.startswith("registry.example.org/")
    assert mirrored(upstream(there, "registry.example.org"), "registry.example.org") == there


def test_without_a_mirror_images_stay_as_they_are() -> None:
    assert mirrored("nginx:1", "") == "nginx:1"
    manifest = {"kind": "Pod", "spec": {"containers": [{"image": "nginx:1"}]}}
    assert mirrored_manifest(manifest, "") is manifest


def test_every_image_of_a_pod_is_the_mirrors_however_deep_it_stands() -> None:
    pod = {
        "initContainers": [{"name": "a", "image": "one:1"}],
        "containers": [{"name": "b", "image": "two:2", "env": [{"name": "image", "value": "three:3"}]}],
        "volumes": [{"name": "c", "image": {"reference": "four:4"}}, {"name": "d", "emptyDir": {}}],
    }
    manifest = {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": pod}}}}}
    made = mirrored_manifest(manifest, "r.example.org")
    assert get(made, "spec", "jobTemplate", "spec", "template", "spec") == {
        "initContainers": [{"name": "a", "image": "r.example.org/docker.io/library/one:1"}],
        "containers": [
            {
                "name": "b",
                "image": "r.example.org/docker.io/library/two:2",
                "env": [{"name": "image", "value": "three:3"}],
            }
        ],
        "volumes": [
            {"name": "c", "image": {"reference": "r.example.org/docker.io/library/four:4"}},
            {"name": "d", "emptyDir": {}},
        ],
    }


# Teams


def test_a_teams_file_adds_its_models_and_members(root: Path) -> None:
    file = "environments/dev/teams/research.yaml"
    model = {"name": "third", "release": "qwen3-0.6b@1.0.0", "pool": "l4"}
    write(root, file, {"team": "research", "models": [model], "members": [{"group": "guests", "role": "view"}]})
    resolved = load(root, "dev")
    assert [(item.name, item.team) for item in resolved.environment.models][-1] == ("third", "research")
    assert [item.group for item in resolved.environment.teams[0].members] == ["research-scientists", "guests"]
    node = at(resolved.tree, ("models", "third", "pool"))
    assert node is not None
    assert node.position.file == file


# The floor


def test_the_floor_raises_a_policy_that_an_environment_leaves_alone(root: Path) -> None:
    policy = "workloads/images-pinned"
    assert levels_of(rules(), load(root, "dev"))[policy] is Level.ADVISORY
    floor = {"schema": "bedplate.floor/v1", "policies": [{"policy": policy, "level": "mandatory"}]}
    write(root, "environments/_floor.yaml", floor)
    assert levels_of(rules(), load(root, "dev"))[policy] is Level.MANDATORY


def test_an_environment_may_be_tighter_than_the_floor(root: Path) -> None:
    floor = {"schema": "bedplate.floor/v1", "podSecurity": "baseline", "logRetentionDays": 14, "registries": []}
    write(root, "environments/_floor.yaml", floor)
    assert load(root, "dev").environment.guardrails.pod_security == "restricted"


@pytest.mark.parametrize("name", ["_floor.yaml", "dev.lock.yaml"])
def test_a_floor_or_a_lock_that_is_no_file_never_counts_as_absent(root: Path, name: str) -> None:
    file = root / "environments" / name
    file.unlink(missing_ok=True)
    file.symlink_to("nowhere")
    with pytest.raises(InputError, match=f"environments/{name} is or passes through a symbolic link"):
        load(root, "dev")
    file.unlink()
    file.mkdir()
    with pytest.raises(InputError, match=f"environments/{name} is not a regular file"):
        load(root, "dev")
