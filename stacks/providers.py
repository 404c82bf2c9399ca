"""Explicit providers of one stack: nothing is ever made with credentials that happen to lie around."""

from __future__ import annotations

from functools import cached_property

import pulumi
import pulumi_aws as aws

from bedplate.environment.environment import Environment
from bedplate.environment.resolve import ResolvedEnvironment


class Providers:
    """The AWS provider of a stack, made when something is first registered with it."""

    def __init__(self, resolved: ResolvedEnvironment) -> None:
        self._environment = resolved.environment

    @cached_property
    def on_aws(self) -> pulumi.ResourceOptions:
        """Options of a component in the environment's account; another account's credentials are refused."""
        provider = aws.Provider(
            "aws",
            region=self._environment.region,
            allowed_account_ids=[self._environment.account],
            default_tags=aws.ProviderDefaultTagsArgs(tags=default_tags(self._environment)),
        )
        return pulumi.ResourceOptions(providers=[provider])


def default_tags(environment: Environment) -> dict[str, str]:
    """Tags of everything in the account: whose it is, and how much is at stake."""
    return {
        "bedplate:environment": environment.name,
        "bedplate:tier": environment.tier,
        "bedplate:owner": environment.ownership.owner,
        "bedplate:contact": environment.ownership.contact,
    }
