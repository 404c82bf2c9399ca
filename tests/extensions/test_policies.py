"""Policies of a repository's own: found, judged, levelled and waived like the shipped ones, told where they fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bedplate.cli.pipeline import review
from bedplate.graph.values import Json
from bedplate.model.source import InputError
from bedplate.policy.cases import read_cases
from bedplate.policy.discover import rules
from bedplate.policy.own import rules_for
from tests.cli.running import run
from tests.extensions.own import POLICY, change, put, with_on_call
from tests.support.environments import PLATFORM, TODAY, read, write

FILE = "extensions/policies/people/german_numbers.py"
NAME = "people/german-numbers"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository whose policy its own component breaks."""
    made = with_on_call(tmp_path)
    put(made, FILE, POLICY)
    change(made, "environments/dev.yaml", "+4930123456", "+1930123456")
    return made


def result(root: Path) -> dict[str, Json]:
    report = review(root, "dev", TODAY).policies.to_json()
    (found,) = (item for item in report["results"] if item["policy"] == NAME)
    return {**found, "blocked": report["blocked"], "problems": report["problems"]}


def told(root: Path) -> str:
    with pytest.raises(InputError) as error:
        review(root, "dev", TODAY)
    return str(error.value)


def test_own_and_shipped_rules_are_judged_together_in_the_order_of_their_ids(root: Path) -> None:
    ids = [rule.id for rule in rules_for(root)]
    assert ids == sorted([NAME, *(rule.id for rule in rules())])
    assert (result(root)["verdict"], result(root)["blocked"]) == ("fail", True)


def test_a_repository_without_policies_has_the_shipped_rules() -> None:
    assert rules_for(PLATFORM) is rules()
    assert rules_for(None) is rules()


def test_an_environment_sets_its_level(root: Path) -> None:
    level = {"policy": NAME, "level": "advisory", "reason": "numbers change in spring"}
    write(root, "environments/dev.yaml", {**read(root, "environments/dev.yaml"), "policies": {"levels": [level]}})
    assert (result(root)["level"], result(root)["blocked"], result(root)["problems"]) == ("advisory", False, [])


def test_the_floor_holds_it_up(root: Path) -> None:
    level = {"policy": NAME, "level": "advisory", "reason": "numbers change in spring"}
    write(root, "environments/dev.yaml", {**read(root, "environments/dev.yaml"), "policies": {"levels": [level]}})
    floor = {"schema": "bedplate.floor/v1", "policies": [{"policy": NAME, "level": "mandatory"}]}
    write(root, "environments/_floor.yaml", floor)
    assert "policies.levels[0].level: advisory is looser than the floor, mandatory" in told(root)


def test_a_finding_of_it_is_waived(root: Path) -> None:
    waiver = {
        "policy": NAME,
        "target": "ConfigMap research/on-call",
        "reason": "the line is shared with another country",
        "owner": "ada@example.org",
        "approver": "grace@example.org",
        "expires": "2026-12-31",
    }
    write(root, "environments/dev.yaml", {**read(root, "environments/dev.yaml"), "policies": {"waivers": [waiver]}})
    assert (result(root)["blocked"], result(root)["problems"]) == (False, [])


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        (
            "extensions/policies/workloads/images_pinned.py",
            POLICY,
            "extensions/policies/workloads/images_pinned.py:1:1: workloads/images-pinned is a policy of Bedplate's "
            "own: call it differently, or set the level of that one",
        ),
        (
            FILE,
            "def check(resource, context):\n    yield from ()\n",
            f"{FILE}:1:1: needs a constant POLICY of type Policy and a function check (bedplate.policy.policy)",
        ),
        (
            FILE,
            "import pulumi_aws\n",
            f"{FILE}:1:1: imports pulumi_aws: policies look at what was recorded, and know no Pulumi",
        ),
        (FILE, "POLICY = Policy(\n", f"{FILE}:1:16: is not Python: '(' was never closed"),
        (FILE, "\nPOLICY = Policy()\n", f"{FILE}:2:1: cannot be imported: NameError: name 'Policy' is not defined"),
        (
            "extensions/policies/people/numbers/german.py",
            POLICY,
            "extensions/policies/people/numbers:1:1: is a folder, and policies are files of their group",
        ),
        ("extensions/policies/loose.py", POLICY, "extensions/policies/loose.py:1:1: belongs into a folder of its own"),
        (
            "extensions/policies/people/German-numbers.py",
            POLICY,
            "extensions/policies/people/German-numbers.py:1:1: 'German-numbers' is no name for its code: names are "
            "lower-case words of letters and digits, joined by underscores",
        ),
    ],
)
def test_a_file_that_is_no_policy_is_told_by_plan_and_by_validate(
    tmp_path: Path, file: str, text: str, message: str
) -> None:
    root = with_on_call(tmp_path)
    put(root, file, text)
    assert told(root) == message
    done = run("validate", "--root", str(root))
    assert (done.code, done.out) == (2, f"dev: 1 problem\n  {message}\n")


def test_every_policy_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    root = with_on_call(tmp_path)
    for name in ("one", "two"):
        put(root, f"extensions/policies/people/{name}.py", "")
    assert told(root).count("needs a constant POLICY") == 2


def test_a_check_that_fails_is_told_at_its_line_and_never_counts_as_passed(root: Path) -> None:
    change(root, FILE, 'resource.inputs["data"]["phone"].startswith', 'resource.inputs["phone"].startswith')
    line = next(n for n, text in enumerate((root / FILE).read_text(encoding="utf-8").splitlines(), 1) if "if " in text)
    assert told(root) == f"{FILE}:{line}:1: {NAME} fails on ConfigMap research/on-call: KeyError: 'phone'"


def test_a_check_that_gives_no_finding_is_told(root: Path) -> None:
    change(root, FILE, "yield Finding(", "yield dict(")
    assert told(root).startswith(f"{FILE}:1:1: {NAME} gives {{'path': 'data.phone', ")
    assert told(root).endswith(" for ConfigMap research/on-call, which is no Finding")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("path=5", "whose path is no text"),
        ('want=""', "which does not say what is wanted"),
        ('verdict="fail"', "whose verdict is neither fail nor unknown"),
        ("got={1}", "whose got is no JSON"),
    ],
    ids=str,
)
def test_a_finding_that_cannot_be_shown_is_told(root: Path, wrong: str, message: str) -> None:
    key = wrong.partition("=")[0]
    kept = {"path": 'path="a"', "got": "got=1", "want": 'want="b"'} | {key: wrong}
    old = 'Finding(path="data.phone", got=resource.inputs["data"]["phone"], want="+49…")'
    change(root, FILE, old, f"Finding({', '.join(kept.values())})")
    assert told(root).startswith(f"{FILE}:1:1: {NAME} gives Finding(")
    assert told(root).endswith(f" for ConfigMap research/on-call, {message}")


def test_a_check_that_never_ends_to_find_is_told(root: Path) -> None:
    change(root, FILE, "        yield Finding(", "        while True:\n            yield Finding(")
    assert told(root) == f"{FILE}:1:1: {NAME} gives more than 1,000 findings for ConfigMap research/on-call"


@pytest.mark.parametrize("where", ["when it is imported", "when it is asked"])
def test_a_policy_that_leaves_the_program_does_not_let_the_plan_pass(root: Path, where: str) -> None:
    if where == "when it is imported":
        change(root, FILE, "def check(", "raise SystemExit(0)\n\ndef check(")
        message = "cannot be imported: SystemExit: 0"
    else:
        change(root, FILE, "        yield Finding(", "        raise SystemExit(0)\n        yield Finding(")
        message = f"{NAME} fails on ConfigMap research/on-call: SystemExit: 0"
    done = run("plan", "dev", "--root", str(root))
    assert done.code == 2
    assert message in done.err


@pytest.mark.parametrize(
    ("find", "replace", "message"),
    [
        (
            "severity=Severity.LOW",
            'severity="low"',
            "severity of a policy is a Severity, got 'low'\n"
            "  allowed: Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL",
        ),
        (
            "severity=Severity.LOW",
            'severity=Severity.LOW, level="mandatory"',
            "level of a policy is a Level, got 'mandatory'\n  allowed: Level.MANDATORY, Level.ADVISORY, Level.OFF",
        ),
        (
            'targets=("kubernetes:core/v1:ConfigMap",)',
            'targets="kubernetes:core/v1:ConfigMap"',
            "targets of a policy are a tuple of resource types, got 'kubernetes:core/v1:ConfigMap'",
        ),
        ('title="Numbers are German"', "title=None", "title of a policy is a text, got None"),
    ],
    ids=["severity", "level", "targets", "title"],
)
def test_a_policy_of_other_types_is_refused_since_it_would_never_block_or_never_look(
    root: Path, find: str, replace: str, message: str
) -> None:
    change(root, FILE, find, replace)
    assert told(root) == f"{FILE}:4:1: {message}"


def test_what_a_policy_prints_does_not_mix_with_the_answer_that_programs_read(root: Path) -> None:
    change(
        root,
        FILE,
        "def check(resource, context):",
        'print("loaded")\n\ndef check(resource, context):\n    print("asked")',
    )
    done = run("plan", "dev", "--json", "--root", str(root))
    assert json.loads(done.out)
    assert "loaded" in done.err
    assert "asked" in done.err


@pytest.mark.parametrize("data", [b"\xff", b"- {name: \x01}", b"[" * 5000], ids=["no text", "control", "depth"])
def test_cases_that_no_reader_takes_are_told_and_no_defect(data: bytes) -> None:
    with pytest.raises(InputError, match=r"cases\.yaml:[0-9]+:1: is not YAML: "):
        read_cases(data, "cases.yaml", NAME)
