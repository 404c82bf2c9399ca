"""The network component: a VPC, its subnets, and the ways in and out of them."""

from __future__ import annotations

import pulumi

from components.base import NetworkHandle, Place, PlatformComponent
from components.network.endpoints import create_interface_endpoints, create_s3_gateway
from components.network.flow_logs import create_flow_logs
from components.network.own import OwnVpc
from components.network.plan import subnet_plan
from components.network.spec import Connectivity, NetworkSpec


class Network(PlatformComponent):
    """A VPC with one private subnet per zone, and a public one where there is a way to the internet.

    Sizes are in `subnet_plan`. Nodes, pods and the control plane's interfaces stand in private subnets. Each zone has
    a private route table of its own, so that another NAT mode changes routes and nothing else. Traffic to S3 goes
    through a gateway endpoint, which costs nothing and bypasses the NAT gateway; other services of AWS have interface
    endpoints where they are asked for. Public subnets hold NAT gateways and load balancers; nothing there gets a public
    address by itself. The VPC's default security group is emptied, so that forgetting to name one opens nothing (CIS
    AWS Foundations, "default security group restricts all traffic").
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

        `interface_endpoints` are services (``ecr.api``). Raises ValueError where the zones do not fit into the range.
        """
        super().__init__(name, Place(layer="cluster", entry="network"), opts)
        plan = subnet_plan(spec.cidr, zones)
        own = OwnVpc(
            self,
            title=cluster_name,
            cidr=spec.cidr,
            plan=plan,
            nat=spec.nat_mode(connectivity),
            public=spec.has_public_subnets(connectivity),
        )
        vpc_id = own.vpc.id
        private = {zone: subnet.id for zone, subnet in own.private.items()}
        s3 = create_s3_gateway(
            self, title=cluster_name, region=region, vpc_id=vpc_id, tables=tuple(own.private_tables.values())
        )
        endpoints = create_interface_endpoints(
            self,
            interface_endpoints,
            title=cluster_name,
            region=region,
            vpc_id=vpc_id,
            cidr=spec.cidr,
            subnets=private,
        )
        if spec.flow_logs is not None:
            create_flow_logs(self, spec.flow_logs, title=cluster_name, region=region, account=account, vpc_id=vpc_id)

        self.handle = NetworkHandle(
            vpc_id=vpc_id,
            cidr=spec.cidr,
            private_subnets=private,
            public_subnets={zone: subnet.id for zone, subnet in own.public.items()},
            private_keys={part.zone: part.private for part in plan},
            ready=(*own.ready, s3, *endpoints),
        )
        self.register_outputs({})
