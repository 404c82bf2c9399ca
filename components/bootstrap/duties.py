"""Who may do what: the statements of each role of the bootstrap layer. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bedplate.catalog.iam_rows import BoundaryPolicy, Duty, IamActions
from components.bootstrap import names
from components.bootstrap.location import StateKey, StateLocation
from components.bootstrap.rights import (
    APPLY,
    PLAN,
    Reach,
    attachable_policies,
    boundary_statements,
    layer_statements,
    numbered,
)
from components.bootstrap.spec import BootstrapSpec
from components.bootstrap.state_rights import hands_off, key_statement, state_statements
from components.iam import Statement

# The kubeconfig is an output of the cluster's stack.
_READS = {"bootstrap": (), "cluster": (), "platform": ("cluster",), "models": ("cluster",)}
_ON_THE_CLUSTER = ("platform", "models")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the environment names and bootstrap does not make.

    `cluster` is the name of the EKS cluster, and the beginning of the names of what stands around it; `policies` are
    ARNs of policies for add-ons; `cluster_keys` and `disk_keys` ARNs of KMS keys that others keep: for the Secrets of
    the cluster, and for volumes of nodes that Karpenter starts.
    """

    cluster: str
    policies: tuple[str, ...] = ()
    cluster_keys: tuple[str, ...] = ()
    disk_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Duties:
    """The duties of an environment: to plan, and to apply each layer.

    The bootstrap layer has a role only where a CI system is trusted with it. `stacks` are names by layer, in the order
    of `names.APPLYING_LAYERS`; `purge` allows to destroy stores with what they hold.
    """

    spec: BootstrapSpec
    environment: str
    account: str
    region: str
    state: StateLocation | None
    key: StateKey | None
    stacks: tuple[str, ...]
    purge: bool
    around: Surroundings
    actions: tuple[IamActions, ...]
    boundaries: tuple[BoundaryPolicy, ...]

    def wanted(self, duty: str) -> bool:
        """Whether there is a role for `duty`."""
        return duty != "bootstrap" or any("bootstrap" in ci.trusts() for ci in self.spec.ci)

    @property
    def appliers(self) -> tuple[str, ...]:
        """Layers that have a role."""
        return tuple(layer for layer in names.APPLYING_LAYERS if self.wanted(layer))

    def statements(self, duty: str) -> tuple[Statement, ...]:
        """What the role for `duty` may do."""
        return self._to_plan() if duty == "plan" else self._to_apply(duty)

    def boundary(self, layer: str) -> tuple[Statement, ...]:
        """The most that roles which `layer` makes may do."""
        return boundary_statements(self.boundaries, self._reach(layer))

    def _to_plan(self) -> tuple[Statement, ...]:
        own = self._state(own=(), reads=self.stacks)
        reads = [
            statement
            for layer in names.APPLYING_LAYERS
            for statement in layer_statements(self.actions, self._reach(layer), PLAN)
        ]
        return numbered([*own, *reads])

    def _to_apply(self, layer: str) -> tuple[Statement, ...]:
        duties: tuple[Duty, ...] = (*APPLY, "purge") if self.purge and layer != "bootstrap" else APPLY
        # Whether the environment still stands in a single stack is looked up before anything is made in several.
        reads = [self.environment, *(self._stack(name) for name in _READS[layer])]
        statements = list(self._state(own=(self._stack(layer),), reads=reads))
        if layer != "bootstrap":
            path = names.path(self.environment)
            statements += hands_off(self.state, account=self.account, region=self.region, path=path)
        if layer in _ON_THE_CLUSTER:
            arn = f"arn:aws:eks:{self.region}:{self.account}:cluster/{self.around.cluster}"
            statements.append(Statement(sid="FindCluster", actions=("eks:DescribeCluster",), resources=(arn,)))
        statements += layer_statements(self.actions, self._reach(layer), duties)
        return numbered(statements)

    def _state(self, *, own: tuple[str, ...], reads: list[str] | tuple[str, ...]) -> tuple[Statement, ...]:
        found: list[Statement] = []
        if self.state is not None:
            found += state_statements(self.state, own=own, reads=reads)
        if self.key is not None:
            found.append(key_statement(self.key, account=self.account, region=self.region, write=bool(own)))
        return tuple(found)

    def _stack(self, layer: str) -> str:
        return self.stacks[names.APPLYING_LAYERS.index(layer)]

    def _reach(self, layer: str) -> Reach:
        cluster = self.around.cluster
        everything = f"{names.path(self.environment).lstrip('/')}*"
        mine = layer == "bootstrap"
        named = self.around.policies if layer == "cluster" else ()
        boundary = self.spec.permissions_boundary or names.boundary_arn(self.account, self.environment, layer)
        buckets = f"{names.bucket_prefix(self.account, self.environment)}*"
        alias = self.key.alias.removeprefix("alias/") if self.key else ""
        return Reach(
            environment=self.environment,
            account=self.account,
            region=self.region,
            layer=layer,
            cluster=cluster,
            roles=(everything,) if mine else tuple(f"{cluster}-{name}" for name in names.ROLE_NAMES[layer]),
            buckets=((self.state.bucket,) if self.state else ()) if mine else (buckets,),
            aliases=((alias,) if alias else ())
            if mine
            else tuple(sorted({f"{cluster}-*", f"{names.prefix(self.environment)}-*"})),
            policies=(everything,) if mine else (),
            issuers=tuple(names.issuer_host(ci.issuer) for ci in self.spec.ci) if mine else (),
            boundary="" if mine else boundary,
            cluster_keys=self.around.cluster_keys,
            disk_keys=self.around.disk_keys,
            attachable=() if mine else tuple(sorted({*attachable_policies(self.boundaries, layer), *named})),
        )
