"""Explicit providers of one stack: nothing is ever made with credentials that happen to lie around."""

from __future__ import annotations

from functools import cached_property

import pulumi
import pulumi_aws as aws

from bedplate.environment.environment import Environment
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.units.writer import PULUMI
from components.base import ClusterHandle, PlatformComponent
from components.bootstrap.names import ROLE_MAKERS, boundary_arn
from components.cluster.provider import stand_in_provider

_ROLE = "aws:iam/role:Role"


class Providers:
    """The AWS provider of a stack, made when something is first registered with it."""

    def __init__(self, resolved: ResolvedEnvironment) -> None:
        self._environment = resolved.environment
        self._stand_ins: dict[str, pulumi.ProviderResource] = {}

    def in_cluster(self, cluster: ClusterHandle, layer: str) -> pulumi.ResourceOptions:
        """Options of a component of `layer` that is made of objects of `cluster`: whoever delivers the layer applies
        them.
        """
        writer = self._environment.delivery.writer(layer)
        if writer == PULUMI:
            return pulumi.ResourceOptions(providers=[cluster.provider])
        if writer not in self._stand_ins:
            self._stand_ins[writer] = stand_in_provider(writer)
        return pulumi.ResourceOptions(providers=[self._stand_ins[writer]])

    @cached_property
    def on_aws(self) -> pulumi.ResourceOptions:
        """Options of a component in the environment's account; another account's credentials are refused."""
        provider = aws.Provider(
            "aws",
            region=self._environment.region,
            allowed_account_ids=[self._environment.account],
            default_tags=aws.ProviderDefaultTagsArgs(tags=default_tags(self._environment)),
        )
        transformations = [_bounded(self._environment)] if self._environment.bootstrap else None
        return pulumi.ResourceOptions(providers=[provider], transformations=transformations)


def _bounded(environment: Environment) -> pulumi.ResourceTransformation:
    """Gives every role that a layer makes the permissions boundary of its layer, without which it could not be made.

    It stands here, and not in each component, because a role that forgot it would be refused by AWS alone.
    """
    spec, account = environment.bootstrap, environment.account

    def bound(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        maker = args.opts.parent
        if args.type_ != _ROLE or not isinstance(maker, PlatformComponent) or maker.place.layer not in ROLE_MAKERS:
            return None
        own = spec.permissions_boundary if spec else None
        boundary = own or boundary_arn(account, environment.name, maker.place.layer)
        return pulumi.ResourceTransformationResult({**args.props, "permissions_boundary": boundary}, args.opts)

    return bound


def default_tags(environment: Environment) -> dict[str, str]:
    """Tags of everything in the account: whose it is, and how much is at stake."""
    return {
        "bedplate:environment": environment.name,
        "bedplate:tier": environment.tier,
        "bedplate:owner": environment.ownership.owner,
        "bedplate:contact": environment.ownership.contact,
    }
