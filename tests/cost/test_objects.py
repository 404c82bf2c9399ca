"""Volumes and load balancers that controllers make in the account are billed, and stand in the plan."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bedplate.catalog import catalog
from bedplate.cost.cost import CostLine, cost
from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import UNKNOWN, Json, freeze
from tests.support.environments import TODAY, dev, dev_review

GP3 = {"provisioner": "ebs.csi.aws.com", "parameters": {"type": "gp3"}}


def thing(kind: str, content: Json, *, api: str = "v1", **options: Json) -> Resource:
    """An object of the cluster."""
    group = api if "/" in api else f"core/{api}"
    manifest = {"apiVersion": api, "kind": kind, "metadata": {"name": "x", "namespace": "n"}, **content}
    type_ = f"kubernetes:{group}:{kind}"
    return Resource(urn=f"urn:{kind}", type=type_, name="x", inputs=freeze(manifest), options=freeze(options))


def storage_class(**content: Json) -> Resource:
    made = thing("StorageClass", content, api="storage.k8s.io/v1")
    return replace(made, inputs=freeze({**made.inputs, "metadata": {"name": "fast"}}))


def lines(*resources: Resource) -> list[CostLine]:
    graph = Graph(environment="dev", resources=resources)
    return list(cost(graph, dev(), catalog.load(), today=TODAY).lines)


def told(*resources: Resource) -> list[tuple[str, str, str | None, str]]:
    """Item, quantity, monthly amount and note of every line."""
    return [
        (line.item, str(line.quantity), str(line.monthly.amount.normalize()) if line.monthly else None, line.note)
        for line in lines(*resources)
    ]


def claim(storage: Json = "100Gi", name: str | None = "fast") -> dict[str, Json]:
    """What a PersistentVolumeClaim asks for."""
    spec = {"resources": {"requests": {"storage": storage}}}
    return {**spec, "storageClassName": name} if name else spec


def no_price(item: str, note: str) -> str:
    return f"no USD price for {item} in us-east-1; {note}"


BALANCER = "which kind of load balancer is not declared; traffic is billed too"


def test_the_gateway_of_dev_stands_among_what_has_no_price() -> None:
    (line,) = [line for line in dev_review().cost.unpriced if line.label == "Gateway serving-gateway/models"]
    assert (line.item, str(line.quantity), line.note) == (
        "load-balancer",
        "1",
        no_price("load-balancer", f"made by the gateway's controller; {BALANCER}"),
    )


def test_a_service_is_billed_where_it_is_a_load_balancer_even_if_a_controller_makes_it() -> None:
    balancer = thing("Service", {"spec": {"type": "LoadBalancer"}})
    owner = thing("ConfigMap", {})
    for service in (balancer, replace(balancer, derived_from=owner.urn)):
        assert told(owner, service) == [("load-balancer", "1", None, no_price("load-balancer", BALANCER))]
    assert told(thing("Service", {"spec": {"type": "ClusterIP"}})) == []


def test_another_kind_of_gateway_is_none_of_ours() -> None:
    assert told(thing("Gateway", {}, api="networking.istio.io/v1")) == []


def test_a_claim_costs_what_its_storage_class_makes_of_it_rounded_up_to_whole_gib() -> None:
    volume = thing("PersistentVolumeClaim", {"spec": claim("100Gi")})
    assert told(storage_class(**GP3), volume) == [("ebs-gp3", "100", "8", "100 GiB")]
    uneven = thing("PersistentVolumeClaim", {"spec": claim("1G")})
    assert told(storage_class(**GP3), uneven) == [("ebs-gp3", "1", "0.08", "1 GiB")]


@pytest.mark.parametrize(
    ("made", "name", "note"),
    [
        ({}, "fast", "100 GiB of the storage class fast, which is not in this environment"),
        ({}, None, "100 GiB of any class"),
        ({"provisioner": "rook"}, "fast", "100 GiB of the storage class fast, made by rook"),
        (
            {**GP3, "parameters": {"type": "gp3", "iops": "9000"}},
            "fast",
            "100 GiB of gp3 with iops of its own",
        ),
    ],
)
def test_a_claim_whose_volume_nobody_can_price_is_listed_with_the_reason(
    made: Json, name: str | None, note: str
) -> None:
    classes = [storage_class(**made)] if made else []
    volume = thing("PersistentVolumeClaim", {"spec": claim(name=name)})
    assert told(*classes, volume) == [("volume", "100", None, no_price("volume", note))]


def test_a_kind_of_volume_without_a_price_says_so() -> None:
    volume = thing("PersistentVolumeClaim", {"spec": claim()})
    made = storage_class(provisioner="ebs.csi.aws.com", parameters={"type": "io2"})
    assert told(made, volume) == [("ebs-io2", "100", None, no_price("ebs-io2", "100 GiB"))]


@pytest.mark.parametrize("storage", [UNKNOWN, None])
def test_a_size_that_nobody_knows_is_unpriced(storage: Json) -> None:
    volume = thing("PersistentVolumeClaim", {"spec": claim(storage)})
    assert told(storage_class(**GP3), volume) == [("volume", "0", None, "its size is not known")]


def test_every_replica_of_a_stateful_set_has_volumes_of_its_own() -> None:
    def database(**spec: Json) -> Resource:
        templates = [{"metadata": {"name": name}, "spec": claim("10Gi")} for name in ("data", "log")]
        return thing("StatefulSet", {"spec": {"volumeClaimTemplates": templates, **spec}}, api="apps/v1")

    assert told(storage_class(**GP3), database(replicas=3)) == [("ebs-gp3", "30", "2.4", "3 × 10 GiB")] * 2
    assert told(storage_class(**GP3), database()) == [("ebs-gp3", "10", "0.8", "10 GiB")] * 2
    assert [line.monthly for line in lines(storage_class(**GP3), database(replicas=UNKNOWN))] == [None, None]
    assert told(thing("StatefulSet", {"spec": {}}, api="apps/v1")) == []


def test_volumes_that_live_with_their_pods_are_bounded_by_how_many_pods_there_may_be() -> None:
    volumes = [{"name": "a", "ephemeral": {"volumeClaimTemplate": {"spec": claim("10Gi")}}}, {"name": "b"}]
    pod = thing("Pod", {"spec": {"volumes": volumes}})
    (line,) = lines(storage_class(**GP3), pod)
    assert (line.item, str(line.quantity), line.bound) == ("ebs-gp3", "10", False)
    scaled = replace(pod, options=freeze({"replicas": {"minimum": 1, "maximum": 4}}))
    (line,) = lines(storage_class(**GP3), scaled)
    assert (str(line.quantity), line.bound) == ("40", True)
    unbounded = replace(pod, options=freeze({"replicas": {"minimum": 1, "maximum": None}}))
    (line,) = lines(storage_class(**GP3), unbounded)
    assert line.monthly is None
