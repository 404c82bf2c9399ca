"""Reference pages that are generated from the code, so that they cannot say anything else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from bedplate.engine.parity import PROVIDER_DEFAULTS
from bedplate.environment.environment import Environment
from bedplate.environment.expected import DifferencesSpec
from bedplate.environment.floor import FloorSpec
from bedplate.environment.load import load
from bedplate.environment.ownership import PARTS
from bedplate.environment.responsibility import answers
from bedplate.environment.sections import SiteSpec
from bedplate.environment.targets import all_targets
from bedplate.model.schema import json_schema
from bedplate.model.spec import Spec
from bedplate.output.owners import PARTY_WORDS
from bedplate.policy.discover import rules
from components.model_service.spec import ModelRelease

ROOT = Path(__file__).resolve().parents[2]
HEADER = "<!-- Made by `make golden` from the code; do not edit. -->\n\n"
ALLOWED_DIFFERENCES = Path(__file__).parents[1] / "graph" / "derive" / "allowed_differences.yaml"

Schema = Mapping[str, Any]

_PAGES: tuple[tuple[str, type[Spec]], ...] = (
    ("Environment", Environment),
    ("Model release", ModelRelease),
    ("Site (environments/<env>/sites/<site>.yaml)", SiteSpec),
    ("Floor (environments/_floor.yaml)", FloorSpec),
    ("Expected differences (environments/_differences.yaml)", DifferencesSpec),
)


def environment_page() -> str:
    """Every key of the files of a platform repository: meaning, form, default, example."""
    text = "# The environment file, key by key\n\n" + HEADER
    text += "Keys without a default are required. A list item is written `name[]`.\n"
    for title, model in _PAGES:
        schema = json_schema(model, title)
        text += f"\n## {title}\n\n| Key | Meaning | Form | Default | Example |\n| --- | --- | --- | --- | --- |\n"
        text += "".join(_row(*entry) for entry in _entries(schema, schema, ""))
    return text


def policies_page() -> str:
    """Every policy with what it asks, why, and what to do."""
    text = "# Policies\n\n" + HEADER
    for rule in rules():
        policy = rule.policy
        controls = ", ".join(f"{control.framework} {control.id}" for control in policy.controls) or "none"
        text += f"## {rule.id}\n\n**{policy.title}.** {policy.severity}, {policy.level}.\n\n{policy.rationale}\n\n"
        text += f"- What to do: {policy.fix}\n- Controls: {controls}\n\n"
    return text.rstrip() + "\n"


def differences_page() -> str:
    """What is allowed to differ: between recorder and engine, and between derived objects and real ones."""
    text = "# Published differences\n\n" + HEADER
    text += "Tests hold the recorder's Graph against the real engine's registered inputs, and derived objects against\n"
    text += "those that the real KServe controller and Kubernetes make. Only these differences are allowed.\n\n"
    text += "## Inputs that a provider adds\n\n| Resource type | Input | Why |\n| --- | --- | --- |\n"
    for item in PROVIDER_DEFAULTS:
        text += f"| `{item.type}` | `{item.path}` | {item.reason} |\n"
    text += (
        "\nThe engine also registers the stack itself, and `pulumi:providers:pulumi`, which reads the stack below.\n"
    )
    text += "\n## What a real object has beyond the derived one\n\n"
    text += "| Kinds | Path | Value | Why |\n| --- | --- | --- | --- |\n"
    for rule in yaml.safe_load(ALLOWED_DIFFERENCES.read_text(encoding="utf-8")):
        kinds = ", ".join(rule.get("kinds", ["every"]))
        value = f"`{_cell(rule['real'])}`" if "real" in rule else "any"
        text += f"| {kinds} | `{_cell(rule['path'])}` | {value} | {_cell(rule['reason'])} |\n"
    return text


def responsibilities_page() -> str:
    """Every part that somebody answers for, who may, and who does in the shipped environments."""
    text = "# Who answers for what\n\n" + HEADER
    text += "A part that nobody answers for is a finding of the policy [ownership/owned](policies.md).\n\n"
    text += "| Part | Covers | Layer | May be answered by |\n| --- | --- | --- | --- |\n"
    for part, facts in PARTS.items():
        parties = ", ".join(PARTY_WORDS[party] for party in facts.parties)
        text += f"| `{part}` | {facts.covers} | {facts.layer} | {parties} |\n"
    for target in {target.partition(".")[0]: target for target in all_targets(ROOT)}.values():
        environment = load(ROOT, target).environment
        text += f"\n## {environment.name}\n\n{_cell(environment.description)}\n\n"
        text += "| Part | Who | Contact |\n| --- | --- | --- |\n"
        for item in answers(environment):
            who = f"{PARTY_WORDS[item.party]}: {', '.join(item.groups)}" if item.party else item.unowned
            text += f"| `{item.part}` | {_cell(who)} | {_cell(item.contact)} |\n"
    return text


def _entries(root: Schema, schema: Schema, prefix: str) -> Iterator[tuple[str, Schema, bool]]:
    required = set(schema.get("required", ()))
    for name, field in schema.get("properties", {}).items():
        path = f"{prefix}{name}"
        yield path, field, name in required
        for option in _objects(root, field):
            yield from _entries(root, option, f"{path}[]." if _is_list(root, field) else f"{path}.")


def _objects(root: Schema, field: Schema) -> Iterator[Schema]:
    """The object schemas that `field` may hold, itself or as its items."""
    if "$ref" in field:
        yield from _objects(root, root["$defs"][field["$ref"].rpartition("/")[2]])
    elif field.get("type") == "object" and "properties" in field:
        yield field
    elif field.get("type") == "array":
        yield from _objects(root, field.get("items", {}))
    else:
        for option in (*field.get("anyOf", ()), *field.get("oneOf", ())):
            yield from _objects(root, option)


def _is_list(root: Schema, field: Schema) -> bool:
    return field.get("type") == "array"


def _row(path: str, field: Schema, required: bool) -> str:
    default = "" if required or "default" not in field else f"`{_cell(field['default'])}`"
    examples = field.get("examples") or [""]
    example = f"`{_cell(examples[0])}`" if examples[0] not in ("", None) else ""
    return f"| `{path}` | {_cell(field.get('description', ''))} | {_form(field)} | {default} | {example} |\n"


def _form(field: Schema) -> str:
    if "enum" in field or "const" in field:
        return ", ".join(f"`{value}`" for value in field.get("enum", [field.get("const")]))
    words = {"array": "list", "object": "map", "string": "text", "integer": "whole number"}
    kind = words.get(field.get("type", ""), "")
    bounds = [f"{word} {field[key]}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in field]
    return " ".join([kind or str(field.get("type", "")), *bounds]).strip()


def _cell(value: object) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, width=1000).strip() if not isinstance(value, str) else value
    return text.removesuffix("\n...").replace("|", "\\|").replace("\n", " ")
