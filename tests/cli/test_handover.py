"""A handover takes what another writer applies out of the state, and nothing else happens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bedplate.cli.handing_over import without
from bedplate.cli.pipeline import recorded
from bedplate.environment.load import load
from tests.cli.running import Result, commit, run
from tests.support.apiserver import TOKEN, ApiServer, api_server
from tests.support.delivery import DEV, handed_over
from tests.support.environments import read, write
from tests.support.fakepulumi.control import FakePulumi, steps

BACKEND = "file://~"
CORE = {
    "resources": [
        {"name": "serviceaccounts", "kind": "ServiceAccount", "namespaced": True},
        {"name": "serviceaccounts/token", "kind": "TokenRequest", "namespaced": True},
        {"name": "namespaces", "kind": "Namespace", "namespaced": False},
    ]
}
ACCOUNT = "/api/v1/namespaces/research/serviceaccounts/chat"
TEAM = "/api/v1/namespaces/research"
ROLE = "urn:pulumi:dev::bedplate::aws:iam/role:Role::reader"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ApiServer]:
    with api_server(tmp_path, {"/version": {"gitVersion": "v1.35.4"}, "/api/v1": CORE}) as made:
        yield made


@pytest.fixture(autouse=True)
def kubeconfig(server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(server.kubeconfig({"token": TOKEN})))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return handed_over(tmp_path / "platform", "argocd", "models")


def handover(root: Path, *args: str) -> Result:
    return run("handover", "dev", "--root", str(root), *args)


def theirs(root: Path) -> list[str]:
    return [item.urn for item in recorded(load(root, "dev")) if item.writer]


def item(urn: str, *needs: str) -> dict[str, Any]:
    type_ = urn.split("::")[2].rpartition("$")[2]
    return {"urn": urn, "type": type_, "dependencies": list(needs), "propertyDependencies": {"spec": list(needs)}}


def test_what_argo_cd_applies_leaves_the_state_and_the_rest_waits_for_it_no_more(
    pulumi: FakePulumi, root: Path
) -> None:
    urns = theirs(root)
    pulumi.state(BACKEND, "dev", item(ROLE, urns[0]), *map(item, urns))

    result = handover(root, "--json")

    assert result.code == 0, result.err
    assert result.json["objects"] == {"dev": len(urns)}
    assert pulumi.held(BACKEND, "dev")["resources"] == [item(ROLE)]
    assert pulumi.runs() == ["stack import"]


def test_a_state_that_holds_nothing_of_it_stays_as_it_is(pulumi: FakePulumi, root: Path) -> None:
    pulumi.state(BACKEND, "dev", item(ROLE))

    result = handover(root)

    assert (result.code, result.out) == (0, "dev: every object has its one writer already\n")
    assert pulumi.runs() == []


def test_an_apply_that_was_cut_off_is_brought_to_its_end_first(pulumi: FakePulumi, root: Path) -> None:
    pending = [{"type": "creating", "resource": item(ROLE)}]
    pulumi.state(BACKEND, "dev", *map(item, theirs(root)), pending_operations=pending)

    result = handover(root)

    assert result.code == 7
    assert "an apply of dev was cut off; bring it to its end first, with the layer as it was" in result.err
    assert pulumi.runs() == []


def test_a_backend_that_loses_the_state_is_found_out(pulumi: FakePulumi, root: Path) -> None:
    pulumi.state(BACKEND, "dev", *map(item, theirs(root)))
    pulumi.loses_imports()

    result = handover(root)

    assert result.code == 1
    assert "dev does not hold what it should; `pulumi stack history` has it as it was" in result.err


def entry(manager: str, operation: str = "Apply") -> dict[str, str]:
    return {"manager": manager, "operation": operation}


def there(*entries: dict[str, str]) -> dict[str, Any]:
    return {"metadata": {"resourceVersion": "7", "managedFields": list(entries)}}


def test_a_former_writer_is_taken_off_the_record_of_what_it_applied(
    pulumi: FakePulumi, root: Path, server: ApiServer
) -> None:
    pulumi.state(BACKEND, "dev", *map(item, theirs(root)))
    kubelet, hand, new = entry("kubelet", "Update"), entry("somebody"), entry("argocd-controller")
    server.answers[ACCOUNT] = there(entry("pulumi-kubernetes-cf24bca8"), kubelet, hand, new)

    result = handover(root, "--json")

    assert result.code == 0, result.err
    assert result.json["fields"] == 1
    assert server.merged == {ACCOUNT: {"metadata": {"resourceVersion": "7", "managedFields": [kubelet, hand, new]}}}


def test_a_record_of_the_former_writer_alone_is_cleared(pulumi: FakePulumi, root: Path, server: ApiServer) -> None:
    pulumi.state(BACKEND, "dev")
    server.answers[ACCOUNT] = there(entry("pulumi-kubernetes-cf24bca8"))

    assert handover(root).out == "dev: 1 object let go by a former writer\n"
    assert server.merged[ACCOUNT]["metadata"]["managedFields"] == [{}]


def test_what_pulumi_takes_back_is_let_go_by_the_controller_and_by_nobody_else(
    pulumi: FakePulumi, root: Path, server: ApiServer
) -> None:
    write(root, DEV, {key: value for key, value in read(root, DEV).items() if key != "delivery"})
    server.answers[ACCOUNT] = there(entry("argocd-controller"), entry("pulumi-kubernetes-0e0b2ceb"))
    server.answers[TEAM] = there(entry("pulumi-kubernetes-1"), entry("argocd-controller", "Update"))

    assert handover(root).out == "dev: 1 object let go by a former writer\n"
    assert server.merged.keys() == {ACCOUNT}
    assert pulumi.runs() == []


def test_without_a_cluster_that_answers_nothing_is_changed(
    pulumi: FakePulumi, root: Path, server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulumi.state(BACKEND, "dev", *map(item, theirs(root)))
    monkeypatch.setenv("KUBECONFIG", str(server.kubeconfig({"token": "wrong"})))

    result = handover(root)

    assert result.code == 1
    assert "error: nothing was changed: " in result.err
    assert pulumi.runs() == []


def test_an_apply_says_what_it_leaves_to_argo_cd_and_counts_it_apart(pulumi: FakePulumi, root: Path) -> None:
    commit(root, "models by Argo CD")
    phase = steps(recorded(load(root, "dev")))
    pulumi.answer("preview", phase)
    pulumi.answer("up", phase, phase)

    result = run("apply", "dev", "--yes", "--root", str(root), "--json")

    assert result.code == 0, result.err
    assert result.json["left"] == {"models": 7}
    assert result.json["verdict"].endswith("; 7 objects left to argocd")
    assert (
        "7 objects of layer models are argocd's to apply, from rendered/dev of https://git.example.org/platform.git at "
        "main: commit what `bedplate manifests dev` writes there; with --check it says whether that is done"
    ) in result.err


def test_a_state_without_dependencies_is_taken_as_it_is() -> None:
    state = {"version": 3, "deployment": {"resources": [{"urn": "a", "type": "t"}, {"urn": "b", "type": "t"}]}}
    assert without(state, {"b"}) == {"version": 3, "deployment": {"resources": [{"urn": "a", "type": "t"}]}}
