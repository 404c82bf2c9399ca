"""The launch template of a managed pool: what EC2 starts, as far as EKS leaves it to us. Pure.

EKS wants subnets, role and (but for Capacity Blocks) instance types in the node group, and refuses them here.
Source: EKS User Guide, "Customize managed nodes with launch templates".
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.base import GpuFacts, safe_name
from components.bottlerocket import bottlerocket_split
from components.efa import Interface
from components.node_pool.boot import user_data
from components.node_pool.options import ReservationSpec
from components.node_pool.spec import NodePoolSpec
from components.volumes import Volume, volumes


@dataclass(frozen=True, slots=True, kw_only=True)
class Fabric:
    """How nodes are wired to each other. A template with interfaces has to name their security groups itself."""

    interfaces: tuple[Interface, ...] = ()
    security_groups: tuple[pulumi.Output[str], ...] = ()
    placement_group: pulumi.Output[str] | None = None


def launch_template(
    spec: NodePoolSpec, gpu: GpuFacts | None, *, title: str, tags: Mapping[str, str], fabric: Fabric
) -> aws.ec2.LaunchTemplateArgs:
    """Inputs of the template called `title`; instances, volumes and network interfaces get `tags` and that name."""
    text = user_data(spec, bottlerocket_split(gpu))
    block = spec.capacity == "capacityBlock"
    return aws.ec2.LaunchTemplateArgs(
        name=safe_name("launchTemplate", title),
        block_device_mappings=[_mapping(volume, spec.disk.kms_key_arn) for volume in volumes(spec)],
        capacity_reservation_specification=_reservation(spec.reservation) if spec.reservation else None,
        instance_market_options=_market("capacity-block") if block else None,
        # EKS takes the type from one place only, and from here for Capacity Blocks.
        instance_type=spec.instance_types[0] if block else None,
        metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
            http_endpoint="enabled",
            http_tokens="required",
            http_put_response_hop_limit=1,
            instance_metadata_tags="disabled",
        ),
        network_interfaces=[_interface(item, fabric) for item in fabric.interfaces] or None,
        placement=_placement(fabric.placement_group) if fabric.placement_group else None,
        tag_specifications=[
            aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags={**tags, "Name": title})
            for kind in ("instance", "network-interface", "volume")
        ],
        update_default_version=True,
        user_data=base64.b64encode(text.encode()).decode() if text else None,
    )


def _mapping(volume: Volume, kms_key_arn: str | None) -> aws.ec2.LaunchTemplateBlockDeviceMappingArgs:
    return aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
        device_name=volume.device,
        ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
            volume_type="gp3",
            volume_size=volume.gib,
            iops=volume.iops,
            throughput=volume.throughput_mibs,
            encrypted="true",
            kms_key_id=kms_key_arn,
            delete_on_termination="true",
        ),
    )


def _reservation(spec: ReservationSpec) -> aws.ec2.LaunchTemplateCapacityReservationSpecificationArgs:
    target = aws.ec2.LaunchTemplateCapacityReservationSpecificationCapacityReservationTargetArgs(
        capacity_reservation_id=spec.id
    )
    return aws.ec2.LaunchTemplateCapacityReservationSpecificationArgs(capacity_reservation_target=target)


def _market(market_type: str) -> aws.ec2.LaunchTemplateInstanceMarketOptionsArgs:
    return aws.ec2.LaunchTemplateInstanceMarketOptionsArgs(market_type=market_type)


def _interface(item: Interface, fabric: Fabric) -> aws.ec2.LaunchTemplateNetworkInterfaceArgs:
    return aws.ec2.LaunchTemplateNetworkInterfaceArgs(
        network_card_index=item.card,
        device_index=item.device,
        interface_type=item.kind,
        security_groups=list(fabric.security_groups),
        delete_on_termination="true",
    )


def _placement(group: pulumi.Output[str]) -> aws.ec2.LaunchTemplatePlacementArgs:
    return aws.ec2.LaunchTemplatePlacementArgs(group_name=group)
