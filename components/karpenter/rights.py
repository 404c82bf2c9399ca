"""What Karpenter's controller may do in the account: start and end machines of this cluster, and nothing else. Pure.

The statements follow the policies that Karpenter 1.14 documents for its controller ("CloudFormation", its reference of
permissions), less what an instance profile that is there already makes unnecessary: changing any.
"""

from __future__ import annotations

from typing import TypeAlias

from components.iam import Statement, policy_document

_OWNER = "kubernetes.io/cluster"
_POOL = {"karpenter.sh/nodepool": "*"}
# What EC2 makes for a node, and what Karpenter tags.
_MADE = ("fleet", "instance", "launch-template", "network-interface", "spot-instances-request", "volume")
# What a node starts from, which is not made for it.
_USED = ("capacity-reservation", "placement-group", "security-group", "subnet")
_READ = (
    "ec2:DescribeCapacityReservations",
    "ec2:DescribeImages",
    "ec2:DescribeInstanceStatus",
    "ec2:DescribeInstanceTypeOfferings",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeInstances",
    "ec2:DescribeLaunchTemplates",
    "ec2:DescribePlacementGroups",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSpotPriceHistory",
    "ec2:DescribeSubnets",
)

_USE_KEY = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)

_Conditions: TypeAlias = dict[str, dict[str, str | tuple[str, ...]]]


def queue_arn(region: str, account: str, name: str) -> str:
    """ARN of an SQS queue."""
    return f"arn:aws:sqs:{region}:{account}:{name}"


def _cluster_arn(cluster: str, region: str, account: str) -> str:
    return f"arn:aws:eks:{region}:{account}:cluster/{cluster}"


def controller_policy(*, cluster: str, region: str, account: str, queue: str) -> str:
    """What the controller may do but to hand a role to nodes, as IAM JSON. `queue` is a name."""
    return policy_document(
        [
            *_launch(cluster, region),
            *_tag_and_end(cluster, region),
            *_look(region),
            # It looks for profiles of its own making, of which there are none, before it lets an EC2NodeClass go.
            Statement(
                sid="LookAtProfiles",
                actions=("iam:GetInstanceProfile",),
                resources=(f"arn:aws:iam::{account}:instance-profile/*",),
            ),
            # IAM knows no narrower resource for it (Service Authorization Reference, 2026-10-27).
            Statement(sid="ListProfiles", actions=("iam:ListInstanceProfiles",), resources=("*",)),
            Statement(
                sid="FindCluster",
                actions=("eks:DescribeCluster",),
                resources=(_cluster_arn(cluster, region, account),),
            ),
            Statement(
                sid="ReadInterruptions",
                actions=("sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"),
                resources=(queue_arn(region, account, queue),),
            ),
        ]
    )


def pass_role_policy(*, account: str, node_role: str) -> str:
    """The controller may give nodes the role called `node_role`, and no other; as IAM JSON."""
    return policy_document(
        [
            Statement(
                sid="PassNodeRole",
                actions=("iam:PassRole",),
                resources=(f"arn:aws:iam::{account}:role/{node_role}",),
                conditions={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
            )
        ]
    )


def zonal_shift_policy(*, cluster: str, region: str, account: str) -> str:
    """The controller may see which zone AWS has moved the cluster away from; as IAM JSON."""
    return policy_document(
        [
            Statement(
                sid="SeeZonalShifts",
                actions=("arc-zonal-shift:GetManagedResource",),
                # The identifier of the managed resource is in the condition: its ARN is no resource of the service.
                resources=("*",),
                conditions={
                    "StringEquals": {"arc-zonal-shift:ResourceIdentifier": _cluster_arn(cluster, region, account)}
                },
            )
        ]
    )


def disk_keys_policy(keys: tuple[str, ...], *, region: str) -> str:
    """The controller may have EC2 encrypt the volumes of its nodes with `keys` (ARNs); as IAM JSON.

    Whoever starts a machine needs these rights over the key of its volumes: Amazon EBS User Guide, "Requirements for
    Amazon EBS encryption". Without them EC2 ends the machine as soon as it has started it.
    """
    by_ec2: _Conditions = {"StringEquals": {"kms:ViaService": f"ec2.{region}.amazonaws.com"}}
    granted: _Conditions = {**by_ec2, "Bool": {"kms:GrantIsForAWSResource": "true"}}
    return policy_document(
        [
            Statement(sid="UseDiskKeys", actions=_USE_KEY, resources=keys, conditions=by_ec2),
            Statement(sid="LendDiskKeys", actions=("kms:CreateGrant",), resources=keys, conditions=granted),
        ]
    )


def _ec2(region: str, *kinds: str) -> tuple[str, ...]:
    return tuple(f"arn:aws:ec2:{region}:*:{kind}/*" for kind in kinds)


def _requested(cluster: str) -> _Conditions:
    """Condition: the request tags what it makes as this cluster's."""
    owned: dict[str, str | tuple[str, ...]] = {
        f"aws:RequestTag/{_OWNER}/{cluster}": "owned",
        "aws:RequestTag/eks:eks-cluster-name": cluster,
    }
    return {"StringEquals": owned, "StringLike": {f"aws:RequestTag/{key}": value for key, value in _POOL.items()}}


def _owned(cluster: str) -> _Conditions:
    """Condition: the object is one that Karpenter made for this cluster."""
    return {
        "StringEquals": {f"aws:ResourceTag/{_OWNER}/{cluster}": "owned"},
        "StringLike": {f"aws:ResourceTag/{key}": value for key, value in _POOL.items()},
    }


def _launch(cluster: str, region: str) -> list[Statement]:
    images = tuple(f"arn:aws:ec2:{region}::{kind}/*" for kind in ("image", "snapshot"))
    starts = ("ec2:CreateFleet", "ec2:RunInstances")
    return [
        Statement(sid="StartFrom", actions=starts, resources=(*images, *_ec2(region, *_USED))),
        Statement(
            sid="StartFromOwnTemplates",
            actions=starts,
            resources=_ec2(region, "launch-template"),
            conditions=_owned(cluster),
        ),
        Statement(
            sid="StartTagged",
            actions=("ec2:CreateFleet", "ec2:CreateLaunchTemplate", "ec2:RunInstances"),
            resources=_ec2(region, *_MADE),
            conditions=_requested(cluster),
        ),
    ]


def _tag_and_end(cluster: str, region: str) -> list[Statement]:
    requested = _requested(cluster)
    while_made: _Conditions = {
        "StringEquals": {
            **requested["StringEquals"],
            "ec2:CreateAction": ("CreateFleet", "CreateLaunchTemplate", "RunInstances"),
        },
        "StringLike": requested["StringLike"],
    }
    named: _Conditions = {
        **_owned(cluster),
        "StringEqualsIfExists": {"aws:RequestTag/eks:eks-cluster-name": cluster},
        "ForAllValues:StringEquals": {"aws:TagKeys": ("Name", "eks:eks-cluster-name", "karpenter.sh/nodeclaim")},
    }
    return [
        Statement(
            sid="TagWhatIsMade", actions=("ec2:CreateTags",), resources=_ec2(region, *_MADE), conditions=while_made
        ),
        Statement(
            sid="NameOwnNodes", actions=("ec2:CreateTags",), resources=_ec2(region, "instance"), conditions=named
        ),
        Statement(
            sid="EndOwnNodes",
            actions=("ec2:DeleteLaunchTemplate", "ec2:TerminateInstances"),
            resources=_ec2(region, "instance", "launch-template"),
            conditions=_owned(cluster),
        ),
    ]


def _look(region: str) -> list[Statement]:
    """EC2's and the price list's look-ups know no narrower resource than all of them."""
    return [
        Statement(
            sid="LookAround",
            actions=_READ,
            resources=("*",),
            conditions={"StringEquals": {"aws:RequestedRegion": region}},
        ),
        Statement(sid="LookUpPrices", actions=("pricing:GetProducts",), resources=("*",)),
        Statement(
            sid="FindImages",
            actions=("ssm:GetParameter",),
            resources=(f"arn:aws:ssm:{region}::parameter/aws/service/*",),
        ),
    ]


def queue_policy(queue: str, rules: tuple[str, ...]) -> str:
    """Policy of the interruption queue: EventBridge's rules may write to it, and nobody may use it without TLS.

    Both are ARNs.
    """
    return policy_document(
        [
            Statement(
                sid="WriteByRules",
                actions=("sqs:SendMessage",),
                resources=(queue,),
                principal={"Service": "events.amazonaws.com"},
                conditions={"ArnEquals": {"aws:SourceArn": rules}},
            ),
            Statement(
                sid="DenyWithoutTls",
                effect="Deny",
                actions=("sqs:*",),
                resources=(queue,),
                principal="*",
                conditions={"Bool": {"aws:SecureTransport": "false"}},
            ),
        ]
    )
