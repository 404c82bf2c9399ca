"""Cross-checks of the bootstrap section: what it makes is what the other sections name, and reaches no further."""

from __future__ import annotations

from bedplate.catalog.catalog import Catalog
from bedplate.environment.checks.reporter import Path, Reporter
from bedplate.environment.environment import Environment
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.model.naming import check_name
from components.bootstrap import names
from components.bootstrap.location import StateKey, StateLocation, state_key, state_location
from components.bootstrap.rights import attachable_policies
from components.bootstrap.spec import BootstrapSpec, StateBucketSpec
from components.cluster.spec import EksExistingClusterSpec, ExistingClusterSpec

_IN_THE_CLUSTER = ("platform", "models")


def check_bootstrap(resolved: ResolvedEnvironment, catalog: Catalog, report: Reporter) -> None:
    """The section fits the account, the state, and the names by which roles recognise what is theirs."""
    environment = resolved.environment
    spec = environment.bootstrap
    if spec is None:
        return
    if environment.aws is None:
        report.add(
            ("bootstrap",), "makes what an AWS account needs, and cloud.provider is none", hint="remove bootstrap"
        )
        return
    if environment.delivery.stacks != "layered":
        message = "has a role for each layer, and with delivery.stacks: single there are no layers to apply"
        report.add(("bootstrap",), message, hint="set delivery.stacks: layered, or leave bootstrap out")
    _name(environment, report)
    _cluster_name(environment, report)
    if spec.state_bucket is not None:
        _lock(spec.state_bucket, report)
        _bucket(environment, state_location(environment.state.backend), report)
        _key(environment, state_key(environment.state.secrets_provider), report)
    _account(environment, spec, report)
    _ci(spec, report)
    if spec.permissions_boundary is None:
        _within_boundary(environment, catalog, report)
    _access(environment, report)


def _cluster_name(environment: Environment, report: Reporter) -> None:
    """Roles know what stands around a cluster that others made by the beginning of its name."""
    cluster = environment.cluster
    if isinstance(cluster, EksExistingClusterSpec) and len(cluster.name) > names.LONGEST_CLUSTER:
        message = (
            f"has {len(cluster.name)} characters; with bootstrap at most {names.LONGEST_CLUSTER} are allowed, since "
            "roles know what stands around it by the beginning of its name, and longer names are cut off"
        )
        report.add(("cluster", "name"), message, hint="leave bootstrap out")


def _name(environment: Environment, report: Reporter) -> None:
    if len(environment.name) > names.LONGEST_ENVIRONMENT:
        message = (
            f"has {len(environment.name)} characters; with bootstrap at most {names.LONGEST_ENVIRONMENT} are allowed, "
            "since roles know what is theirs by the beginning of its name, and longer names are cut off"
        )
        report.add(("name",), message)
    part = names.within_reach(environment.name, environment.account)
    if part:
        before = environment.name.partition(f"-{part}")[0]
        message = f"{environment.name!r} holds -{part}: roles of an environment {before!r} would reach what is its own"
        report.add(("name",), message, hint=f"a name without -{part}")


def _lock(spec: StateBucketSpec, report: Reporter) -> None:
    lock = spec.object_lock
    if lock is not None and lock.days > spec.old_versions_days:
        message = f"no version goes after {spec.old_versions_days} days while each is locked for {lock.days}"
        report.add(("bootstrap", "stateBucket", "oldVersionsDays"), message, hint=f"write {lock.days} or more")


def _bucket(environment: Environment, location: StateLocation | None, report: Reporter) -> None:
    """The backend is a bucket in the environment's region that no pattern for stores reaches."""
    path = ("state", "backend")
    region, account = environment.region, environment.account
    example = f"s3://bedplate-state-{environment.name}-{account}?region={region}"
    if location is None:
        message = f"{environment.state.backend!r} names no S3 bucket, and bootstrap.stateBucket makes one"
        report.add(path, message, hint=f"for example {example}, or leave stateBucket out")
        return
    _in_region(path, location.region, region, "the bucket", report)
    own = location.bucket.startswith(names.bucket_prefix(account, environment.name))
    if _legal(path, "s3Bucket", location.bucket, report) and own:
        message = f"bucket {location.bucket!r} begins like those of stores, which the role of the cluster layer manages"
        report.add(path, message, hint=f"for example {example}")


def _key(environment: Environment, key: StateKey | None, report: Reporter) -> None:
    """The secrets provider is an alias in the environment's region."""
    path = ("state", "secretsProvider")
    region = environment.region
    if key is None or not key.alias or key.reference != key.alias:
        example = f"awskms://alias/bedplate-state-{environment.name}?region={region}"
        message = f"{environment.state.secrets_provider!r} names no alias of a KMS key, and bootstrap makes the key"
        report.add(path, message, hint=f"for example {example}, or leave bootstrap.stateBucket out")
        return
    _in_region(path, key.region, region, "the key", report)
    _legal(path, "kmsAlias", key.alias, report)


def _in_region(path: Path, said: str, region: str, what: str, report: Reporter) -> None:
    """What bootstrap makes stands where the environment does, and the URL has to say so."""
    if said != region:
        message = f"says region {said or 'nothing'}, and bootstrap makes {what} in {region}"
        report.add(path, message, hint=f"end it with ?region={region}")


def _legal(path: Path, kind: str, name: str, report: Reporter) -> bool:
    """Whether AWS takes `name`; what it refuses is reported."""
    refusal = check_name(kind, name)
    if refusal:
        report.add(path, refusal)
    return not refusal


def _account(environment: Environment, spec: BootstrapSpec, report: Reporter) -> None:
    account = environment.account
    for index, operator in enumerate(spec.operators):
        if operator.split(":")[4] != account:
            message = f"{operator} stands in another account than {account}, whose key it could not use"
            report.add(("bootstrap", "operators", index), message)
        if operator in spec.operators[:index]:
            report.add(("bootstrap", "operators", index), f"{operator} is listed twice")
    boundary = spec.permissions_boundary
    if boundary and boundary.split(":")[4] != account:
        message = f"{boundary} stands in another account than {account}: IAM takes a boundary from the role's own"
        report.add(("bootstrap", "permissionsBoundary"), message)


def _ci(spec: BootstrapSpec, report: Reporter) -> None:
    makers: dict[str, str] = {}
    for index, ci in enumerate(spec.ci):
        path = ("bootstrap", "ci", index)
        if not ci.trusts():
            report.add(path, f"{ci.name!r} has no duty: neither plan nor a layer under apply")
        if not ci.existing and ci.issuer in makers:
            message = f"{makers[ci.issuer]!r} makes trust in this issuer already, and an account knows each once"
            report.add((*path, "issuer"), message, hint="set existing: true here")
        if not ci.existing:
            makers.setdefault(ci.issuer, ci.name)


def _within_boundary(environment: Environment, catalog: Catalog, report: Reporter) -> None:
    """The boundary that bootstrap makes holds the policies that the environment names itself."""
    held = attachable_policies(catalog.iam_boundaries.values(), "cluster")
    for index, addon in enumerate(environment.addons):
        for position, arn in enumerate(addon.policies if addon.source == "eks" else ()):
            if arn not in held:
                path = ("addons", index, "policies", position)
                message = (
                    f"the permissions boundary that bootstrap makes does not hold {arn}, and would take its rights"
                )
                report.add(path, message, hint="state bootstrap.permissionsBoundary, one of your own that holds them")
    keys = sorted({key for pool in environment.karpenter_pools if (key := pool.disk.kms_key_arn)})
    if len(keys) > names.MOST_DISK_KEYS:
        message = (
            f"Karpenter's pools name {len(keys)} keys for disks, and the permissions boundary that bootstrap makes has "
            f"room for {names.MOST_DISK_KEYS}"
        )
        report.add(("nodePools",), message, hint="state bootstrap.permissionsBoundary, one of your own that holds them")


def _access(environment: Environment, report: Reporter) -> None:
    """The roles that apply Kubernetes objects get into the cluster."""
    if isinstance(environment.cluster, ExistingClusterSpec):
        return
    admitted = {entry.principal for entry in environment.cluster.access}
    for layer in _IN_THE_CLUSTER:
        arn = names.role_arn(environment.account, environment.name, layer)
        if arn not in admitted:
            hint = f"add {{name: deploy-{layer}, principal: {arn}, policy: clusterAdmin}}"
            report.add(("cluster", "access"), f"does not admit the role that applies layer {layer}", hint=hint)
