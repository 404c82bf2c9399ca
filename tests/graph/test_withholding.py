"""What another writer applies never reaches the engine, and nothing that does waits for it."""

from __future__ import annotations

from pulumi.runtime.proto import resource_pb2

from bedplate.engine.withholding import WithholdingMonitor
from bedplate.units.writer import stand_in

PROVIDER = "pulumi:providers:kubernetes"
POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
ROLE = "aws:iam/role:Role"


class Engine:
    """Keeps what is registered, and answers with an id."""

    def __init__(self) -> None:
        self.registered: list[resource_pb2.RegisterResourceRequest] = []

    def RegisterResource(  # noqa: N802
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        self.registered.append(request)
        return resource_pb2.RegisterResourceResponse(urn=f"urn:pulumi:dev::bedplate::{request.type}::{request.name}")

    def Invoke(self, request: str) -> str:  # noqa: N802
        return f"asked {request}"


def register(monitor: WithholdingMonitor, type_: str, name: str, provider: str = "", needs: str = "") -> str:
    request = resource_pb2.RegisterResourceRequest(type=type_, name=name, provider=provider)
    if needs:
        request.dependencies.append(needs)
        request.propertyDependencies["spec"].urns.append(needs)
    return monitor.RegisterResource(request).urn


def test_objects_of_another_writer_are_answered_and_not_registered() -> None:
    engine = Engine()
    monitor = WithholdingMonitor(engine, "dev")
    provider = register(monitor, PROVIDER, stand_in("argocd"))
    urn = register(monitor, POLICY, "chat", f"{provider}::id")
    assert urn == f"urn:pulumi:dev::bedplate::{POLICY}::chat"
    assert engine.registered == []


def test_the_rest_is_registered_and_waits_for_nothing_that_the_engine_does_not_know() -> None:
    engine = Engine()
    monitor = WithholdingMonitor(engine, "dev")
    withheld = register(monitor, POLICY, "chat", f"{register(monitor, PROVIDER, stand_in('flux'))}::id")
    cluster = register(monitor, PROVIDER, "cluster")
    register(monitor, ROLE, "reader", needs=withheld)
    register(monitor, POLICY, "other", f"{cluster}::id", needs=cluster)
    assert [item.name for item in engine.registered] == ["cluster", "reader", "other"]
    reader, other = engine.registered[1:]
    assert (list(reader.dependencies), list(reader.propertyDependencies["spec"].urns)) == ([], [])
    assert (list(other.dependencies), list(other.propertyDependencies["spec"].urns)) == ([cluster], [cluster])


def test_every_other_question_goes_to_the_engine() -> None:
    assert WithholdingMonitor(Engine(), "dev").Invoke("aws") == "asked aws"
