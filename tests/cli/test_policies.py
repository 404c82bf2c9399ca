"""`bedplate policies`: every policy that judges an environment, and the cases of the repository's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from bedplate.output.schemas import schema
from bedplate.policy.discover import rules
from tests.cli.running import run
from tests.extensions.own import POLICY, put, with_on_call
from tests.extensions.test_company import COMPANY
from tests.support.environments import PLATFORM, read, write

NAME = "people/german-numbers"
FILE = "extensions/policies/people/german_numbers"
CASE = """
- name: {name}
  resources:
    - name: on-call-research
      type: kubernetes:core/v1:ConfigMap
      inputs: {{apiVersion: v1, kind: ConfigMap, metadata: {{name: on-call}}, data: {{phone: "{phone}"}}}}
  expect: {expect}
"""
FOUND = '[{resource: on-call-research, path: data.phone, got: "+1", verdict: fail}]'


def case(name: str, phone: str, expect: str = "[]") -> str:
    return CASE.format(name=name, phone=phone, expect=expect)


WHOLE = case("one", "+491") + case("two", "+492") + case("three", "+1", FOUND) + case("four", "+1", FOUND)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = with_on_call(tmp_path)
    put(made, f"{FILE}.py", POLICY)
    put(made, f"{FILE}.yaml", WHOLE)
    return made


def test_the_list_has_every_policy_with_its_level_in_the_environment(root: Path) -> None:
    level = {"policy": NAME, "level": "advisory", "reason": "numbers change in spring"}
    write(root, "environments/dev.yaml", {**read(root, "environments/dev.yaml"), "policies": {"levels": [level]}})
    first, header, *rows = run("policies", "dev", "--root", str(root)).out.splitlines()
    assert first == f"{len(rules()) + 1} policies, 1 of them of this repository"
    assert header.split() == ["policy", "level", "severity", "title"]
    assert len(rows) == len(rules()) + 1
    assert f"{NAME} advisory low Numbers are German" in [" ".join(row.split()) for row in rows]


def test_a_repository_without_policies_lists_the_shipped_ones() -> None:
    assert run("policies", "dev", "--root", str(PLATFORM)).out.startswith(f"{len(rules())} policies\n")


def test_no_policies_of_its_own_to_test_are_told() -> None:
    done = run("policies", "dev", "--test", "--root", str(PLATFORM))
    assert done.out == "no policies of this repository's own in extensions/policies/: there is nothing to test\n"
    assert done.code == 0


def test_cases_that_hold_are_ok(root: Path) -> None:
    done = run("policies", "dev", "--test", "--root", str(root))
    assert (done.code, done.out) == (0, f"{NAME}: ok (4 cases)\n")


@pytest.mark.parametrize(
    ("cases", "problems"),
    [
        (
            WHOLE.replace('phone: "+492"', 'phone: "+1"'),
            [
                'two: found, not expected: {"got":"+1","path":"data.phone","resource":"on-call-research",'
                '"verdict":"fail"}'
            ],
        ),
        (
            WHOLE.replace("path: data.phone, got", "path: data.number, got", 1),
            [
                'three: found, not expected: {"got":"+1","path":"data.phone","resource":"on-call-research",'
                '"verdict":"fail"}',
                'three: expected, not found: {"got":"+1","path":"data.number","resource":"on-call-research",'
                '"verdict":"fail"}',
            ],
        ),
        (
            case("one", "+491"),
            ["cases that pass: 1; at least 2 are needed", "cases that fail: 0; at least 2 are needed"],
        ),
    ],
)
def test_cases_that_do_not_hold_are_told(root: Path, cases: str, problems: list[str]) -> None:
    put(root, f"{FILE}.yaml", cases)
    done = run("policies", "dev", "--test", "--root", str(root))
    assert done.code == 1
    first, *others = done.out.splitlines()
    assert first.startswith(f"{NAME}: fails (")
    assert others == [f"  {problem}" for problem in problems]


def test_a_policy_without_cases_does_not_count_as_tested(root: Path) -> None:
    (root / f"{FILE}.yaml").unlink()
    done = run("policies", "dev", "--test", "--root", str(root))
    assert (done.code, done.out) == (1, f"{NAME}: fails (0 cases)\n  has no cases: write {FILE}.yaml\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- name: one\n  resources: [\n", f"{FILE}.yaml:3:1: is not YAML: "),
        ("name: one\n", f"{FILE}.yaml:1:1: must be a list of cases"),
        (
            "- one\n",
            f"{FILE}.yaml:1:1: [0]: must be a mapping\n  allowed: name, resources, expect, tier, environment, day",
        ),
        ("- {name: a, resources: []}\n", f"{FILE}.yaml:1:1: [0].expect: is required"),
        (
            "- {name: a, resources: [], expect: [], when: now}\n",
            f"{FILE}.yaml:1:1: [0].when: is no key of a case\n"
            "  allowed: name, resources, expect, tier, environment, day",
        ),
        ("- {name: a, resources: {}, expect: []}\n", f"{FILE}.yaml:1:1: [0].resources: must be a list"),
        (
            "- {name: a, resources: [], expect: [{path: x}]}\n",
            f"{FILE}.yaml:1:1: [0].expect[0]: is no finding\n  allowed: resource, path, got, verdict",
        ),
    ],
)
def test_a_file_that_holds_no_cases_is_told(root: Path, text: str, message: str) -> None:
    put(root, f"{FILE}.yaml", text)
    done = run("policies", "dev", "--test", "--root", str(root))
    assert done.code == 2
    assert done.err.startswith(f"1 problem in the input\n{message}")


def test_the_cases_of_the_made_up_company_hold_and_the_answer_keeps_to_its_schema() -> None:
    done = run("policies", "plant", "--test", "--json", "--root", str(COMPANY))
    assert list(Draft202012Validator(schema("policies")).iter_errors(done.json)) == []
    assert done.json["tests"] == [{"policy": "plants/racks-known", "cases": 4, "problems": []}]


@pytest.mark.parametrize(
    ("more", "found"),
    [({}, "ok: 1 of this repository's own"), ({"extensions/policies/people/other.py": ""}, "missing: 1 problem")],
)
def test_doctor_counts_the_repositorys_own_policies_and_tells_those_that_are_wrong(
    root: Path, more: dict[str, str], found: str
) -> None:
    for path, text in more.items():
        put(root, path, text)
    checks = run("doctor", "--json", "--root", str(root)).json["checks"]
    assert [f"{item['state']}: {item['found']}" for item in checks if item["name"] == "policies"] == [found]


def test_doctor_says_nothing_of_policies_where_a_repository_has_none_of_its_own() -> None:
    checks = run("doctor", "--json", "--root", str(PLATFORM)).json["checks"]
    assert "policies" not in [item["name"] for item in checks]
