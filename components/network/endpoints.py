"""Endpoints of AWS services inside a VPC: the gateway of S3, and interfaces for everything else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components.base import PlatformComponent, safe_name

_HTTPS = 443


def service_name(region: str, service: str) -> str:
    """Name by which an endpoint asks for a service."""
    return f"com.amazonaws.{region}.{service}"


def create_s3_gateway(
    parent: PlatformComponent,
    *,
    title: str,
    region: str,
    vpc_id: pulumi.Output[str],
    tables: Sequence[aws.ec2.RouteTable],
) -> pulumi.Resource:
    """The endpoint by which routes of `tables` lead to S3. It is free, and open to every bucket.

    Image layers of ECR lie in buckets that belong to AWS, and models load weights from buckets of other accounts: what
    a pod may read is decided by its role, and by the policy of the bucket.
    """
    return aws.ec2.VpcEndpoint(
        f"{parent.pulumi_resource_name}-s3",
        aws.ec2.VpcEndpointArgs(
            vpc_id=vpc_id,
            vpc_endpoint_type="Gateway",
            service_name=service_name(region, "s3"),
            route_table_ids=[table.id for table in tables],
            tags={"Name": f"{title}-s3"},
        ),
        opts=parent.child(),
    )


def create_interface_endpoints(
    parent: PlatformComponent,
    services: Sequence[str],
    *,
    title: str,
    region: str,
    vpc_id: pulumi.Output[str],
    cidr: str,
    subnets: Mapping[str, pulumi.Output[str]],
) -> tuple[pulumi.Resource, ...]:
    """An endpoint of each of `services` in each of `subnets` (by zone), behind one security group.

    Private DNS is on: programs go on using the public names of the services, which resolve to the endpoints.
    """
    if not services:
        return ()
    group = _create_security_group(parent, title=title, vpc_id=vpc_id, cidr=cidr)
    return tuple(
        aws.ec2.VpcEndpoint(
            f"{parent.pulumi_resource_name}-endpoint-{service.replace('.', '-')}",
            aws.ec2.VpcEndpointArgs(
                vpc_id=vpc_id,
                vpc_endpoint_type="Interface",
                service_name=service_name(region, service),
                subnet_ids=list(subnets.values()),
                security_group_ids=[group.id],
                private_dns_enabled=True,
                tags={"Name": f"{title}-{service}"},
            ),
            opts=parent.child(),
        )
        for service in services
    )


def _create_security_group(
    parent: PlatformComponent, *, title: str, vpc_id: pulumi.Output[str], cidr: str
) -> aws.ec2.SecurityGroup:
    """HTTPS from the VPC's own range and nothing else. Endpoints answer, and never begin a connection."""
    return aws.ec2.SecurityGroup(
        f"{parent.pulumi_resource_name}-endpoints",
        aws.ec2.SecurityGroupArgs(
            name=safe_name("securityGroup", title, "endpoints"),
            description="HTTPS from the VPC to endpoints of AWS services",
            vpc_id=vpc_id,
            ingress=[
                aws.ec2.SecurityGroupIngressArgs(
                    description="HTTPS from the VPC",
                    protocol="tcp",
                    from_port=_HTTPS,
                    to_port=_HTTPS,
                    cidr_blocks=[cidr],
                )
            ],
            egress=[],
            tags={"Name": f"{title}-endpoints"},
        ),
        opts=parent.child(),
    )
