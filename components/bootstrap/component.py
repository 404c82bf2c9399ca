"""The bootstrap component: where the state is kept, and who may change what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from bedplate.catalog.iam_rows import BoundaryPolicy, IamActions
from components.base import Place, PlatformComponent, safe_name
from components.bootstrap import names
from components.bootstrap.documents import documents
from components.bootstrap.duties import Duties, Surroundings
from components.bootstrap.location import StateKey, StateLocation
from components.bootstrap.spec import BootstrapSpec, StateBucketSpec
from components.bootstrap.state_rights import LAYER_TAG, key_policy
from components.bootstrap.trust import trust_document
from components.bucket import private_bucket
from components.iam import policy_document
from components.security import encryption_key

# The longest apply waits for models to start; a CI run's token is good for as long as it asks, up to this.
_SESSION_SECONDS = 2 * 60 * 60
_TAGS = {LAYER_TAG: "bootstrap"}


@dataclass(frozen=True, slots=True, kw_only=True)
class IamTables:
    """What the catalogue knows of IAM."""

    actions: tuple[IamActions, ...]
    boundaries: tuple[BoundaryPolicy, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePlace:
    """Where the state is and what encrypts it; None for backends and providers that are not S3 and KMS."""

    location: StateLocation | None
    key: StateKey | None


class Bootstrap(PlatformComponent):
    """State bucket and key, trust in a CI system, and one role per layer with the rights that the layer needs.

    Roles can be taken by runs that present a token with the right audience and subject, and by operators. What each may
    do is derived from the types that its layer registers (`Duties`). Roles that a layer makes carry a permissions
    boundary, so that no layer can give more than it has. Everything here stands below an IAM path of its own, out of
    reach of the other layers' roles.

    Bucket and key refuse to be destroyed: without them nobody knows what the environment consists of.
    """

    def __init__(
        self,
        name: str,
        spec: BootstrapSpec,
        *,
        environment: str,
        account: str,
        region: str,
        state: StatePlace,
        stacks: Iterable[str],
        purge: bool,
        around: Surroundings,
        tables: IamTables,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`stacks` are the environment's, named by layer in the order of `names.APPLYING_LAYERS`.

        `purge` says whether stores may be destroyed with what they hold.
        """
        super().__init__(name, Place(layer="bootstrap", entry="bootstrap"), opts)
        self._label = name
        self._spec = spec
        self._environment = environment
        self._account = account
        self._duties = Duties(
            spec,
            environment=environment,
            account=account,
            region=region,
            state=state.location,
            key=state.key,
            stacks=tuple(stacks),
            purge=purge,
            around=around,
            actions=tables.actions,
            boundaries=tables.boundaries,
        )
        if spec.state_bucket is not None and state.location is not None and state.key is not None:
            self._create_state(spec.state_bucket, state.location, state.key, region)
        self._create_providers()
        if spec.permissions_boundary is None:
            self._create_boundaries()
        for duty in ("plan", *names.APPLYING_LAYERS):
            if self._duties.wanted(duty):
                self._create_role(duty)
        self.register_outputs({})

    def _create_state(self, spec: StateBucketSpec, location: StateLocation, key: StateKey, region: str) -> None:
        """The key first: the bucket's objects are encrypted with it, and so are the secrets inside them."""
        made = encryption_key(
            self,
            f"{self._label}-state-key",
            alias=key.alias,
            description=f"State of environment {self._environment}",
            account=self._account,
            recovery_days=spec.key_recovery_days,
            tags=dict(_TAGS),
            protect=True,
            policy=self._key_policy(),
        )
        bucket = private_bucket(
            self,
            f"{self._label}-state",
            name=location.bucket,
            region=region,
            key=made,
            old_versions_days=spec.old_versions_days,
            tags=dict(_TAGS),
            protect=True,
            object_lock=spec.object_lock is not None,
        )
        if spec.object_lock is not None:
            retention = aws.s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(
                mode=spec.object_lock.mode.upper(), days=spec.object_lock.days
            )
            aws.s3.BucketObjectLockConfiguration(
                f"{self._label}-state-lock",
                aws.s3.BucketObjectLockConfigurationInitArgs(
                    bucket=bucket.bucket.bucket,
                    object_lock_enabled="Enabled",
                    rule=aws.s3.BucketObjectLockConfigurationRuleArgs(default_retention=retention),
                ),
                opts=self.child(depends_on=[bucket.versioning]),
            )

    def _key_policy(self) -> str:
        appliers = [names.role_arn(self._account, self._environment, duty) for duty in self._duties.appliers]
        reader = names.role_arn(self._account, self._environment, "plan")
        users = sorted([*self._spec.operators, *appliers])
        return policy_document(key_policy(self._account, users=users, readers=[reader]))

    def _create_providers(self) -> None:
        """Trust in each issuer that the account does not know yet. Thumbprints are left to AWS."""
        for ci in self._spec.ci:
            if not ci.existing:
                aws.iam.OpenIdConnectProvider(
                    f"{self._label}-{ci.name}",
                    aws.iam.OpenIdConnectProviderArgs(url=ci.issuer, client_id_lists=[ci.audience], tags=dict(_TAGS)),
                    opts=self.child(),
                )

    def _create_boundaries(self) -> None:
        for layer in names.ROLE_MAKERS:
            self._create_policy(
                f"boundary-{layer}",
                policy_name=names.boundary_name(self._environment, layer),
                description=f"The most that roles made by layer {layer} of {self._environment} can do",
                document=policy_document(self._duties.boundary(layer)),
            )

    def _create_policy(self, part: str, *, policy_name: str, description: str, document: str) -> aws.iam.Policy:
        return aws.iam.Policy(
            f"{self._label}-{part}",
            aws.iam.PolicyArgs(
                name=policy_name,
                path=names.path(self._environment),
                description=description,
                policy=document,
                tags=dict(_TAGS),
            ),
            opts=self.child(),
        )

    def _create_role(self, duty: str) -> None:
        """The role for `duty`, with as many policies as its rights take."""
        title = names.role_name(self._environment, duty)
        role = aws.iam.Role(
            f"{self._label}-{duty}",
            aws.iam.RoleArgs(
                name=title,
                path=names.path(self._environment),
                assume_role_policy=trust_document(self._spec, duty, account=self._account),
                max_session_duration=_SESSION_SECONDS,
                tags=dict(_TAGS),
            ),
            opts=self.child(),
        )
        for group, document in documents(self._duties.statements(duty)).items():
            policy = self._create_policy(
                f"{duty}-{group}",
                policy_name=safe_name("iamPolicy", title, group),
                description=f"Part {group} of the rights of {title}",
                document=document,
            )
            aws.iam.RolePolicyAttachment(
                f"{self._label}-{duty}-{group}",
                aws.iam.RolePolicyAttachmentArgs(role=role.name, policy_arn=policy.arn),
                opts=self.child(),
            )
