"""The CrossGuard pack: the engine is told what the plan says offline, and whatever it does not show stops it."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import analyzer_pb2 as pb

from bedplate.cli.pipeline import recorded
from bedplate.engine.policy_graph import stack_graph
from bedplate.engine.policy_pack import SETTINGS, PolicyPack
from bedplate.engine.registration import struct_to_json
from bedplate.environment.load import load
from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import UNKNOWN, freeze, thaw
from bedplate.output.starter import project_files
from bedplate.policy.derived import with_derived
from bedplate.policy.discover import rules
from bedplate.policy.evaluate import PolicyReport, evaluate
from bedplate.policy.own import rules_for
from tests.engine.analyzer import SECRET_TEXT, Call, Refused, shown, shown_at_the_end
from tests.engine.policy_words import expected, policy_events, told, told_by_engine
from tests.extensions.own import POLICY, change, put, with_on_call
from tests.support.engine import EngineSandbox, platform_copy
from tests.support.environments import PLATFORM

ROOT = Path(__file__).resolve().parents[2]
PACK = ROOT / "policies"
TODAY = date(2026, 11, 21)
CALL: Any = Call()


@pytest.fixture(scope="module")
def plan() -> Graph:
    """What the program registers for `dev`."""
    return recorded(load(PLATFORM, "dev"))


@pytest.fixture
def platform(tmp_path: Path) -> Path:
    """A platform repository with the shipped environments."""
    shutil.copytree(PLATFORM / "environments", tmp_path / "environments")
    (tmp_path / "Pulumi.yaml").write_text("name: bedplate\n", encoding="utf-8")
    return tmp_path


def test_the_engine_shows_the_same_graph_that_the_recorder_made(plan: Graph) -> None:
    inputs = {item.urn: struct_to_json(shown(item).properties) for item in plan}
    made = stack_graph("dev", shown_at_the_end(plan).resources, inputs)
    assert len(made) == len(plan)
    for resource in plan:
        # Aliases and the like are for the engine alone.
        assert replace(made[resource.urn], options={}) == replace(resource, options={})


def test_a_first_preview_in_which_no_object_has_outputs_gives_the_findings_of_the_plan(
    plan: Graph, platform: Path
) -> None:
    found = _judged(plan, platform)
    assert told(found) == expected(_offline(plan))
    assert {item.policyName for item in found} == {
        "cluster/groups-have-an-origin",
        "network/flow-logs-on",
        "workloads/images-pinned",
    }


def test_what_the_engine_does_not_show_is_unknown_and_blocks(plan: Graph, platform: Path) -> None:
    hidden = next(item for item in plan if item.type == "kubernetes:core/v1:ConfigMap")
    pack = _pack(platform)
    for item in plan:
        if item is not hidden:
            pack.Analyze(shown(item), CALL)
    found = pack.AnalyzeStack(shown_at_the_end(plan), CALL).diagnostics
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
        (item.policyName, item.enforcementLevel, item.message.splitlines()[1])
        for item in _judged(plan, platform)
        if item.policyName in ("workloads/images-pinned", SETTINGS)
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
    about = next(item for item in info.policies if item.name == "cluster/endpoint-restricted")
    assert about.displayName == "The API server is reachable from named ranges only"
    assert about.policy_type == pb.POLICY_TYPE_STACK
    assert about.severity == pb.POLICY_SEVERITY_CRITICAL
    assert list(about.tags) == ["CIS EKS 1.8.0 5.4.1", "NIST SP 800-53 SC-7", "SOC 2 CC6.6"]


def test_a_layer_is_judged_by_the_settings_of_its_environment(platform: Path) -> None:
    pack = PolicyPack(rules_for, folder=platform / "environments", today=TODAY)
    pack.ConfigureStack(pb.AnalyzerStackConfigureRequest(stack="dev.cluster"), CALL)
    assert len(pack.GetAnalyzerInfo(Empty(), CALL).policies) == len(rules()) + 1


def test_a_repositorys_own_policies_are_told_to_the_engine_and_judge_like_the_others(tmp_path: Path) -> None:
    root = with_on_call(tmp_path)
    put(root, "Pulumi.yaml", "name: bedplate\n")
    put(root, "extensions/policies/people/german_numbers.py", POLICY)
    change(root, "environments/dev.yaml", "+4930123456", "+1930123456")
    pack = PolicyPack(rules_for, folder=root, today=TODAY)
    pack.ConfigureStack(pb.AnalyzerStackConfigureRequest(stack="dev"), CALL)
    assert "people/german-numbers" in [item.name for item in pack.GetAnalyzerInfo(Empty(), CALL).policies]
    graph = recorded(load(root, "dev"))
    for resource in graph:
        pack.Analyze(shown(resource), CALL)
    found = pack.AnalyzeStack(shown_at_the_end(graph), CALL).diagnostics
    (own,) = (item for item in found if item.policyName == "people/german-numbers")
    assert (own.enforcementLevel, own.urn.rpartition("::")[2]) == (pb.MANDATORY, "on-call-research")


def test_a_policy_that_is_wrong_stops_the_engine(tmp_path: Path) -> None:
    root = with_on_call(tmp_path)
    put(root, "Pulumi.yaml", "name: bedplate\n")
    put(root, "extensions/policies/people/german_numbers.py", "")
    with pytest.raises(Refused, match=r"people/german_numbers\.py:1:1: needs a constant POLICY"):
        PolicyPack(rules_for, folder=root, today=TODAY).ConfigureStack(
            pb.AnalyzerStackConfigureRequest(stack="dev"), CALL
        )


def test_without_an_environment_nothing_passes(platform: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    pack = PolicyPack(rules_for, folder=platform, today=TODAY)
    with pytest.raises(
        Refused,
        match=r"(?s)FAILED_PRECONDITION: policies cannot be applied to stack test: .*there is no environment 'test'",
    ):
        pack.ConfigureStack(pb.AnalyzerStackConfigureRequest(stack="test"), CALL)
    elsewhere = PolicyPack(rules_for, folder=tmp_path_factory.mktemp("elsewhere"), today=TODAY)
    with pytest.raises(Refused, match=r"no Pulumi\.yaml in the working directory or above it"):
        elsewhere.ConfigureStack(pb.AnalyzerStackConfigureRequest(stack="dev"), CALL)


def test_a_state_that_is_analysed_without_a_run_is_judged_by_the_environment_that_its_urns_name(
    plan: Graph, platform: Path
) -> None:
    pack = PolicyPack(rules_for, folder=platform, today=TODAY)
    assert not pack.AnalyzeStack(pb.AnalyzeStackRequest(), CALL).diagnostics
    for resource in plan:
        pack.Analyze(shown(resource), CALL)
    assert told(pack.AnalyzeStack(shown_at_the_end(plan), CALL).diagnostics) == expected(_offline(plan))
    nameless = pb.AnalyzeStackRequest(resources=[pb.AnalyzerResource(urn="urn:pulumi:test::bedplate::t::n")])
    with pytest.raises(Refused, match="cannot be applied to stack test: "):
        PolicyPack(rules_for, folder=platform, today=TODAY).AnalyzeStack(nameless, CALL)


def test_a_stack_with_holes_is_refused(plan: Graph, platform: Path) -> None:
    whole = shown_at_the_end(plan)
    holes = pb.AnalyzeStackRequest(resources=[item for item in whole.resources if "providers:" not in item.type])
    with pytest.raises(Refused, match=r"policies cannot be applied to this run: .* needs .*, which is not registered"):
        _pack(platform).AnalyzeStack(holes, CALL)


def test_the_pack_has_the_version_of_the_package() -> None:
    package = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    version = next(line for line in package.splitlines() if line.startswith("version = ")).split('"')[1]
    assert f"\nversion: {version}\n" in (PACK / "PulumiPolicy.yaml").read_text(encoding="utf-8")
    assert f"\nversion: {version}\n" in project_files()["policy-pack/PulumiPolicy.yaml"]


@pytest.fixture
def sandbox() -> Iterator[EngineSandbox]:
    with EngineSandbox() as sandbox:
        yield sandbox


@pytest.mark.engine
def test_the_engine_reports_for_dev_exactly_what_the_plan_finds(
    plan: Graph, sandbox: EngineSandbox, tmp_path: Path
) -> None:
    copy = platform_copy(ROOT, tmp_path / "copy", environments=PLATFORM / "environments")
    code, output, events = _preview(sandbox, copy)
    report = _offline(plan)
    assert code == 0, output
    assert told_by_engine(events) == expected(report)
    (summary,) = [
        event["policyAnalyzeStackSummaryEvent"] for event in events if "policyAnalyzeStackSummaryEvent" in event
    ]
    failed = {violation.rule.id for violation in report.violations}
    assert set(summary["failed"]) == failed
    assert set(summary["passed"]) == {SETTINGS, *(rule.id for rule in rules())} - failed
    assert sandbox.processes() == []


@pytest.mark.engine
def test_an_endpoint_for_everyone_stops_the_preview(sandbox: EngineSandbox, tmp_path: Path) -> None:
    copy = platform_copy(ROOT, tmp_path / "copy", environments=PLATFORM / "environments")
    _replace(copy / "environments" / "dev.yaml", "publicCidrs: [203.0.113.0/24]", "publicCidrs: [0.0.0.0/0]")
    code, output, events = _preview(sandbox, copy)
    assert code == 1
    assert told_by_engine(events) == expected(_offline(recorded(load(copy, "dev"))))
    mandatory = [event for event in policy_events(events) if event["enforcementLevel"] == "mandatory"]
    assert [event["policyName"] for event in mandatory] == ["cluster/endpoint-restricted"]
    assert "cluster/endpoint-restricted" in output
    assert "0.0.0.0/0" in output


SMALL = """
import pulumi
import pulumi_aws as aws

provider = aws.Provider("aws", region="eu-west-1")
options = pulumi.ResourceOptions(provider=provider)
office = aws.ec2.Eip("office", opts=options)
aws.eks.Cluster(
    "cluster",
    name="dev",
    role_arn="arn:aws:iam::111122223333:role/cluster",
    version="1.35",
    access_config={"authentication_mode": "API", "bootstrap_cluster_creator_admin_permissions": False},
    enabled_cluster_log_types=["audit", "authenticator"],
    vpc_config={"subnet_ids": ["subnet-1"], "public_access_cidrs": [RANGE]},
    opts=options,
)
"""
FROM_ADDRESS = SMALL.replace("RANGE", 'pulumi.Output.concat(office.public_ip, "/32")')


@pytest.mark.engine
def test_what_the_engine_cannot_know_yet_stops_the_preview_and_is_judged_once_it_is_known(
    sandbox: EngineSandbox, tmp_path: Path
) -> None:
    copy = platform_copy(ROOT, tmp_path / "copy", environments=PLATFORM / "environments")
    (copy / "stacks" / "__main__.py").write_text(FROM_ADDRESS, encoding="utf-8")
    code, output, events = _preview(sandbox, copy)
    (event,) = policy_events(events)
    assert (code, event["policyName"], event["enforcementLevel"]) == (1, "cluster/endpoint-restricted", "mandatory")
    assert "\nunknown eks.Cluster cluster\nwhere vpcConfig.publicAccessCidrs[0]\n" in event["message"]
    assert "can't run policy" not in output
    sandbox.pulumi("up", "--yes", "--skip-preview", cwd=copy)
    code, output, events = _preview(sandbox, copy)
    assert (code, policy_events(events)) == (0, []), output
    sandbox.pulumi("policy", "analyze", "--stack", "dev", "--policy-pack", str(PACK), cwd=copy)


@pytest.mark.engine
def test_a_preview_speaks_before_anything_is_made_and_an_update_without_one_when_everything_is(
    sandbox: EngineSandbox, tmp_path: Path
) -> None:
    copy = platform_copy(ROOT, tmp_path / "copy", environments=PLATFORM / "environments")
    (copy / "stacks" / "__main__.py").write_text(SMALL.replace("RANGE", '"0.0.0.0/0"'), encoding="utf-8")
    sandbox.pulumi("stack", "init", "dev", cwd=copy)
    update = ("up", "--yes", "--policy-pack", str(PACK))
    assert sandbox.pulumi(*update, cwd=copy, check=False).returncode == 1
    assert sandbox.aws.journal() == []
    assert sandbox.pulumi(*update, "--skip-preview", cwd=copy, check=False).returncode == 1
    assert [line["operation"] for line in sandbox.aws.journal()] == ["create", "create"]


@pytest.mark.engine
def test_a_stack_that_is_no_environment_is_not_judged_by_anything_else(sandbox: EngineSandbox, tmp_path: Path) -> None:
    copy = platform_copy(ROOT, tmp_path / "copy", environments=PLATFORM / "environments")
    (copy / "stacks" / "__main__.py").write_text("", encoding="utf-8")
    code, output, _ = _preview(sandbox, copy, stack="sandbox")
    assert code != 0
    assert "policies cannot be applied to stack sandbox" in output
    assert "there is no environment 'sandbox'" in output


def _pack(platform: Path) -> PolicyPack:
    pack = PolicyPack(rules_for, folder=platform, today=TODAY)
    pack.ConfigureStack(pb.AnalyzerStackConfigureRequest(stack="dev"), CALL)
    return pack


def _judged(graph: Graph, platform: Path) -> list[pb.AnalyzeDiagnostic]:
    """What the pack says about `graph` at the end of a first preview."""
    pack = _pack(platform)
    for resource in graph:
        assert not pack.Analyze(shown(resource), CALL).diagnostics
    return list(pack.AnalyzeStack(shown_at_the_end(graph), CALL).diagnostics)


def _offline(graph: Graph) -> PolicyReport:
    dev = load(PLATFORM, "dev")
    return evaluate(with_derived(graph, dev), dev, rules(), today=TODAY)


def _with(graph: Graph, resource: Resource) -> Graph:
    return Graph(environment="dev", resources=[*(item for item in graph if item.urn != resource.urn), resource])


def _preview(sandbox: EngineSandbox, copy: Path, *, stack: str = "dev") -> tuple[int, str, list[dict[str, Any]]]:
    """Preview with the pack: exit code, output and events."""
    log = copy / "events.jsonl"
    log.unlink(missing_ok=True)
    sandbox.pulumi("stack", "select", "--create", stack, cwd=copy)
    done = sandbox.pulumi("preview", "--policy-pack", str(PACK), "--event-log", str(log), cwd=copy, check=False)
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []
    return done.returncode, done.stdout + done.stderr, events


def _add(platform: Path, text: str) -> None:
    """Append to the environment file."""
    path = platform / "environments" / "dev.yaml"
    path.write_text(path.read_text(encoding="utf-8") + textwrap.dedent(text), encoding="utf-8")


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
