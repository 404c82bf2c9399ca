"""From files to one resolved environment: what is read, in which order, and what wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedplate.environment.load import load
from bedplate.environment.resolve import resolve
from bedplate.environment.targets import environment_names
from bedplate.graph.values import Json
from bedplate.model.source import InputError
from bedplate.model.tree import locate
from components.cluster.spec import ClusterSpec
from tests.support.environments import ROOT, dev, read, replaced, repository, write

DEV = "environments/dev.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path)


def edit(root: Path, path: str, value: Json, file: str = DEV) -> None:
    """Replace the value at `path` of a file below `root`."""
    write(root, file, replaced(read(root, file), path, value))


def refusal(root: Path, name: str = "dev") -> str:
    """What is said against environment `name` below `root`."""
    with pytest.raises(InputError) as error:
        resolve(root, name)
    return str(error.value)


def test_environments_are_the_files_that_are_neither_fragments_nor_locks(root: Path) -> None:
    write(root, "environments/staging.yaml", {})
    write(root, "environments/staging.lock.yaml", {})
    assert environment_names(root) == ("dev", "staging")


def test_a_folder_without_environments_has_none(tmp_path: Path) -> None:
    assert environment_names(tmp_path) == ()


@pytest.mark.parametrize("name", ["_aws", "models/qwen3-0.6b/1.0.0", "../environments/dev", "", "x" * 300])
def test_only_the_name_of_an_environment_is_one(name: str, root: Path) -> None:
    assert refusal(root, name).startswith(
        f"there is no environment '{name}' (environments/{name}.yaml)\n  allowed: dev"
    )


def test_a_name_that_is_close_to_one_is_suggested(root: Path) -> None:
    assert refusal(root, "devel").endswith("hint: did you mean dev?")


def test_the_environment_wins_over_its_fragments_and_later_fragments_over_earlier_ones(root: Path) -> None:
    write(root, "environments/_one.yaml", {"ownership": {"owner": "one", "contact": "one@example.org"}})
    write(root, "environments/_two.yaml", {"ownership": {"owner": "two"}})
    edit(root, "extends", ["_aws", "_gpu", "_one", "_two"])
    ownership = resolve(root, "dev").environment.ownership
    assert (ownership.owner, ownership.contact) == ("two", "one@example.org")
    edit(root, "ownership", {"owner": "dev"})
    assert resolve(root, "dev").environment.ownership.owner == "dev"


def test_named_items_of_a_fragment_are_merged_with_those_of_the_environment(root: Path) -> None:
    write(root, "environments/_pools.yaml", {"nodePools": [{"name": "l4", "labels": {"example.org/rack": "a"}}]})
    edit(root, "extends", ["_aws", "_gpu", "_pools"])
    pools = {pool.name: pool for pool in resolve(root, "dev").environment.managed_pools}
    assert set(pools) == {"system", "l4"}
    assert dict(pools["l4"].labels) == {"example.org/rack": "a"}
    assert pools["l4"].instance_types == ("g6.2xlarge",)


def test_what_follows_a_dot_is_a_site(root: Path) -> None:
    assert refusal(root, "dev.lock").startswith("dev has no site 'lock' (environments/dev/sites/lock.yaml)")


def test_null_takes_a_value_of_a_fragment_away(root: Path) -> None:
    edit(root, "cluster.logs", None)
    cluster = resolve(root, "dev").environment.cluster
    assert isinstance(cluster, ClusterSpec)
    assert cluster.logs == ("api", "audit", "authenticator")  # the default


def test_a_value_has_the_place_of_the_file_that_it_was_written_in() -> None:
    tree = dev().tree
    assert locate(tree, ("cloud", "region")).file == "environments/_aws.yaml"
    assert locate(tree, ("cloud", "zones")).file == "environments/dev.yaml"


def test_a_value_that_was_not_written_has_the_place_of_what_it_would_stand_in() -> None:
    tree = dev().tree
    assert locate(tree, ("cluster", "deletionProtection")) == locate(tree, ("cluster",))
    assert locate(tree, ("policies", "waivers", 0)) == tree.position


def test_a_fragment_listed_twice_is_refused_at_its_place(root: Path) -> None:
    edit(root, "extends", ["_aws", "_gpu", "_aws"])
    assert "extends[2]: '_aws' is listed twice" in refusal(root)


def test_extends_is_a_list(root: Path) -> None:
    edit(root, "extends", "_aws")
    words = refusal(root)
    assert "extends: expected a list of fragments, as in [_aws, _gpu]" in words
    assert "allowed: _aws, _gpu" in words


def test_an_environment_is_called_like_its_file(root: Path) -> None:
    write(root, "environments/other.yaml", read(root, DEV))
    assert "name: is 'dev', but the file is called other.yaml" in refusal(root, "other")


def test_warnings_of_fragments_are_kept_too(root: Path) -> None:
    assert dev().warnings == ()
    file = root / "environments/_aws.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("owner: platform-team", "owner: on"), encoding="utf-8")
    (warning,) = resolve(root, "dev").warnings
    assert warning.position is not None
    assert (warning.position.file, warning.path) == ("environments/_aws.yaml", "ownership.owner")


def test_releases_are_read_once_for_all_models_that_name_them(root: Path) -> None:
    edit(root, "models[embeddings].release", "qwen3-0.6b@1.0.0")
    resolved = resolve(root, "dev")
    assert list(resolved.releases) == ["qwen3-0.6b@1.0.0"]
    assert resolved.release("qwen3-0.6b@1.0.0").name == "qwen3-0.6b"


def test_problems_of_all_releases_are_said_in_one_run(root: Path) -> None:
    edit(root, "models[chat].release", "nobody@1.0.0")
    edit(root, "licence", 7, "environments/models/qwen3-embedding-0.6b/1.0.0.yaml")
    words = refusal(root)
    assert "models[0].release: there is no model release 'nobody@1.0.0'" in words
    assert "environments/models/qwen3-embedding-0.6b/1.0.0.yaml" in words


def test_the_longest_reference_to_a_release_is_refused_like_any_other_that_does_not_exist(root: Path) -> None:
    edit(root, "models[chat].release", f"{'a' * 5000}@1.0.0")
    assert "there is no model release" in refusal(root)


def test_without_a_lock_images_have_no_digest(root: Path) -> None:
    (root / "environments/dev.lock.yaml").unlink()
    resolved = load(root, "dev")
    assert resolved.lock is None
    assert resolved.image("vllm") == "docker.io/vllm/vllm-openai:v0.31.0"


def test_an_image_carries_the_digest_that_the_lock_knows() -> None:
    assert dev().image("vllm").startswith("docker.io/vllm/vllm-openai:v0.31.0@sha256:")


def test_an_image_that_the_lock_leaves_unresolved_stays_as_it_is() -> None:
    lock = dev().lock
    assert lock is not None
    assert lock.unresolved == ("kserve/storage-initializer:v0.20.0",)
    assert lock.pinned("kserve/storage-initializer:v0.20.0") == "kserve/storage-initializer:v0.20.0"


LOCK = "environments/dev.lock.yaml"
BAD_LOCKS: dict[str, tuple[str, Json, str]] = {
    "of another environment": ("environment", "prod", "environment: is 'prod', but the file is the lock of dev"),
    "of another format": ("schema", "bedplate.lock/v9", "schema: 'bedplate.lock/v9' is not one of the allowed values"),
    "that claims a digest it has not": ("images[1].state", "verified", "is verified, but of digests there is none"),
    "that denies a digest it has": ("images[0].state", "unresolved", "is unresolved, but of digests there is one"),
    "with something else for a digest": ("images[0].digest", "sha256:0", "'sha256:0' is not a digest"),
    "with an unknown state": ("images[0].state", "sure", "images[0].state: 'sure' is not one of the allowed values"),
}


@pytest.mark.parametrize("kind", BAD_LOCKS)
def test_a_lock_is_refused(kind: str, root: Path) -> None:
    path, value, words = BAD_LOCKS[kind]
    edit(root, path, value, LOCK)
    assert words in refusal(root)


@pytest.mark.parametrize("section", ["images", "charts", "files"])
def test_a_lock_with_two_entries_for_one_thing_is_refused(section: str, root: Path) -> None:
    entries = read(root, LOCK)[section]
    edit(root, section, [*entries, entries[0]], LOCK)
    assert f"{section}[{len(entries)}]" in refusal(root)
    assert "has two entries" in refusal(root)


def test_an_older_tool_reads_a_newer_lock(root: Path) -> None:
    edit(root, "images[0].signedBy", "somebody", LOCK)
    edit(root, "signature", "x", LOCK)
    assert resolve(root, "dev").lock == dev().lock


def test_the_folder_that_the_process_stands_in_does_not_matter(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    resolved = load(root, "dev")
    assert resolved.environment == dev().environment
    assert locate(resolved.tree, ("name",)).file == DEV


def test_the_shipped_environments_are_read() -> None:
    assert "dev" in environment_names(ROOT)
