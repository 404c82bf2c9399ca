"""The fake AWS provider and the language host under the real Pulumi CLI: they behave as the real ones do."""

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.project import Project, new_project, steps
from tests.support.engine import EngineSandbox, platform_copy
from tests.support.polling import poll

pytestmark = pytest.mark.engine

NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
ROLE = "aws:iam/role:Role"
# Generous: the engine itself gives plugins five seconds.
END_SECONDS = 30.0

START = """
import json
import pulumi
import pulumi_aws as aws

provider = aws.Provider("aws", region="eu-west-1", default_tags={"tags": {"managed-by": "pulumi"}})
options = pulumi.ResourceOptions(provider=provider)
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
"""

CLUSTER = (
    START
    + """
role = aws.iam.Role("nodes", assume_role_policy=TRUST, opts=options)
vpc = aws.ec2.Vpc("main", cidr_block="10.0.0.0/16", opts=options)
subnet = aws.ec2.Subnet("a", vpc_id=vpc.id, cidr_block="10.0.0.0/20", availability_zone="eu-west-1a", opts=options)
bucket = aws.s3.Bucket("Models", opts=options)
cluster = aws.eks.Cluster(
    "cluster", name="dev", role_arn=role.arn, version="1.35", vpc_config={"subnet_ids": [subnet.id]}, opts=options
)
group = aws.eks.NodeGroup(
    "gpu",
    cluster_name=cluster.name,
    node_group_name="gpu",
    node_role_arn=role.arn,
    subnet_ids=[subnet.id],
    instance_types=["g6.xlarge"],
    scaling_config={"desired_size": 1, "min_size": 0, "max_size": 2},
    tags={"team": "a"},
    opts=options,
)
pulumi.export("account", aws.get_caller_identity_output(opts=pulumi.InvokeOptions(provider=provider)).account_id)
pulumi.export("endpoint", cluster.endpoint)
pulumi.export("authority", cluster.certificate_authority.data)
pulumi.export("issuer", cluster.identities[0].oidcs[0].issuer)
pulumi.export("securityGroup", cluster.vpc_config.cluster_security_group_id)
pulumi.export("scalingGroup", group.resources[0].autoscaling_groups[0].name)
pulumi.export("bucket", bucket.bucket)
"""
)


@pytest.fixture
def sandbox() -> Iterator[EngineSandbox]:
    with EngineSandbox() as sandbox:
        yield sandbox


@pytest.fixture
def project(sandbox: EngineSandbox, tmp_path: Path) -> Project:
    return new_project(sandbox, tmp_path / "small", CLUSTER)


def test_a_program_is_previewed_applied_found_unchanged_and_destroyed_without_a_warning(project: Project) -> None:
    previewed = project.pulumi("preview")
    assert project.operations() == []
    applied = project.up()
    assert project.is_clean()
    assert project.has_no_drift()
    outputs = project.outputs()
    assert outputs["account"] == "111122223333"
    assert outputs["endpoint"].startswith("https://")
    assert outputs["issuer"].startswith("https://oidc.eks.eu-west-1.amazonaws.com/id/")
    assert outputs["securityGroup"].startswith("sg-")
    assert outputs["scalingGroup"].startswith("eks-gpu-")
    assert outputs["bucket"].startswith("models-")
    destroyed = project.pulumi("destroy", "--yes")
    for result in (previewed, applied, destroyed):
        assert "warning" not in (result.stdout + result.stderr).lower()
    made = [name for operation, name in project.operations() if operation == "create"]
    gone = [name for operation, name in project.operations() if operation == "delete"]
    assert sorted(made) == sorted(gone) == ["Models", "a", "cluster", "gpu", "main", "nodes"]
    assert project.sandbox.processes() == []


def test_a_mutable_change_updates_the_changed_paths_and_automatic_names_stay(project: Project) -> None:
    project.up()
    name = project.identifier("nodes")
    project.write(CLUSTER.replace('"desired_size": 1', '"desired_size": 2').replace('"team": "a"', '"team": "b"'))
    events = project.events("up", "--yes", "--skip-preview")
    assert steps(events, NODE_GROUP) == [("update", ["scalingConfig.desiredSize", "tags.team", "tagsAll.team"])]
    assert steps(events, ROLE) == [("same", [])]
    assert project.identifier("nodes") == name
    scaling = project.sandbox.aws.node_groups()["dev.gpu"]["scalingConfig"]
    assert scaling == {"desiredSize": 2, "maxSize": 2, "minSize": 0}


def test_an_immutable_change_replaces_and_a_fixed_name_is_freed_first(project: Project) -> None:
    project.up()
    project.write(CLUSTER.replace("g6.xlarge", "g6.2xlarge"))
    planned = dict(steps(project.events("preview"), NODE_GROUP))
    assert planned["replace"] == ["instanceTypes[0]"]
    assert planned.keys() == {"create-replacement", "delete-replaced", "replace"}
    before = len(project.operations())
    project.up()
    assert project.operations()[before:] == [("delete", "gpu"), ("create", "gpu")]
    assert project.sandbox.aws.node_groups()["dev.gpu"]["instanceTypes"] == ["g6.2xlarge"]


def test_an_immutable_change_of_an_object_with_an_automatic_name_makes_the_new_one_first(project: Project) -> None:
    automatic = CLUSTER.replace('    node_group_name="gpu",\n', "")
    project.write(automatic)
    project.up()
    first = project.identifier("gpu")
    project.write(automatic.replace("g6.xlarge", "g6.2xlarge"))
    before = len(project.operations())
    project.up()
    assert project.operations()[before:] == [("create", "gpu"), ("delete", "gpu")]
    (name,) = project.sandbox.aws.node_groups()
    assert name != first.replace(":", ".")


def test_drift_is_found_and_put_right(project: Project) -> None:
    project.up()
    changed = {"scalingConfig": {"desiredSize": 9, "maxSize": 9, "minSize": 0}}
    project.sandbox.aws.set_drift({"dev:gpu": changed, project.identifier("Models"): None})
    assert not project.has_no_drift()
    project.pulumi("refresh", "--yes")
    project.up()
    assert project.sandbox.aws.node_groups()["dev.gpu"]["scalingConfig"] != changed["scalingConfig"]
    assert project.operations()[-2:] in (
        [("create", "Models"), ("update", "gpu")],
        [("update", "gpu"), ("create", "Models")],
    )
    assert project.is_clean()
    assert project.has_no_drift()


def test_a_fault_fails_one_object_and_the_others_are_made(project: Project) -> None:
    message = "creating EKS Node Group: InsufficientInstanceCapacity"
    project.sandbox.aws.set_faults([{"match": "::gpu", "operation": "create", "message": message, "times": 1}])
    failed = project.up(check=False)
    assert failed.returncode == 1
    assert message in failed.stdout
    assert {name for _, name in project.operations()} == {"Models", "a", "cluster", "main", "nodes"}
    before = len(project.operations())
    project.up()
    assert project.operations()[before:] == [("create", "gpu")]


def test_a_cluster_and_its_node_groups_can_stand_for_a_real_api_server(project: Project) -> None:
    project.sandbox.aws.set_cluster(endpoint="https://127.0.0.1:6443", certificate_authority="Y2E=", token="t")
    project.up()
    assert project.outputs()["endpoint"] == "https://127.0.0.1:6443"
    assert project.outputs()["authority"] == "Y2E="
    group = project.sandbox.aws.node_groups()["dev.gpu"]
    assert group["instanceTypes"] == ["g6.xlarge"]
    project.pulumi("destroy", "--yes")
    assert project.sandbox.aws.node_groups() == {}


def test_a_secret_appears_nowhere(sandbox: EngineSandbox, tmp_path: Path) -> None:
    program = (
        START
        + """
token = pulumi.Config().require_secret("token")
role = aws.iam.Role("nodes", assume_role_policy=TRUST, tags={"token": token, "team": "a"}, opts=options)
bucket = aws.s3.Bucket("models", bucket=token, opts=options)
group = aws.eks.NodeGroup(
    "gpu", cluster_name="dev", node_group_name="gpu", node_role_arn=role.arn, subnet_ids=["subnet-a"],
    scaling_config={"desired_size": 1, "min_size": 0, "max_size": 2}, labels={"token": token}, opts=options,
)
pulumi.export("arn", bucket.arn)
"""
    )
    project = new_project(sandbox, tmp_path / "small", program)
    first, second = "first-value-7f3a", "second-value-9c1e"
    said = []
    plan = str(project.folder / "plan.json")
    project.pulumi("config", "set", "--secret", "token", first)
    for arguments in (["preview", "--save-plan", plan], ["up", "--yes", "--plan", plan], ["refresh", "--yes"]):
        said.append(json.dumps(project.events(*arguments)))
    project.pulumi("config", "set", "--secret", "token", second)
    result = project.pulumi("preview", "--json")
    said += [result.stdout, result.stderr, json.dumps(project.events("up", "--yes", "--skip-preview"))]
    sandbox.aws.set_faults([{"match": "", "operation": "update", "message": "AccessDenied"}])
    project.write(program.replace('"team": "a"', '"team": "b"'))
    failed = project.up(check=False)
    said += [failed.stdout, failed.stderr]
    folders = (project.folder, sandbox.fake_aws_dir, sandbox.root / "state", sandbox.root / "tmp")
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    assert {"dev.gpu.json", "dev.json", "journal.jsonl", "plan.json"} <= {path.name for path in files}
    said += [path.read_text(encoding="utf-8", errors="replace") for path in files]
    assert [secret for secret in (first, second) if any(secret in text for text in said)] == []


def test_inputs_that_aws_does_not_have_are_refused_before_anything_is_made(project: Project) -> None:
    project.write(CLUSTER.replace('"max_size": 2', '"max_sise": 2'))
    failed = project.pulumi("preview", check=False)
    assert failed.returncode == 1
    assert f"unknown property 'scalingConfig.max_sise' of {NODE_GROUP}" in failed.stdout
    assert f"Missing required property 'scalingConfig.maxSize' of {NODE_GROUP}" in failed.stdout


def test_an_interrupted_update_ends_soon_and_keeps_what_was_done(project: Project) -> None:
    running = _start_update_that_waits_for_the_node_group(project)
    running.send_signal(signal.SIGINT)
    output, _ = running.communicate(timeout=END_SECONDS)
    assert running.returncode == 1, output
    poll("end of all processes", lambda: not project.sandbox.processes(), END_SECONDS)
    state = project.state()
    assert state.get("pending_operations", []) == []
    assert {resource["type"] for resource in state["resources"]} >= {"aws:eks/cluster:Cluster", ROLE}
    project.sandbox.aws.set_faults([])
    project.up()
    assert project.operations()[-1] == ("create", "gpu")
    assert project.is_clean()


def test_a_killed_update_leaves_no_process_and_can_be_taken_up_again(project: Project) -> None:
    running = _start_update_that_waits_for_the_node_group(project)
    assert len(project.sandbox.processes()) >= 3
    running.kill()
    running.communicate(timeout=END_SECONDS)
    poll("end of all processes", lambda: not project.sandbox.processes(), END_SECONDS)
    project.sandbox.aws.set_faults([])
    locked = project.up(check=False)
    assert locked.returncode != 0
    assert "the stack is currently locked by 1 lock(s)" in locked.stdout + locked.stderr
    project.pulumi("cancel", "--yes")
    project.up()
    assert project.is_clean()


def test_an_error_of_the_program_is_shown_without_a_word_about_its_exit_code(project: Project) -> None:
    project.write(START + 'raise ValueError("the site file is missing")\n')
    failed = project.pulumi("preview", check=False)
    assert failed.returncode == 1
    assert "ValueError: the site file is missing" in failed.stdout
    assert "exit code" not in failed.stdout


def test_a_policy_pack_written_in_python_judges_the_program(project: Project) -> None:
    pack = project.folder / "pack"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 0.0.1\n", encoding="utf-8")
    (pack / "__main__.py").write_text(POLICY_PACK, encoding="utf-8")
    failed = project.pulumi("preview", "--policy-pack", str(pack), check=False)
    assert failed.returncode == 1
    assert "at most one GPU node" in failed.stdout
    project.write(CLUSTER.replace('"max_size": 2', '"max_size": 1'))
    project.pulumi("preview", "--policy-pack", str(pack))
    assert project.sandbox.processes() == []


def test_a_platform_copy_takes_the_stack_settings_and_the_checkout_stays_as_it_is(
    sandbox: EngineSandbox, tmp_path: Path
) -> None:
    checkout = tmp_path / "checkout"
    texts = {
        "Pulumi.yaml": (
            "name: small\nruntime:\n  name: python\n  options:\n    virtualenv: .venv\n"
            "main: stacks\nstackConfigDir: environments/pulumi\n"
        ),
        "stacks/__main__.py": 'import pulumi\npulumi.export("root", pulumi.get_root_directory())\n',
        "environments/dev.yaml": "{}\n",
    }
    for name, text in texts.items():
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text(text, encoding="utf-8")
    (checkout / ".venv").symlink_to(Path(sandbox.env["PULUMI_PYTHON_CMD"]).parents[1])
    copy = platform_copy(checkout, tmp_path / "copy")
    sandbox.pulumi("stack", "init", "dev", cwd=copy)
    sandbox.pulumi("config", "set", "--secret", "token", "hidden", cwd=copy)
    sandbox.pulumi("up", "--yes", "--skip-preview", cwd=copy)
    root = sandbox.pulumi("stack", "output", "root", cwd=copy).stdout.strip()
    assert Path(root).resolve() == copy.resolve()
    assert (copy / "environments" / "pulumi" / "Pulumi.dev.yaml").exists()
    assert {str(path.relative_to(checkout)) for path in checkout.rglob("*") if path.is_file()} == texts.keys()


def _start_update_that_waits_for_the_node_group(project: Project) -> subprocess.Popen[str]:
    """Return an update in which everything else is done and written down: only then may it be killed at any time."""
    project.sandbox.aws.set_faults([{"match": "::gpu", "operation": "create", "delaySeconds": 600}])
    running = project.sandbox.start("up", "--yes", "--skip-preview", cwd=project.folder)

    def waits() -> bool:
        state = project.checkpoint()
        done = {resource["urn"].rsplit("::", 1)[1] for resource in state.get("resources", [])}
        pending = [operation["resource"]["type"] for operation in state.get("pending_operations", [])]
        return pending == [NODE_GROUP] and done >= {"Models", "cluster", "nodes"}

    poll("an update that waits for the node group", waits, END_SECONDS)
    return running


POLICY_PACK = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy


def check(arguments, report):
    if arguments.resource_type == "aws:eks/nodeGroup:NodeGroup" and arguments.props["scalingConfig"]["maxSize"] > 1:
        report("at most one GPU node")


PolicyPack(
    name="small",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[ResourceValidationPolicy(name="size", description="size of node groups", validate=check)],
)
"""
