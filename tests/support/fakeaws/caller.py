"""The engine's calls to a provider, for tests that talk to the fake without an engine."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub, add_ResourceProviderServicer_to_server

from tests.support.fakeaws.provider import FakeAws
from tests.support.fakeaws.wire import Properties, decode, encode


@dataclass(frozen=True)
class Held:
    """What the engine's state holds of an object."""

    type: str
    name: str
    id: str
    inputs: Properties
    outputs: Properties

    @property
    def urn(self) -> str:
        """The object's URN in the stack `dev` of the project `p`."""
        return urn_of(self.type, self.name)


def urn_of(resource_type: str, name: str) -> str:
    """Return the URN of an object without a parent."""
    return f"urn:pulumi:dev::p::{resource_type}::{name}"


def _change(held: Held, news: Properties) -> dict[str, Any]:
    """What the engine says of `held` where it is to become `news`."""
    return {
        "id": held.id,
        "urn": held.urn,
        "name": held.name,
        "type": held.type,
        "olds": encode(held.outputs),
        "old_inputs": encode(held.inputs),
        "news": encode(news),
    }


class Caller:
    """Calls the provider at the other end of `channel` in the order in which the engine does."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.stub = ResourceProviderStub(channel)

    def configure(self, **config: object) -> None:
        """Start with a provider configuration."""
        self.stub.Configure(pb.ConfigureRequest(args=encode(config), acceptSecrets=True))

    def check(
        self,
        resource_type: str,
        name: str,
        inputs: Mapping[str, object],
        old: Held | None = None,
        proposal: str = "proposed-1234567",
    ) -> tuple[Properties, list[str]]:
        """Return the checked inputs and the reasons of refusals."""
        request = pb.CheckRequest(
            urn=urn_of(resource_type, name),
            name=name,
            type=resource_type,
            news=encode(inputs),
            olds=encode(old.inputs if old else {}),
            autonaming=pb.CheckRequest.AutonamingOptions(proposed_name=proposal),
        )
        response = self.stub.Check(request)
        return decode(response.inputs), [failure.reason for failure in response.failures]

    def preview(self, resource_type: str, name: str, inputs: Mapping[str, object]) -> Properties:
        """Return the outputs that a preview shows for a new object."""
        request = self._create_request(resource_type, name, self.check(resource_type, name, inputs)[0])
        request.preview = True
        return decode(self.stub.Create(request).properties)

    def create(self, resource_type: str, name: str, inputs: Mapping[str, object]) -> Held:
        """Make an object. Raises grpc.RpcError."""
        checked, _ = self.check(resource_type, name, inputs)
        response = self.stub.Create(self._create_request(resource_type, name, checked))
        return Held(resource_type, name, response.id, checked, decode(response.properties))

    def diff(self, held: Held, inputs: Mapping[str, object]) -> pb.DiffResponse:
        """Compare an object with new inputs."""
        checked, _ = self.check(held.type, held.name, inputs, held)
        request = pb.DiffRequest(**_change(held, checked))
        response: pb.DiffResponse = self.stub.Diff(request)
        return response

    def update(self, held: Held, inputs: Mapping[str, object], *, preview: bool = False) -> Held:
        """Change an object. Raises grpc.RpcError."""
        checked, _ = self.check(held.type, held.name, inputs, held)
        request = pb.UpdateRequest(**_change(held, checked), preview=preview)
        return Held(held.type, held.name, held.id, checked, decode(self.stub.Update(request).properties))

    def read(self, held: Held) -> Held | None:
        """Look at an object again, and return None when it is gone. Raises grpc.RpcError."""
        request = pb.ReadRequest(
            id=held.id,
            urn=held.urn,
            name=held.name,
            type=held.type,
            properties=encode(held.outputs),
            inputs=encode(held.inputs),
        )
        response = self.stub.Read(request)
        if not response.id:
            return None
        return Held(held.type, held.name, response.id, decode(response.inputs), decode(response.properties))

    def delete(self, held: Held) -> None:
        """Delete an object. Raises grpc.RpcError."""
        request = pb.DeleteRequest(
            id=held.id, urn=held.urn, name=held.name, type=held.type, properties=encode(held.outputs)
        )
        self.stub.Delete(request)

    def invoke(self, token: str, **arguments: object) -> tuple[Properties, list[str]]:
        """Return the result of a look-up and the reasons of refusals."""
        response = self.stub.Invoke(pb.InvokeRequest(tok=token, args=encode(arguments)))
        return decode(getattr(response, "return")), [failure.reason for failure in response.failures]

    def cancel(self) -> None:
        """Ask the provider to end what it is doing."""
        self.stub.Cancel(Empty())

    def _create_request(self, resource_type: str, name: str, inputs: Properties) -> pb.CreateRequest:
        urn = urn_of(resource_type, name)
        return pb.CreateRequest(urn=urn, name=name, type=resource_type, properties=encode(inputs))


@contextmanager
def provider_over(folder: Path, **config: object) -> Iterator[Caller]:
    """The fake in this process with its world in `folder`, configured with `config` for a region."""
    server = grpc.server(ThreadPoolExecutor(8))
    add_ResourceProviderServicer_to_server(FakeAws(folder), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        caller = Caller(channel)
        caller.configure(region="eu-west-1", **config)
        yield caller
    server.stop(grace=None).wait()
