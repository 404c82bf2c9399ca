"""The network component: a VPC, its subnets, and the ways in and out of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from components.base import NetworkHandle, Place, PlatformComponent
from components.network.endpoints import create_interface_endpoints, create_s3_gateway
from components.network.flow_logs import create_flow_logs
from components.network.own import OwnVpc
from components.network.plan import subnet_plan
from components.network.spec import Connectivity, ExistingNetworkSpec, NetworkSpec


@dataclass(frozen=True, slots=True)
class _Vpc:
    """A VPC with the ids of its subnets by zone. `keys` are known before apply; `ready` is what nodes wait for."""

    id: pulumi.Output[str]
    private: Mapping[str, pulumi.Output[str]]
    keys: Mapping[str, str]
    public: Mapping[str, pulumi.Output[str]] = field(default_factory=dict)
    ready: tuple[pulumi.Resource, ...] = ()


class Network(PlatformComponent):
    """A VPC with one private subnet per zone, and a public one where there is a way to the internet.

    Sizes are in `subnet_plan`. Nodes, pods and the control plane's interfaces stand in private subnets. Each zone has
    a private route table of its own, so that another NAT mode changes routes and nothing else. Traffic to S3 goes
    through a gateway endpoint, which costs nothing and bypasses the NAT gateway; other services of AWS have interface
    endpoints where they are asked for. Public subnets hold NAT gateways and load balancers; nothing there gets a public
    address by itself. The VPC's default security group is emptied, so that forgetting to name one opens nothing (CIS
    AWS Foundations, "default security group restricts all traffic").

    A VPC that exists is taken as it is written, without a look at it: only the endpoints and flow logs that are asked
    for are made in it. Subnets, routes, DNS settings and S3's gateway endpoint are its owner's.
    """

    handle: NetworkHandle

    def __init__(
        self,
        name: str,
        spec: NetworkSpec,
        *,
        zones: tuple[str, ...],
        region: str,
        account: str,
        cluster_name: str,
        connectivity: Connectivity = "connected",
        interface_endpoints: tuple[str, ...] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`zones` in the environment's order, which numbers the subnets; `cluster_name` shows in the console's names.

        `interface_endpoints` are services (``ecr.api``). Raises ValueError where the zones do not fit into the range,
        and KeyError where an existing VPC has no subnet in one of them.
        """
        super().__init__(name, Place(layer="cluster", entry="network"), opts)
        self._title = cluster_name
        self._region = region
        vpc = _existing(spec.existing, zones) if spec.existing else self._create_vpc(spec, zones, connectivity)
        endpoints = create_interface_endpoints(
            self,
            interface_endpoints,
            title=cluster_name,
            region=region,
            vpc_id=vpc.id,
            cidr=spec.vpc_range,
            subnets=vpc.private,
        )
        if spec.flow_logs is not None:
            create_flow_logs(self, spec.flow_logs, title=cluster_name, region=region, account=account, vpc_id=vpc.id)

        self.handle = NetworkHandle(
            vpc_id=vpc.id,
            cidr=spec.vpc_range,
            private_subnets=vpc.private,
            public_subnets=vpc.public,
            private_keys=vpc.keys,
            ready=(*vpc.ready, *endpoints),
        )
        self.register_outputs({})

    def _create_vpc(self, spec: NetworkSpec, zones: tuple[str, ...], connectivity: Connectivity) -> _Vpc:
        plan = subnet_plan(spec.vpc_range, zones)
        own = OwnVpc(
            self,
            title=self._title,
            cidr=spec.vpc_range,
            plan=plan,
            nat=spec.nat_mode(connectivity),
            public=spec.has_public_subnets(connectivity),
        )
        s3 = create_s3_gateway(
            self,
            title=self._title,
            region=self._region,
            vpc_id=own.vpc.id,
            tables=tuple(own.private_tables.values()),
        )
        return _Vpc(
            own.vpc.id,
            private={zone: subnet.id for zone, subnet in own.private.items()},
            keys={part.zone: part.private for part in plan},
            public={zone: subnet.id for zone, subnet in own.public.items()},
            ready=(*own.ready, s3),
        )


def _existing(spec: ExistingNetworkSpec, zones: tuple[str, ...]) -> _Vpc:
    """What is written of a VPC that somebody else keeps, in the order of the zones."""
    ids = {subnet.zone: subnet.id for subnet in spec.private_subnets}
    return _Vpc(
        pulumi.Output.from_input(spec.vpc_id),
        private={zone: pulumi.Output.from_input(ids[zone]) for zone in zones},
        keys={zone: ids[zone] for zone in zones},
    )
