"""The CrossGuard pack: the engine shows what it is about to do, and the same rules as offline judge it.

The pack speaks the engine's analyzer protocol itself. A pack made with `pulumi_policy` would be blind where it matters
(measured with CLI 3.259 and pulumi-policy 1.21): its stack policies read outputs, and on the first preview of a cluster
no Kubernetes object has any, because the provider's kubeconfig is not known yet; a policy that meets an unknown value
becomes advice, whatever its level; and secrets arrive in the clear.

So the pack keeps the inputs of each resource as the engine shows them, with the recorder's marks for unknown and
secret, and judges the whole at the end of the preview or update. Whatever the engine does not show is unknown, and
unknown on a mandatory policy stops the run. The judgement comes after the last resource: `pulumi up --skip-preview`
has changed everything by then, so leave the preview in.

The environment that decides levels, waivers and team namespaces is the one that the stack names (``dev`` for the
stacks ``dev`` and ``dev.cluster``), in the platform repository around the working directory: the nearest folder with a
Pulumi.yaml, which is where the program reads it. Another place cannot be configured, on purpose: a policy pack that
can be pointed at gentler settings is none.
"""

# ruff: noqa: N802 (the methods bear the names of the protocol)

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import NoReturn, TypeAlias

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi.runtime.proto import plugin_pb2
from pulumi.runtime.proto.analyzer_pb2_grpc import AnalyzerServicer, add_AnalyzerServicer_to_server

from bedplate.engine.policy_graph import stack_graph
from bedplate.engine.registration import struct_to_json
from bedplate.environment.load import load
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.graph.diff import object_label
from bedplate.graph.graph import Graph, GraphError
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, canonical
from bedplate.model.source import InputError, Problem
from bedplate.policy.derived import with_derived
from bedplate.policy.evaluate import PolicyReport, Violation, evaluate, levels_of
from bedplate.policy.policy import Level, Rule, Severity

NAME = "bedplate"
SETTINGS = "environment/policies"
"""The policy under which waivers and levels are reported that do not hold."""

_SETTINGS_TITLE = "Waivers and levels of the environment hold"
_PROJECT_FILE = "Pulumi.yaml"
_LEVELS = {Level.MANDATORY: pb.MANDATORY, Level.ADVISORY: pb.ADVISORY, Level.OFF: pb.DISABLED}
_SEVERITIES = {
    Severity.LOW: pb.POLICY_SEVERITY_LOW,
    Severity.MEDIUM: pb.POLICY_SEVERITY_MEDIUM,
    Severity.HIGH: pb.POLICY_SEVERITY_HIGH,
    Severity.CRITICAL: pb.POLICY_SEVERITY_CRITICAL,
}
# A stack with its charts is far larger than what gRPC accepts by default (4 MiB).
_ANY_SIZE = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


RulesFor: TypeAlias = Callable[[Path | None], Sequence[Rule]]
"""Gives the rules of a platform repository, the shipped ones where it is None. Raises InputError."""


def serve(rules_for: RulesFor, *, today: date) -> None:
    """Answer one engine until it ends this process. Prints the port, which is how the engine finds a plugin."""
    server = grpc.server(ThreadPoolExecutor(max_workers=4), options=_ANY_SIZE)
    add_AnalyzerServicer_to_server(PolicyPack(rules_for, folder=Path.cwd(), today=today), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.wait_for_termination()
    server.stop(grace=None)


class PolicyPack(AnalyzerServicer):
    """Rules for the engine. `folder` lies in the platform repository; `today` ends waivers."""

    def __init__(self, rules_for: RulesFor, *, folder: Path, today: date) -> None:
        self._rules_for = rules_for
        self._folder = folder
        self._today = today
        self._environment: ResolvedEnvironment | None = None
        self._inputs: dict[str, Mapping[str, Json]] = {}

    def Handshake(
        self, request: pb.AnalyzerHandshakeRequest, context: grpc.ServicerContext
    ) -> pb.AnalyzerHandshakeResponse:
        return pb.AnalyzerHandshakeResponse()

    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version="")

    def ConfigureStack(
        self, request: pb.AnalyzerStackConfigureRequest, context: grpc.ServicerContext
    ) -> pb.AnalyzerStackConfigureResponse:
        """Load the environment that the stack names; the engine refuses to go on where that fails."""
        self._environment = self._load(request.stack, context)
        return pb.AnalyzerStackConfigureResponse()

    def Configure(self, request: pb.ConfigureAnalyzerRequest, context: grpc.ServicerContext) -> Empty:
        return Empty()

    def GetAnalyzerInfo(self, request: Empty, context: grpc.ServicerContext) -> pb.AnalyzerInfo:
        """What the policies are called, with the environment's levels. There is no other configuration."""
        rules = self._rules_for(self._environment.root if self._environment else None)
        levels = {rule.id: rule.policy.level for rule in rules}
        if self._environment is not None:
            levels = levels_of(rules, self._environment)
        policies = [_policy_info(rule, levels[rule.id]) for rule in rules]
        settings = pb.PolicyInfo(
            name=SETTINGS,
            displayName=_SETTINGS_TITLE,
            description=_SETTINGS_TITLE,
            enforcementLevel=pb.MANDATORY,
            policy_type=pb.POLICY_TYPE_STACK,
        )
        return pb.AnalyzerInfo(name=NAME, supportsConfig=False, policies=[*policies, settings])

    def Remediate(self, request: pb.AnalyzeRequest, context: grpc.ServicerContext) -> pb.RemediateResponse:
        """Nothing is ever changed behind the program's back."""
        return pb.RemediateResponse()

    def Analyze(self, request: pb.AnalyzeRequest, context: grpc.ServicerContext) -> pb.AnalyzeResponse:
        """Keep what the program registers for one resource."""
        self._inputs[request.urn] = struct_to_json(request.properties)
        return pb.AnalyzeResponse()

    def AnalyzeStack(self, request: pb.AnalyzeStackRequest, context: grpc.ServicerContext) -> pb.AnalyzeResponse:
        """Judge the whole stack. Only its URNs name it where a state is analysed (`pulumi policy analyze`)."""
        if not request.resources:
            return pb.AnalyzeResponse()
        environment = self._environment or self._load(_stack_of(request.resources[0].urn), context)
        try:
            graph = with_derived(stack_graph(environment.name, request.resources, self._inputs), environment)
        except GraphError as error:
            _refuse(context, f"to this run: {error}")
        report = evaluate(graph, environment, self._rules_for(environment.root), today=self._today)
        return pb.AnalyzeResponse(diagnostics=diagnostics(report, graph))

    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Empty:
        return Empty()

    def _load(self, stack: str, context: grpc.ServicerContext) -> ResolvedEnvironment:
        try:
            environment = load(_platform_repository(self._folder), stack.partition(".")[0])
            self._rules_for(environment.root)
            return environment
        except InputError as error:
            _refuse(context, f"to stack {stack}: {error}")


def diagnostics(report: PolicyReport, graph: Graph) -> list[pb.AnalyzeDiagnostic]:
    """Everything in `report`, each at the registered resource that it is about. Only what blocks is mandatory."""
    found = [
        pb.AnalyzeDiagnostic(
            policyName=violation.rule.id,
            policyPackName=NAME,
            description=violation.rule.policy.title,
            message=message(violation),
            urn=_registered(violation.resource, graph).urn,
            enforcementLevel=pb.MANDATORY if violation.blocks else pb.ADVISORY,
            severity=_SEVERITIES[violation.rule.policy.severity],
        )
        for violation in report.violations
    ]
    found += [
        pb.AnalyzeDiagnostic(
            policyName=SETTINGS,
            policyPackName=NAME,
            description=_SETTINGS_TITLE,
            message=f"{_SETTINGS_TITLE}\n{problem}",
            enforcementLevel=pb.MANDATORY,
        )
        for problem in report.problems
    ]
    return found


def message(violation: Violation) -> str:
    """A violation in words, with the same parts as in a plan."""
    finding, waiver = violation.finding, violation.waiver
    lines = [violation.rule.policy.title, f"{finding.verdict} {object_label(violation.resource)}"]
    if waiver:
        lines[-1] += f", waived until {waiver.expires.isoformat()}"
    lines.append(f"where {finding.path}")
    if finding.got is not None:
        lines.append(f"got   {canonical(finding.got).decode()}")
    lines.append(f"want  {finding.want}")
    if violation.resource.entry:
        lines.append(f"entry {violation.resource.entry}")
    lines.append(f"fix   {violation.fix}")
    return "\n".join(lines)


def _policy_info(rule: Rule, level: Level) -> pb.PolicyInfo:
    return pb.PolicyInfo(
        name=rule.id,
        displayName=rule.policy.title,
        description=rule.policy.rationale,
        enforcementLevel=_LEVELS[level],
        policy_type=pb.POLICY_TYPE_STACK,
        severity=_SEVERITIES[rule.policy.severity],
        tags=[f"{control.framework} {control.id}" for control in rule.policy.controls],
        remediation_steps=rule.policy.fix,
    )


def _stack_of(urn: str) -> str:
    """``urn:pulumi:dev::bedplate::…`` belongs to stack ``dev``."""
    return urn.split("::")[0].rpartition(":")[2]


def _registered(resource: Resource, graph: Graph) -> Resource:
    """The resource that the engine knows, for one that is derived from it."""
    while resource.derived_from is not None:
        resource = graph[resource.derived_from]
    return resource


def _platform_repository(folder: Path) -> Path:
    """The nearest folder with a Pulumi.yaml, `folder` included. Raises InputError where there is none."""
    for candidate in (folder, *folder.parents):
        if (candidate / _PROJECT_FILE).is_file():
            return candidate
    hint = "run the engine inside a platform repository"
    raise InputError([Problem(None, "", f"no {_PROJECT_FILE} in the working directory or above it", (), hint)])


def _refuse(context: grpc.ServicerContext, text: str) -> NoReturn:
    """End the call, and with it the engine's run: without a judgement nothing may pass."""
    context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"policies cannot be applied {text}")
    raise AssertionError("abort always raises")
