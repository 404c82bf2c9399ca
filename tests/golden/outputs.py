"""Files that are generated and committed: what each environment renders, and the schemas of its files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bedplate.cli.pipeline import review
from bedplate.cli.planning import replacement_rules
from bedplate.environment.load import load
from bedplate.environment.targets import all_targets, environment_names, targets_of
from bedplate.output.codeowners import DEFAULT_PLACE, codeowners, with_block
from bedplate.output.file_schemas import file_schemas
from bedplate.output.plan import Base, make_plan
from bedplate.output.text import plan_text
from tests.golden.reference import differences_page, environment_page, policies_page, responsibilities_page
from tests.output.generated import generated as output_files

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 21)


def generated() -> Iterator[tuple[Path, str]]:
    """Path below the repository and text of every generated file."""
    for path, text in file_schemas(ROOT).items():
        yield Path(path), text
    pages = {"environment": environment_page, "policies": policies_page, "differences": differences_page}
    pages["responsibilities"] = responsibilities_page
    for name, page in pages.items():
        yield Path(f"docs/reference/{name}.md"), page()
    yield from output_files()
    shipped = [load(ROOT, targets_of(ROOT, name)[0]).environment for name in environment_names(ROOT)]
    yield Path("tests/golden/CODEOWNERS"), with_block("", codeowners(shipped, DEFAULT_PLACE))
    for name in all_targets(ROOT):
        made = review(ROOT, name, TODAY)
        folder = Path("tests/golden") / name
        yield folder / "urns.txt", "".join(f"{item.urn}\n" for item in made.graph if item.derived_from is None)
        plan = make_plan(made, Base("nothing", None), replacement_rules(ROOT))
        yield folder / "plan.txt", plan_text(plan).plain
