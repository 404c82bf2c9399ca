from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bedplate.cli.planning import replacement_rules
from bedplate.environment.expected import read_differences
from bedplate.environment.load import load
from bedplate.graph.values import pretty
from bedplate.output.differences import differences
from bedplate.output.explanation import explain
from bedplate.output.manifests import manifests
from bedplate.output.origin import why
from bedplate.output.owners import Owners
from bedplate.output.plan import Base, make_plan
from bedplate.output.schemas import schema
from bedplate.output.validation import validate
from tests.output.requests import request
from tests.support.environments import PLATFORM, ROOT, dev, dev_recorded, dev_review

REAL: Mapping[str, Callable[[], Any]] = {
    "diff": lambda: differences(dev(), load(ROOT, "prod"), read_differences(ROOT)).to_json(),
    "explain": lambda: explain(dev(), "nodePools[l4].size").to_json(),
    "graph": lambda: dev_review().graph.to_json(),
    "manifests": lambda: manifests(dev_recorded(), delivery="flux", path="").to_json(),
    "owners": lambda: Owners("dev", dev().environment).to_json(),
    "plan": lambda: make_plan(dev_review(), Base("nothing", None), replacement_rules(PLATFORM)).to_json(),
    "pr": lambda: request().to_json(),
    "review": lambda: dev_review().to_json(),
    "validate": lambda: validate(PLATFORM, ["dev", "nope"]).to_json(),
    "why": lambda: why(dev(), dev_review().graph, "Deployment research/chat-predictor").to_json(),
}


@pytest.mark.parametrize("name", sorted(REAL))
def test_real_output_keeps_to_its_published_schema(name: str) -> None:
    document = REAL[name]()
    Draft202012Validator.check_schema(schema(name))
    errors = [error.message for error in Draft202012Validator(schema(name)).iter_errors(document)]
    assert errors == []
    assert document["schema"] == f"bedplate.{name}/v1"
    assert pretty(document)


@pytest.mark.parametrize("name", sorted(REAL))
def test_a_key_that_no_schema_knows_is_refused(name: str) -> None:
    assert not Draft202012Validator(schema(name)).is_valid({**REAL[name](), "surplus": 1})


def test_every_published_schema_has_real_output_held_against_it() -> None:
    published = {path.stem for path in (ROOT / Path("docs/reference/schemas")).glob("*.json")}
    # The others are held against their schemas where they are made, in tests/cli.
    made = {"codeowners", "compat", "error", "files", "gates", "policies", "record", "upgrade", "upgrade-run"}
    assert published == {*REAL, *made}
