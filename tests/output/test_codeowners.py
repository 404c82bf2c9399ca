"""CODEOWNERS from decision rights: the last match decides, and nothing is nobody's."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bedplate.environment.environment import Environment
from bedplate.output.codeowners import DEFAULT_PLACE, UnownedError, codeowners, with_block
from tests.support.environments import dev

RIGHTS: dict[str, Any] = {"cluster": ["@x/c"], "platform": ["@x/p"], "models": ["@x/m"], "waivers": ["w@x.org"]}


def environment(name: str = "dev", tier: str = "development", **rights: Any) -> Environment:
    """The shipped `dev` with another name, tier and rights."""
    plain = dev().environment.model_dump(mode="json", by_alias=True)
    ownership = {**plain["ownership"], "decisionRights": {**RIGHTS, **rights}}
    return Environment.model_validate({**plain, "name": name, "tier": tier, "ownership": ownership})


def owners(text: str, path: str) -> str:
    """Who owns `path`, as the host decides it: the last pattern that is the path, or a folder around it."""
    found = ""
    for line in text.splitlines():
        pattern, _, names = line.partition(" ")
        if pattern == path or (pattern.endswith("/") and path.startswith(pattern)):
            found = names.strip()
    return found


def test_paths_of_an_environment_belong_to_those_who_decide_about_it() -> None:
    text = codeowners([environment()], DEFAULT_PLACE)
    assert owners(text, "/environments/dev.yaml") == "@x/c"
    assert owners(text, "/environments/dev.lock.yaml") == "@x/p"
    assert owners(text, "/environments/dev/sites/a.yaml") == "@x/c"
    assert owners(text, "/environments/models/qwen3-0.6b/1.0.0.yaml") == "@x/m"
    assert owners(text, "/environments/vendor/kserve.yaml") == "@x/p"
    assert owners(text, "/environments/_floor.yaml") == owners(text, "/.github/CODEOWNERS") == "w@x.org"
    assert owners(text, "/environments/_aws.yaml") == owners(text, "/extensions/policies/a.py") == "@x/c"


def test_a_teams_file_is_the_teams_and_another_teams_is_not() -> None:
    text = codeowners([environment()], DEFAULT_PLACE)
    assert owners(text, "/environments/dev/teams/research.yaml") == "@example/research"
    assert owners(text, "/environments/dev/teams/stranger.yaml") == "@x/c"


def test_what_environments_share_belongs_to_those_where_most_is_at_stake() -> None:
    text = codeowners([environment("dev", cluster=["@x/dev"]), environment("prod", "production")], DEFAULT_PLACE)
    assert owners(text, "/environments/_aws.yaml") == "@x/c"
    assert owners(text, "/environments/dev.yaml") == "@x/dev"
    both = [environment("a", "production", waivers=["a@x.org"]), environment("b", "production", waivers=["b@x.org"])]
    assert owners(codeowners(both, DEFAULT_PLACE), "/environments/_floor.yaml") == "a@x.org b@x.org"


def test_every_line_has_owners_in_a_form_that_the_host_reads() -> None:
    for line in codeowners([environment(), environment("prod", "production")], DEFAULT_PLACE).splitlines():
        assert re.fullmatch(r"/[\w./-]+ +[@\w./-]+( [@\w./-]+)*", line), line


def test_a_right_that_names_nobody_is_refused_since_everyone_could_approve_then() -> None:
    with pytest.raises(UnownedError) as refused:
        codeowners([environment(models=[], waivers=[])], DEFAULT_PLACE)
    assert str(refused.value).splitlines() == [
        "dev: ownership.decisionRights.models names nobody",
        "dev: ownership.decisionRights.waivers names nobody",
    ]
    with pytest.raises(UnownedError, match="there is no environment"):
        codeowners([], DEFAULT_PLACE)


def test_a_block_is_put_behind_what_others_wrote_and_replaced_where_it_stands() -> None:
    first = with_block("* @x/all\n", "/a  @x/a\n")
    assert first.splitlines()[0] == "* @x/all"
    assert "/a  @x/a" in first
    second = with_block(first, "/b  @x/b\n")
    assert second == first.replace("/a  @x/a", "/b  @x/b")
    assert with_block(second, "/b  @x/b\n") == second
    assert with_block("", "/a  @x/a\n").startswith("# bedplate: begin")


def test_rules_behind_the_block_are_refused_since_they_would_overrule_it() -> None:
    made = with_block("", "/a  @x/a\n")
    assert with_block(f"{made}\n# the end\n", "/a  @x/a\n") == f"{made}\n# the end\n"
    with pytest.raises(ValueError, match="follows the block and would overrule it"):
        with_block(f"{made}* @x/all\n", "/a  @x/a\n")


def test_broken_marks_are_refused() -> None:
    made = with_block("", "/a  @x/a\n")
    for broken in (made + made, made.replace("# bedplate: end", ""), "\n".join(reversed(made.splitlines()))):
        with pytest.raises(ValueError, match="do not stand once each"):
            with_block(broken, "/a  @x/a\n")
