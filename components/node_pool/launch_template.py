"""The launch template of a managed pool: what EC2 starts, as far as EKS leaves it to us. Pure.

EKS wants subnets, role and (but for Capacity Blocks) instance types in the node group, and refuses them here.
Source: EKS User Guide, "Customize managed nodes with launch templates".
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

import pulumi_aws as aws

from components.base import GpuFacts, safe_name
from components.node_pool.boot import Volume, user_data, volumes
from components.node_pool.spec import NodePoolSpec


def launch_template(
    spec: NodePoolSpec, gpu: GpuFacts | None, *, title: str, tags: Mapping[str, str]
) -> aws.ec2.LaunchTemplateArgs:
    """Inputs of the template called `title`; instances, volumes and network interfaces get `tags` and that name."""
    text = user_data(spec, _bottlerocket_split(gpu))
    return aws.ec2.LaunchTemplateArgs(
        name=safe_name("launchTemplate", title),
        block_device_mappings=[_mapping(volume, spec.disk.kms_key_arn) for volume in volumes(spec)],
        metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
            http_endpoint="enabled",
            http_tokens="required",
            http_put_response_hop_limit=1,
            instance_metadata_tags="disabled",
        ),
        tag_specifications=[
            aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags={**tags, "Name": title})
            for kind in ("instance", "network-interface", "volume")
        ],
        update_default_version=True,
        user_data=base64.b64encode(text.encode()).decode() if text else None,
    )


def _bottlerocket_split(gpu: GpuFacts | None) -> dict[str, str]:
    """The profile that MIG splits the GPUs into, by the name that Bottlerocket has for them; it takes one."""
    if gpu is None or gpu.partition is None or len(gpu.partition.layout) > 1:
        return {}
    (profile,) = gpu.partition.layout
    return {gpu.bottlerocket_name: profile}


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
