"""A bootstrap section, and the component made of it, for the tests beside this file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bedplate.catalog.catalog import load
from bedplate.graph.graph import Graph
from components.bootstrap import names
from components.bootstrap.component import Bootstrap, IamTables, StatePlace
from components.bootstrap.duties import Duties, Surroundings
from components.bootstrap.location import state_key, state_location
from components.bootstrap.spec import BootstrapSpec
from tests.support.aws_program import ACCOUNT, REGION, record_on_aws

ADMINS = f"arn:aws:iam::{ACCOUNT}:role/platform-admins"
BUCKET = "example-state-prod"
ALIAS = "alias/example-state-prod"
GITHUB = "https://token.actions.githubusercontent.com"
REPOSITORY = "repo:example/platform"

CI: Mapping[str, Any] = {
    "name": "github",
    "issuer": GITHUB,
    "plan": {"subjects": [f"{REPOSITORY}:pull_request"]},
    "apply": {layer: {"subjects": [f"{REPOSITORY}:environment:prod-{layer}"]} for layer in names.APPLYING_LAYERS},
}


def section(**fields: Any) -> BootstrapSpec:
    """A section with a bucket of its own and one CI system, with `fields` instead where given."""
    return BootstrapSpec.model_validate({"stateBucket": {}, "operators": [ADMINS], "ci": [CI], **fields})


def surroundings(environment: str = "prod", **fields: Any) -> Surroundings:
    """What `environment` names, with `fields`."""
    return Surroundings(**{"cluster": names.prefix(environment), **fields})


def duties(
    environment: str = "prod",
    *,
    spec: BootstrapSpec | None = None,
    purge: bool = False,
    around: Surroundings | None = None,
) -> Duties:
    """The duties of `environment`, with the catalogue that is shipped."""
    catalog = load()
    return Duties(
        spec or section(),
        environment=environment,
        account=ACCOUNT,
        region=REGION,
        state=state_location(f"s3://{BUCKET}?region={REGION}"),
        key=state_key(f"awskms://{ALIAS}?region={REGION}"),
        stacks=tuple(f"{environment}.{layer}" for layer in names.APPLYING_LAYERS),
        purge=purge,
        around=around or surroundings(environment),
        actions=tuple(catalog.iam_actions.values()),
        boundaries=tuple(catalog.iam_boundaries.values()),
    )


def bootstrap_graph(environment: str = "prod", *, backend: str = "", secrets: str = "", **fields: Any) -> Graph:
    """The Graph of the component, with `fields` in its section."""
    catalog = load()
    tables = IamTables(actions=tuple(catalog.iam_actions.values()), boundaries=tuple(catalog.iam_boundaries.values()))
    state = StatePlace(
        location=state_location(backend or f"s3://{BUCKET}?region={REGION}"),
        key=state_key(secrets or f"awskms://{ALIAS}?region={REGION}"),
    )
    return record_on_aws(
        lambda opts: Bootstrap(
            "bootstrap",
            section(**fields),
            environment=environment,
            account=ACCOUNT,
            region=REGION,
            state=state,
            stacks=[f"{environment}.{layer}" for layer in names.APPLYING_LAYERS],
            purge=False,
            around=surroundings(environment),
            tables=tables,
            opts=opts,
        )
    )
