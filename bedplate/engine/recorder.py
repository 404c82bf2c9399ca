"""Program → Graph: run the Pulumi program without engine, plugins, network or credentials, and keep what it registers.

The recorder answers the SDK's calls to the engine's resource monitor itself. It echoes inputs, leaves everything that
only a provider can tell unknown, and refuses what a Graph must not hold: default providers, resources made inside
`apply`, text made out of an Output, and unknown values inside Kubernetes objects.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pulumi
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import resource_pb2

from bedplate.engine import _sdk
from bedplate.engine.registration import PROJECT, answer_to, registered, stack_urn, urn_of
from bedplate.graph.graph import Graph, GraphError
from bedplate.graph.kubernetes import ObjectId, as_object
from bedplate.graph.resource import COMPONENT_PREFIX, KUBERNETES_PREFIX, STACK_REFERENCE_TYPE, Resource
from bedplate.graph.values import format_path, freeze, is_unknown, walk
from bedplate.units.writer import writer_of

_OUTPUT_TEXT = "Calling __str__ on an Output"
_WITHOUT_PROVIDER = ("pulumi:providers:", STACK_REFERENCE_TYPE)


class RecordError(GraphError):
    """The program cannot be recorded; each problem names the resource and what to write instead."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(self.problems))


def record(program: Callable[[], None], *, stack: str, config: Mapping[str, str] | None = None) -> Graph:
    """Run `program` as stack `stack` of project `bedplate` and return its Graph.

    Raises RecordError for what a Graph must not hold; an error of the program itself comes through as it is.
    """
    return record_stacks([(stack, program)], environment=stack.partition(".")[0], config=config)


def record_stacks(
    programs: Sequence[tuple[str, Callable[[], None]]], *, environment: str, config: Mapping[str, str] | None = None
) -> Graph:
    """Run the programs of several stacks, in order, and return one Graph of `environment` that holds them all.

    A stack may read outputs of those before it, by StackReference. Raises as `record` does.
    """
    outputs: dict[str, struct_pb2.Struct] = {}
    resources: list[Resource] = []
    problems: list[str] = []
    for stack, program in programs:
        monitor = _RecordingMonitor(stack, outputs)
        problems += _run(program, monitor, stack, config or {})
        outputs[stack] = monitor.outputs
        resources += monitor.resources()
        problems += monitor.problems
    problems += [text for resource in resources for text in _refusals(resource)]
    problems += _twice_written(resources)
    if problems:
        raise RecordError(problems)
    return Graph(environment=environment, resources=resources)


def _run(program: Callable[[], None], monitor: _RecordingMonitor, stack: str, config: Mapping[str, str]) -> list[str]:
    """Run `program` against `monitor`; what it made too late to be planned, in words."""
    late: list[str] = []

    def observed() -> None:
        finished = False

        def note(args: pulumi.ResourceTransformationArgs) -> None:
            if finished:
                late.append(
                    f"{args.type_} {args.name!r} is made inside apply, where no plan can see it: make it outside"
                )

        _sdk.on_every_resource(note)
        program()
        finished = True

    with _collector_paused(), _set("PULUMI_ERROR_OUTPUT_STRING", "true"), _set("KUBECONFIG", None):
        _sdk.run_with_monitor(observed, monitor=monitor, project=PROJECT, stack_name=stack, settings_of_stack=config)
    return late


def _twice_written(resources: Sequence[Resource]) -> Iterator[str]:
    """Objects of the cluster that two resources register: each would undo what the other wrote."""
    writers: dict[ObjectId, list[str]] = {}
    for resource in resources:
        if resource.is_kubernetes:
            writers.setdefault(as_object(resource).id, []).append(resource.urn)
    for identity, urns in sorted(writers.items()):
        if len(urns) > 1:
            yield f"{identity} has two writers: {' and '.join(sorted(urns))}"


def _refusals(resource: Resource) -> Iterator[str]:
    """What this resource holds that a Graph must not."""
    kept = resource.provider or resource.writer
    if resource.custom and not kept and not resource.type.startswith(_WITHOUT_PROVIDER):
        yield f"{resource.urn} uses the default provider: pass an explicit one"
    for path, value in walk(resource.inputs):
        if isinstance(value, str) and _OUTPUT_TEXT in value:
            yield f"{resource.urn}: {format_path(path)} is text made of an Output: use pulumi.Output.format"
        elif is_unknown(value) and resource.type.startswith(KUBERNETES_PREFIX):
            yield f"{resource.urn}: {format_path(path)} is known only after apply: Kubernetes objects are planned whole"


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Recording makes many small objects that all live to the end: collecting meanwhile costs half of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextmanager
def _set(name: str, value: str | None) -> Iterator[None]:
    """Set an environment variable (None: take it away) that changes what a program registers, and put it back.

    PULUMI_ERROR_OUTPUT_STRING makes an f-string over an Output raise where it stands, instead of writing a warning into
    a manifest. KUBECONFIG would enter the inputs of a Kubernetes provider that states none.
    """
    before = os.environ.pop(name, None)
    if value is not None:
        os.environ[name] = value
    try:
        yield
    finally:
        os.environ.pop(name, None)
        if before is not None:
            os.environ[name] = before


class _RecordingMonitor:
    """The part of the engine's resource monitor that the SDK calls, answered in memory."""

    def __init__(self, stack: str, lower: Mapping[str, struct_pb2.Struct]) -> None:
        """`lower` holds the outputs of the stacks that this one may read, by name."""
        self._stack = stack
        self._lower = lower
        self._resources: dict[str, Resource] = {}
        self.outputs = struct_pb2.Struct()
        self.problems: list[str] = []

    def resources(self) -> list[Resource]:
        """What was registered, each with the layer, entry and team of its nearest component."""
        return [self._placed(resource) for resource in self._resources.values()]

    def GetDeploymentInfo(self, _: empty_pb2.Empty) -> resource_pb2.DeploymentInfo:  # noqa: N802 (RPC name)
        features = [
            value.number
            for value in resource_pb2.ResourceMonitorFeature.DESCRIPTOR.values
            if not value.name.endswith("UNSPECIFIED")
        ]
        return resource_pb2.DeploymentInfo(supportedFeatures=features)

    def RegisterResource(  # noqa: N802
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        urn = urn_of(self._stack, request.parent, request.type, request.name)
        if writer_of(request.type, request.name):
            # It stands for another writer, and keeps nothing itself.
            return resource_pb2.RegisterResourceResponse(urn=urn, id="", object=request.object)
        if urn in self._resources:
            self.problems.append(f"{urn} is registered twice: give one of the two another name")
        self._resources[urn] = registered(urn, request)
        return resource_pb2.RegisterResourceResponse(urn=urn, id="", object=answer_to(request))

    def RegisterResourceOutputs(  # noqa: N802
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> empty_pb2.Empty:
        if request.urn == stack_urn(self._stack):
            self.outputs = request.outputs
        return empty_pb2.Empty()

    def RegisterPackage(  # noqa: N802
        self, request: resource_pb2.RegisterPackageRequest
    ) -> resource_pb2.RegisterPackageResponse:
        return resource_pb2.RegisterPackageResponse(ref=f"{request.name}@{request.version}")

    def Invoke(self, request: resource_pb2.ResourceInvokeRequest) -> resource_pb2.ResourceInvokeResponse:  # noqa: N802
        raise RecordError(
            [f"{request.tok} asks the cloud during planning: make the answer an input of the environment"]
        )

    def Call(self, request: resource_pb2.ResourceCallRequest) -> resource_pb2.ResourceInvokeResponse:  # noqa: N802
        raise RecordError([f"{request.tok} calls a provider during planning: use plain resources"])

    def ReadResource(self, request: resource_pb2.ReadResourceRequest) -> resource_pb2.ReadResourceResponse:  # noqa: N802
        if request.type != STACK_REFERENCE_TYPE:
            raise RecordError(
                [f"{request.type} {request.name!r} is read from the cloud during planning: pass its id as text"]
            )
        lower = request.id.rpartition("/")[2]
        if lower not in self._lower:
            raise RecordError([f"{request.name!r} reads stack {lower}, which no lower layer makes"])
        urn = urn_of(self._stack, request.parent, request.type, request.name)
        self._resources[urn] = Resource(
            urn=urn,
            type=request.type,
            name=request.name,
            parent=request.parent or None,
            inputs=freeze({"name": request.id}),
            dependencies=(stack_urn(lower),),
        )
        properties = struct_pb2.Struct()
        properties.update({"name": request.id, "outputs": self._lower[lower], "secretOutputNames": []})
        return resource_pb2.ReadResourceResponse(urn=urn, properties=properties)

    def SignalAndWaitForShutdown(self, _: empty_pb2.Empty) -> empty_pb2.Empty:  # noqa: N802
        return empty_pb2.Empty()

    def _placed(self, resource: Resource) -> Resource:
        component: Resource | None = resource
        while component is not None and not component.type.startswith(COMPONENT_PREFIX):
            component = self._resources.get(component.parent or "")
        if component is None:
            return resource
        layer, entry, team = (str(component.inputs.get(key, "")) for key in ("layer", "entry", "team"))
        return replace(resource, layer=layer, entry=entry, team=team)
