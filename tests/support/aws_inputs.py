"""Judges what a Graph would send to AWS: the installed SDK's properties, and the enums of AWS's own service models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from bedplate.graph.graph import Graph
from bedplate.graph.values import Json, is_secret, is_unknown, walk
from tests.support.fakeaws.schema import resource_schema
from tests.support.fakeaws.validation import problems
from tests.support.fakeaws.wire import UNKNOWN, Secret, Value
from tests.support.service_models import enum

# Property (list positions left out) → service and shape that list its values, by resource type.
ENUMS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "aws:ec2/eip:Eip": {"domain": ("ec2", "DomainType")},
    "aws:ec2/flowLog:FlowLog": {
        "logDestinationType": ("ec2", "LogDestinationType"),
        "trafficType": ("ec2", "TrafficType"),
    },
    "aws:ec2/launchTemplate:LaunchTemplate": {
        "blockDeviceMappings.ebs.volumeType": ("ec2", "VolumeType"),
        "instanceMarketOptions.marketType": ("ec2", "MarketType"),
        "instanceType": ("ec2", "InstanceType"),
        "metadataOptions.httpEndpoint": ("ec2", "LaunchTemplateInstanceMetadataEndpointState"),
        "metadataOptions.httpTokens": ("ec2", "LaunchTemplateHttpTokensState"),
    },
    "aws:ec2/natGateway:NatGateway": {"connectivityType": ("ec2", "ConnectivityType")},
    "aws:ec2/placementGroup:PlacementGroup": {"strategy": ("ec2", "PlacementStrategy")},
    "aws:ec2/vpcEndpoint:VpcEndpoint": {"vpcEndpointType": ("ec2", "VpcEndpointType")},
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": {"accessScope.type": ("eks", "AccessScopeType")},
    "aws:eks/addon:Addon": {
        "resolveConflictsOnCreate": ("eks", "ResolveConflicts"),
        "resolveConflictsOnUpdate": ("eks", "ResolveConflicts"),
    },
    "aws:eks/cluster:Cluster": {
        "accessConfig.authenticationMode": ("eks", "AuthenticationMode"),
        "controlPlaneScalingConfig.tier": ("eks", "ProvisionedControlPlaneTier"),
        "enabledClusterLogTypes": ("eks", "LogType"),
        "kubernetesNetworkConfig.ipFamily": ("eks", "IpFamily"),
        "kubeSchedulerConfig.nodeResourcesFit.scoringStrategy.type": ("eks", "ScoringStrategyType"),
        "upgradePolicy.supportType": ("eks", "SupportType"),
        "vpcConfig.controlPlaneEgressMode": ("eks", "ControlPlaneEgressModeType"),
    },
    "aws:eks/nodeGroup:NodeGroup": {
        "amiType": ("eks", "AMITypes"),
        "capacityType": ("eks", "CapacityTypes"),
        "instanceTypes": ("ec2", "InstanceType"),
        "nodeRepairConfig.nodeRepairConfigOverrides.repairAction": ("eks", "RepairAction"),
        "taints.effect": ("eks", "TaintEffect"),
        "updateConfig.updateStrategy": ("eks", "NodegroupUpdateStrategies"),
        "warmPoolConfig.poolState": ("eks", "WarmPoolState"),
    },
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {"rules.status": ("s3", "ExpirationStatus")},
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": {"rule.objectOwnership": ("s3", "ObjectOwnership")},
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
        "rules.applyServerSideEncryptionByDefault.sseAlgorithm": ("s3", "ServerSideEncryption")
    },
    "aws:s3/bucketVersioning:BucketVersioning": {
        "versioningConfiguration.status": ("s3", "BucketVersioningStatus"),
    },
}

# Longest documents that AWS takes, characters (white space counts only where AWS counts it): IAM and AWS STS quotas;
# AWS KMS, "Resource quotas"; Amazon S3, "Bucket policies"; EC2, user data before it is encoded.
LONGEST: Final[Mapping[tuple[str, str], int]] = {
    ("aws:iam/policy:Policy", "policy"): 6144,
    ("aws:iam/role:Role", "assumeRolePolicy"): 2048,
    ("aws:iam/rolePolicy:RolePolicy", "policy"): 10240,
    ("aws:kms/key:Key", "policy"): 32768,
    ("aws:s3/bucketPolicy:BucketPolicy", "policy"): 20480,
    ("aws:ec2/launchTemplate:LaunchTemplate", "userData"): 16384 * 4 // 3,
}


def refused_inputs(graph: Graph) -> list[str]:
    """What the provider or AWS would refuse of the AWS resources in `graph`, each with its URN."""
    return [
        f"{resource.urn}: {text}"
        for resource in graph
        if resource.type.startswith("aws:")
        for text in (
            *(item.text for item in problems(resource_schema(resource.type).inputs, _fields(resource.inputs), "it")),
            *_strange_values(resource.type, resource.inputs),
            *_too_long(resource.type, resource.inputs),
        )
    ]


def values_with_an_enum(graph: Graph) -> set[tuple[str, str]]:
    """Type and property of every value in `graph` that an enum is known for."""
    return {
        (resource.type, path)
        for resource in graph
        for path, _ in _texts(resource.inputs)
        if path in ENUMS.get(resource.type, {})
    }


def _strange_values(type_: str, inputs: Json) -> Iterator[str]:
    known = ENUMS.get(type_, {})
    for path, value in _texts(inputs):
        if path in known and value not in enum(*known[path]):
            yield f"{path} is {value!r}, and {' '.join(known[path])} has no such value"


def _too_long(type_: str, inputs: Mapping[str, Json]) -> Iterator[str]:
    for (of, name), longest in LONGEST.items():
        value = inputs.get(name)
        if of == type_ and isinstance(value, str) and len(value) > longest:
            yield f"{name} has {len(value)} characters, and AWS takes {longest}"


def _texts(inputs: Json) -> Iterator[tuple[str, str]]:
    for path, value in walk(inputs):
        if isinstance(value, str):
            yield ".".join(part for part in path if isinstance(part, str)), value


def _fields(inputs: Mapping[str, Json]) -> dict[str, Value]:
    return {key: _wire(value) for key, value in inputs.items()}


def _wire(value: Json) -> Value:
    """A value of a Graph as the fake provider reads it off the wire."""
    if is_unknown(value):
        return UNKNOWN
    if is_secret(value):
        return Secret(None)
    if isinstance(value, Mapping):
        return _fields(value)
    return [_wire(item) for item in value] if isinstance(value, tuple) else value
