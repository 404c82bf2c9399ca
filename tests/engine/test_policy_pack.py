"""The CrossGuard pack: the engine is told what the plan says offline, and whatever it does not show stops it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import rpc
from pulumi.runtime.proto import analyzer_pb2 as pb

from bedplate.cli.pipeline import recorded
from bedplate.engine.policy_graph import stack_graph
from bedplate.engine.policy_pack import SETTINGS, PolicyPack, message
from bedplate.engine.recorder import struct_to_json
from bedplate.environment.load import load
from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import UNKNOWN, Json, freeze, is_secret, is_unknown, thaw
from bedplate.policy.derived import with_derived
from bedplate.policy.discover import rules
from bedplate.policy.evaluate import PolicyReport, evaluate
from tests.support.engine import EngineSandbox, platform_copy

ROOT = Path(__file__).resolve().parents[2]
PACK = ROOT / "policies"
TODAY = date(2026, 11, 21)
SECRET_TEXT = "registry.example.org/secret-project:1"


class Refused(Exception):
    """The pack ended a call, and with it the engine's run."""


class Call:
    """The part of a gRPC call that the pack uses."""

    def abort(self, code: grpc.StatusCode, details: str) -> NoReturn:
        raise Refused(f"{code.name}: {details}")


CALL: Any = Call()


@pytest.fixture(scope="module")
def plan() -> Graph:
    """What the program registers for `dev`."""
    return recorded(load(ROOT, "dev"))


@pytest.fixture
def platform(tmp_path: Path) -> Path:
    """A platform repository with the shipped environments."""
    shutil.copytree(ROOT / "environments", tmp_path / "environments")
    (tmp_path / "Pulumi.yaml").write_text("name: bedplate\n", encoding="utf-8")
    return tmp_path


def test_the_engine_shows_the_same_graph_that_the_recorder_made(plan: Graph) -> None:
    shown = stack_graph("dev", _shown(plan).resources, _inputs(plan))
    assert len(shown) == len(plan)
    for resource in plan:
        # Aliases and the like are only for the engine.
        assert replace(shown[resource.urn], options={}) == replace(resource, options={})


def test_a_first_preview_in_which_no_object_has_outputs_gives_the_findings_of_the_plan(
    plan: Graph, platform: Path
) -> None:
    found = _judged(plan, platform)
    assert _told(found) == _expected(_offline(plan))
    assert {item.policyName for item in found} == {"workloads/images-pinned"}


def test_what_the_engine_does_not_show_is_unknown_and_blocks(plan: Graph, platform: Path) -> None:
    hidden = next(item for item in plan if item.type == "kubernetes:core/v1:ConfigMap")
    pack = _pack(platform)
    for item in plan:
        if item is not hidden:
            pack.Analyze(pb.AnalyzeRequest(urn=item.urn, properties=_struct(item.inputs)), CALL)
    found = list(pack.AnalyzeStack(_shown(plan), CALL).diagnostics)
    (blocking,) = [item for item in found if item.enforcementLevel == pb.MANDATORY]
    assert (blocking.policyName, blocking.urn) == ("workloads/derivable", hidden.urn)
    assert "unknown" in blocking.message
    assert 'got   "the engine does not show its inputs"' in blocking.message


def test_a_workload_that_is_not_known_whole_is_unknown_and_blocks(plan: Graph, platform: Path) -> None:
    daemons = plan.of_type("kubernetes:apps/v1:DaemonSet")[0]
    inputs = thaw(daemons.inputs)
    inputs["spec"]["template"]["spec"]["containers"][0]["image"] = UNKNOWN
    found = _judged(_with(plan, replace(daemons, inputs=freeze(inputs))), platform)
    (blocking,) = [item for item in found if item.enforcementLevel == pb.MANDATORY]
    assert (blocking.policyName, blocking.urn) == ("workloads/derivable", daemons.urn)
    assert "spec.template.spec.containers[0].image is known only after apply" in blocking.message


def test_a_secret_is_judged_as_unknown_and_its_text_is_told_to_nobody(plan: Graph, platform: Path) -> None:
    deployment = Resource(
        urn="urn:pulumi:dev::bedplate::kubernetes:apps/v1:Deployment::tool",
        type="kubernetes:apps/v1:Deployment",
        name="tool",
        provider=plan.of_type("kubernetes:apps/v1:DaemonSet")[0].provider,
        inputs=freeze(
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "tool", "namespace": "research"},
                "spec": {"template": {"spec": {"containers": [{"name": "tool", "image": {"$secret": True}}]}}},
            }
        ),
    )
    found = [item for item in _judged(_with(plan, deployment), platform) if item.urn == deployment.urn]
    assert "unknown Pod research/tool-*" in "\n".join(item.message for item in found)
    assert SECRET_TEXT not in str(found)


def test_levels_and_waivers_are_those_of_the_environment(plan: Graph, platform: Path) -> None:
    _add(
        platform,
        """
        policies:
          levels:
            - {policy: workloads/images-pinned, level: mandatory, reason: everything is pinned here}
            - {policy: stores/private, level: "off", reason: written by a test}
          waivers:
            - policy: workloads/images-pinned
              target: Pod research/chat-predictor-*
              reason: written by a test
              owner: ada@example.org
              approver: grace@example.org
              expires: 2026-11-21
            - policy: workloads/images-pinned
              target: Pod research/nothing
              reason: written by a test
              owner: ada@example.org
              approver: grace@example.org
              expires: 2026-11-21
        """,
    )
    levels = {item.name: item.enforcementLevel for item in _pack(platform).GetAnalyzerInfo(Empty(), CALL).policies}
    assert levels["workloads/images-pinned"] == levels["cluster/audit-logged"] == levels[SETTINGS] == pb.MANDATORY
    assert levels["stores/private"] == pb.DISABLED
    told = [
        (item.policyName, item.enforcementLevel, item.message.splitlines()[1]) for item in _judged(plan, platform)
    ]
    assert told == [
        ("workloads/images-pinned", pb.MANDATORY, "fail Pod research/embeddings-predictor-*"),
        ("workloads/images-pinned", pb.ADVISORY, "fail Pod research/chat-predictor-*, waived until 2026-11-21"),
        (
            SETTINGS,
            pb.MANDATORY,
            "policies.waivers: workloads/images-pinned for 'Pod research/nothing': covers no finding; remove it, or "
            "write its target as the findings do",
        ),
    ]


def test_what_a_policy_is_about_is_told_to_the_engine(platform: Path) -> None:
    info = _pack(platform).GetAnalyzerInfo(Empty(), CALL)
    assert (info.name, info.supportsConfig) == ("bedplate", False)
    assert [item.name for item in info.policies] == [*(rule.id for rule in rules()), SETTINGS]
    about = info.policies[1]
    assert about.displayName == "The API server is reachable from named ranges only"
    assert about.policy_type == pb.POLICY_TYPE_STACK
    assert about.severity == pb.POLICY_SEVERITY_CRITICAL
    assert list(about.tags) == ["CIS EKS 1.8.0 5.4.1", "NIST SP 800-53 SC-7", "SOC 2 CC6.6"]


def test_a_layer_is_judged_by_the_settings_of_its_environment(platform: Path) -> None:
    pack = PolicyPack(rules(), folder=platform / "environments", today=TODAY)
    pack.ConfigureStack(pb.AnalyzerStackConfigureRequest(stack="dev.cluster"), CALL)
    assert len(pack.GetAnalyzerInfo(Empty(), CALL).policies) == len(rules()) + 1


def test_without_an_environment_nothing_passes(platform: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    pack = PolicyPack(rules(), folder=platform, today=TODAY)
    with pytest.raises(Refused, match="FAILED_PRECONDITION: policies cannot be applied where the engine names no stack"):
        pack.AnalyzeStack(pb.AnalyzeStackRequest(), CALL)
    with pytest.raises(Refused, match=r"(?s)cannot be applied to stack test: .*there is no environment 'test'"):
        pack.ConfigureStack(pb.AnalyzerStackConfigureRequest(stack="test"), CALL)
    elsewhere = PolicyPack(rules(), folder=tmp_path_factory.mktemp("elsewhere"), today=TODAY)
    with pytest.raises(Refused, match=r"no Pulumi\.yaml in the working directory or above it"):
        elsewhere.ConfigureStack(pb.AnalyzerStackConfigureRequest(stack="dev"), CALL)


def test_a_stack_with_holes_is_refused(plan: Graph, platform: Path) -> None:
    shown = _shown(Graph(environment="dev", resources=[item for item in plan if item.dependencies or not item.custom]))
    with pytest.raises(Refused, match=r"policies cannot be applied to this run: .* needs .*, which is not registered"):
        _pack(platform).AnalyzeStack(shown, CALL)


def test_the_pack_has_the_version_of_the_package() -> None:
    package = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    version = next(line for line in package.splitlines() if line.startswith("version = ")).split('"')[1]
    assert f"\nversion: {version}\n" in (PACK / "PulumiPolicy.yaml").read_text(encoding="utf-8")
