"""The engine's side of the fake: a resource provider that keeps no objects, because the engine's state has them all."""

# ruff: noqa: N802 (the methods bear the names of the protocol)

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderServicer

from tests.support.fakeaws import drift, eks, invokes, naming, shapes
from tests.support.fakeaws.account import Account, account_from_config
from tests.support.fakeaws.changes import changes, updates
from tests.support.fakeaws.facts import Subject
from tests.support.fakeaws.messages import check_response, diff_response, initialization_failed
from tests.support.fakeaws.node_updates import NobodyWaitedError, NodeUpdateError, NodeUpdates
from tests.support.fakeaws.records import NODE_GROUP_TYPE, Records, node_group_names
from tests.support.fakeaws.schema import UnknownResourceTypeError, provider_schema, resource_schema, sdk_version
from tests.support.fakeaws.tags import with_all_tags
from tests.support.fakeaws.validation import Problem, problems
from tests.support.fakeaws.wire import Properties, decode, encode
from tests.support.fakeaws.world import World, WorldError

# What the engine itself adds to a provider's configuration.
_ENGINE_SETTINGS = {"pluginChecksums", "pluginDownloadURL", "version"}


class FakeAws(ResourceProviderServicer):
    """Answers the engine's calls. `folder` is `$FAKE_AWS_DIR`, or None for a world in which nothing happens."""

    def __init__(self, folder: Path | None) -> None:
        self._world = World(folder)
        self._records = Records(folder)
        self._node_updates = NodeUpdates(folder)
        self._interrupted = threading.Event()
        self._account = Account(region="")

    def interrupt(self) -> None:
        """End calls that are waiting, with an error."""
        self._interrupted.set()

    def Handshake(self, request: pb.ProviderHandshakeRequest, context: Any) -> pb.ProviderHandshakeResponse:
        return pb.ProviderHandshakeResponse(accept_secrets=True, supports_autonaming_configuration=True)

    def GetPluginInfo(self, request: Empty, context: Any) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=sdk_version())

    def CheckConfig(self, request: pb.CheckRequest, context: Any) -> pb.CheckResponse:
        config = decode(request.news)
        # Objects and lists arrive as JSON text, so only the names can be compared.
        names = dict.fromkeys(config.keys() - _ENGINE_SETTINGS)
        found = problems(provider_schema(), names, "the aws provider")
        if not config.get("region"):
            text = "Missing region configuration of the aws provider: set `region` or AWS_REGION"
            found.append(Problem("region", text))
        return check_response(config, found)

    def DiffConfig(self, request: pb.DiffRequest, context: Any) -> pb.DiffResponse:
        # New settings are used from now on; they replace neither the provider nor what it made.
        old, new = (
            {key: value for key, value in decode(side).items() if key not in _ENGINE_SETTINGS}
            for side in (request.old_inputs, request.news)
        )
        return diff_response(updates(old, new), name_is_taken=False)

    def Configure(self, request: pb.ConfigureRequest, context: Any) -> pb.ConfigureResponse:
        self._account = account_from_config(decode(request.args))
        return pb.ConfigureResponse(acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True)

    def Check(self, request: pb.CheckRequest, context: Any) -> pb.CheckResponse:
        with _refusals(context):
            schema = resource_schema(request.type)
            proposal = request.autonaming.proposed_name if request.HasField("autonaming") else ""
            proposal = proposal or naming.fallback_proposal(request.name, request.urn, request.randomSeed)
            inputs = naming.with_name(schema, decode(request.news), decode(request.olds), proposal)
            found = problems(schema.inputs, inputs, request.type)
            return check_response(with_all_tags(schema, inputs, self._account), found)

    def Diff(self, request: pb.DiffRequest, context: Any) -> pb.DiffResponse:
        with _refusals(context):
            schema = resource_schema(request.type)
            old, new = decode(request.old_inputs), decode(request.news)
            return diff_response(changes(schema, old, new), naming.is_given_a_name(schema, new))

    def Create(self, request: pb.CreateRequest, context: Any) -> pb.CreateResponse:
        with _refusals(context):
            subject = self._subject(
                request, decode(request.properties), generation=self._records.creations(request.urn)
            )
            if request.preview:
                return pb.CreateResponse(id="", properties=encode(shapes.previewed_outputs(subject)))
            self._suffer("create", request.urn, context)
            eks.check_create(self._records, request.type, subject.inputs)
            identifier = shapes.object_id(subject)
            eks.check_free(self._records, request.type, identifier)
            made = self._subject(request, subject.inputs, id=identifier, generation=subject.generation)
            self._done("create", request, identifier, made.inputs)
            if request.type == NODE_GROUP_TYPE:
                self._roll(made, context)
            return pb.CreateResponse(id=identifier, properties=encode(shapes.outputs(made)))

    def Update(self, request: pb.UpdateRequest, context: Any) -> pb.UpdateResponse:
        with _refusals(context):
            inputs, before = decode(request.news), decode(request.old_inputs)
            moved = changes(resource_schema(request.type), before, inputs)
            subject = self._subject(
                request,
                inputs,
                id=request.id,
                previous=decode(request.olds),
                changed=frozenset(str(change.path[0]) for change in moved),
            )
            if request.preview:
                return pb.UpdateResponse(properties=encode(shapes.previewed_outputs(subject)))
            self._suffer("update", request.urn, context)
            if self._world.drift(request.id).gone:
                context.abort(grpc.StatusCode.NOT_FOUND, f"updating {request.id}: the object does not exist any more")
            eks.check_update(self._records, request.type, before, inputs)
            self._done("update", request, request.id, inputs)
            if request.type == NODE_GROUP_TYPE and eks.rolls(subject.changed):
                self._roll(subject, context, before)
            return pb.UpdateResponse(properties=encode(shapes.outputs(subject)))

    def Read(self, request: pb.ReadRequest, context: Any) -> pb.ReadResponse:
        with _refusals(context):
            self._suffer("read", request.urn, context)
            found = self._world.drift(request.id)
            if found.gone:
                return pb.ReadResponse(id="")
            schema = resource_schema(request.type)
            known_inputs = decode(request.inputs) or naming.inputs_from_id(schema, request.id)
            inputs = drift.drifted(schema, known_inputs, found.properties)
            previous = drift.drifted(schema, decode(request.properties), found.properties)
            subject = self._subject(request, inputs, id=request.id, previous=previous)
            outputs = {**shapes.outputs(subject), **drift.output_drift(schema, found.properties)}
            return pb.ReadResponse(id=request.id, properties=encode(outputs), inputs=encode(inputs))

    def Delete(self, request: pb.DeleteRequest, context: Any) -> Empty:
        with _refusals(context):
            self._suffer("delete", request.urn, context)
            self._done("delete", request, request.id, {})
            return Empty()

    def Invoke(self, request: pb.InvokeRequest, context: Any) -> pb.InvokeResponse:
        response = pb.InvokeResponse()
        try:
            result = invokes.answer(request.tok, decode(request.args), self._account)
        except LookupError as error:
            response.failures.add(reason=str(error.args[0]))
        else:
            getattr(response, "return").CopyFrom(encode(result))
        return response

    def Cancel(self, request: Empty, context: Any) -> Empty:
        self.interrupt()
        return Empty()

    def _subject(self, request: Any, inputs: Properties, **more: Any) -> Subject:
        return Subject(
            schema=resource_schema(request.type),
            urn=request.urn,
            name=request.name,
            account=self._account,
            inputs=inputs,
            cluster_access=self._world.cluster_access(),
            **more,
        )

    def _roll(self, group: Subject, context: Any, before: Properties | None = None) -> None:
        """Wait for the nodes of `group`. Where that fails, EKS keeps the version of `before`.

        The engine's state gets the new inputs all the same, as the real provider leaves it (pulumi-terraform-bridge
        reports an update that failed half-way as one whose object needs to be initialised).
        """
        force = bool(group.inputs.get("forceUpdateVersion"))
        name = ".".join(node_group_names(group.id))
        try:
            self._node_updates.run(name, force=force, given_up=self._interrupted)
        except (NodeUpdateError, NobodyWaitedError) as error:
            if before is not None and isinstance(error, NodeUpdateError):
                self._records.keep(NODE_GROUP_TYPE, group.id, before)
            initialization_failed(context, group.id, group.inputs, shapes.outputs(group), str(error))

    def _suffer(self, operation: str, urn: str, context: Any) -> None:
        fault = self._world.fault(operation, urn)
        if fault is None:
            return
        given_up = threading.Event() if fault.stubborn else self._interrupted
        if given_up.wait(fault.delay_seconds):
            context.abort(grpc.StatusCode.CANCELLED, f"{operation} of {urn} was interrupted")
        if fault.message is not None:
            context.abort(grpc.StatusCode.UNKNOWN, fault.message)

    def _done(self, operation: str, request: Any, identifier: str, inputs: Properties) -> None:
        if operation == "delete":
            self._records.drop(request.type, identifier)
        else:
            self._records.keep(request.type, identifier, inputs)
        self._world.settle(identifier)
        self._records.note(operation, request.urn, request.type, identifier)


@contextlib.contextmanager
def _refusals(context: Any) -> Iterator[None]:
    """Turn what a program or a test file got wrong into the error of the call."""
    try:
        yield
    except (UnknownResourceTypeError, WorldError, ValueError) as error:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
