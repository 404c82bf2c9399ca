"""The engine's preview of a changed program replaces and updates what the offline diff says, and nothing else.

A program is applied once; each edit of it is previewed against that state, and recorded beside the first.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bedplate.cli.planning import replacement_rules
from bedplate.engine.recorder import record
from bedplate.graph.diff import Action, diff
from bedplate.graph.graph import Graph
from tests.engine.project import Project, new_project
from tests.engine.test_fakes import START
from tests.support.engine import EngineSandbox
from tests.support.environments import PLATFORM

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("spread")]

PROGRAM = (
    START
    + """
def under(**more):
    return pulumi.ResourceOptions(provider=provider, **more)

vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16", opts=options)
subnets = [
    aws.ec2.Subnet(zone, vpc_id=vpc.id, cidr_block=f"10.0.{n}.0/24", availability_zone=f"eu-west-1{zone}", opts=options)
    for n, zone in enumerate("ab")
]
gateway = aws.ec2.InternetGateway("gateway", vpc_id=vpc.id, opts=options)
table = aws.ec2.RouteTable("table", vpc_id=vpc.id, opts=options)
route = aws.ec2.Route(
    "route", route_table_id=table.id, destination_cidr_block="0.0.0.0/0", gateway_id=gateway.id, opts=options
)
role = aws.iam.Role("nodes", name="nodes", path="/a/", assume_role_policy=TRUST, opts=options)
loose = aws.iam.Role("loose", path="/a/", assume_role_policy=TRUST, opts=options)
attachment = aws.iam.RolePolicyAttachment("right", role=role.name, policy_arn="arn:aws:iam::aws:policy/x", opts=options)
grant = aws.iam.RolePolicyAttachment("loose", role=loose.name, policy_arn="arn:aws:iam::aws:policy/x", opts=options)
cluster = aws.eks.Cluster(
    "cluster",
    name="dev",
    role_arn=role.arn,
    kubernetes_network_config={"service_ipv4_cidr": "172.20.0.0/16"},
    vpc_config={"subnet_ids": [subnet.id for subnet in subnets]},
    opts=options,
)
template = aws.ec2.LaunchTemplate(
    "template", name="gpu", ebs_optimized="true", description="first", update_default_version=True, opts=options
)
group = aws.eks.NodeGroup(
    "gpu",
    cluster_name=cluster.name,
    node_group_name="gpu-1",
    node_role_arn=loose.arn,
    subnet_ids=[subnets[0].id],
    instance_types=["g6.xlarge"],
    scaling_config={"desired_size": 1, "min_size": 0, "max_size": 2},
    launch_template={"id": template.id, "version": template.latest_version.apply(str)},
    opts=options,
)
entry = aws.eks.AccessEntry("admins", cluster_name=cluster.name, principal_arn="arn:aws:iam::1:role/a", opts=options)
key = aws.kms.Key("key", description="first", multi_region=False, opts=options)
alias = aws.kms.Alias("key", name="alias/key", target_key_id=key.key_id, opts=options)
bucket = aws.s3.Bucket("models", bucket="models", opts=options)
private = aws.s3.BucketPublicAccessBlock("private", bucket=bucket.id, block_public_acls=True, opts=options)
note = aws.s3.BucketVersioning(
    "versions", bucket="models", versioning_configuration={"status": "Enabled"}, opts=under(depends_on=[bucket])
)
logs = aws.cloudwatch.LogGroup("logs", name="logs", retention_in_days=7, opts=options)
"""
)

EDITS: dict[str, tuple[tuple[str, str], ...]] = {
    "nothing": (),
    "address range": (("10.0.0.0/16", "10.1.0.0/16"),),
    "zone of a subnet": (('availability_zone=f"eu-west-1{zone}"', 'availability_zone="eu-west-1c"'),),
    "one subnet less": (('enumerate("ab")', 'enumerate("a")'),),
    "another subnet in place of one": (('enumerate("ab")', 'enumerate("ac")'),),
    "another subnet for the nodes": (("[subnets[0].id]", "[subnets[1].id]"),),
    "path of a named role": (('name="nodes", path="/a/"', 'name="nodes", path="/b/"'),),
    "name of a role": (('name="nodes", path="/a/"', 'name="others", path="/a/"'),),
    "path of a role without a name": (('"loose", path="/a/"', '"loose", path="/b/"'),),
    "what is changed in place": (
        ('"Version": "2012-10-17"', '"Version": "2008-10-17"'),
        ('"max_size": 2', '"max_size": 3'),
        ('"key", description="first"', '"key", description="second"'),
    ),
    "service range of the cluster": (("172.20.0.0/16", "172.21.0.0/16"),),
    "name of the cluster": (('name="dev"', 'name="test"'),),
    "description of the template": (('description="first", update', 'description="second", update'),),
    "name of the template": (('name="gpu"', 'name="gpu2"'),),
    "instance types and the name with them": (("g6.xlarge", "g6.2xlarge"), ("gpu-1", "gpu-2")),
    "a key that is made anew": (("multi_region=False", "multi_region=True"),),
    "name of a bucket": (('"models", bucket="models"', '"models", bucket="weights"'),),
    "new ones before old ones": (
        ('path="/a/", assume_role_policy=TRUST, opts=options)\nloose',
         'path="/b/", assume_role_policy=TRUST, opts=under(delete_before_replace=False))\nloose'),
    ),
    "old ones before new ones": (
        ('cidr_block="10.0.0.0/16", opts=options', 'cidr_block="10.1.0.0/16", opts=under(delete_before_replace=True)'),
    ),
    "a replacement that is asked for": (
        ("in_days=7, opts=options", "in_days=9, opts=under(replace_on_changes=['retentionInDays'])"),
    ),
    "default tags": (('"managed-by": "pulumi"', '"managed-by": "others"'),),
    "settings of the provider": (('region="eu-west-1"', 'region="eu-west-1", max_retries=9'),),
    "another region": (('region="eu-west-1"', 'region="eu-north-1"'),),
}  # fmt: skip

_OPERATIONS = {
    "create": Action.CREATE,
    "update": Action.UPDATE,
    "replace": Action.REPLACE,
    "delete": Action.DELETE,
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The program, applied."""
    with EngineSandbox() as sandbox:
        made = new_project(sandbox, tmp_path_factory.mktemp("spread") / "small", PROGRAM)
        made.up()
        yield made


def edited(edit: str) -> str:
    """The program after `edit`, each of whose texts stands in it once."""
    text = PROGRAM
    for find, replace in EDITS[edit]:
        assert text.count(find) == 1, find
        text = text.replace(find, replace)
    return text


def recorded(text: str) -> Graph:
    code = compile(text, "program", "exec")
    return record(lambda: exec(code, {}), stack="dev")


def place(urn: str) -> str:
    """A URN without stack and project: the recorder's project has another name."""
    return urn.split("::", 2)[2]


def offline(text: str) -> dict[str, Action]:
    """What the diff says of the program `text`."""
    changes = diff(recorded(PROGRAM), recorded(text), replacement_rules(PLATFORM))
    return {place(change.urn): change.action for change in changes}


def previewed(project: Project, text: str) -> dict[str, Action]:
    """What the engine says of it."""
    project.write(text)
    steps = [
        event["resourcePreEvent"]["metadata"] for event in project.events("preview") if "resourcePreEvent" in event
    ]
    return {place(step["urn"]): _OPERATIONS[step["op"]] for step in steps if step["op"] in _OPERATIONS}


@pytest.mark.parametrize("edit", EDITS)
def test_the_engine_replaces_and_updates_what_the_diff_says(project: Project, edit: str) -> None:
    text = edited(edit)
    assert offline(text) == previewed(project, text)
