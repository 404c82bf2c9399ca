"""Two versions of the tool over the same files: what is deleted, replaced, renamed, found and allowed."""

from __future__ import annotations

from typing import Any, cast

import pytest

from bedplate.graph.graph import Graph
from bedplate.graph.replacement import ReplacementRule
from bedplate.graph.resource import Resource
from bedplate.graph.values import freeze
from bedplate.output.compat import Compat, EnvironmentCompat, RecordError, compat, identity, made_of
from bedplate.output.compat_text import compat_text
from bedplate.output.documents.compat import FoundDocument, MadeDocument, RecordDocument
from bedplate.output.exits import Exit
from tests.output.builders import aws, graph, platform, policies, review, violation

RULES = {"aws:s3/bucket:Bucket": ReplacementRule(paths=("bucket", "tags.home"))}
KEY = {"required": False, "kind": "text", "values": []}


def record(made: MadeDocument | None, **overrides: Any) -> RecordDocument:
    """A record of one environment."""
    plain: dict[str, Any] = {
        "schema": "bedplate.record/v1",
        "tool": "1",
        "day": "2026-11-21",
        "files": "sha256:a",
        "formats": ["bedplate.graph/v1"],
        "keys": {"environment": {"name": KEY}},
        "environments": {} if made is None else {"dev": made},
    }
    return cast(RecordDocument, plain | overrides)


def of(content: Graph, **overrides: Any) -> MadeDocument:
    return made_of(review(content, **overrides), RULES)


def between(before: MadeDocument, after: MadeDocument) -> EnvironmentCompat:
    (found,) = compat(record(before), record(after)).environments
    return found


def bucket(name: str = "weights", **inputs: Any) -> Graph:
    return graph(aws("s3/bucket:Bucket", name, inputs))


def test_the_same_objects_break_nothing() -> None:
    found = compat(record(of(platform())), record(of(platform())))
    assert found.exit is Exit.OK
    assert "dev: the same" in compat_text(found).plain
    assert found.environments == (EnvironmentCompat("dev"),)


def test_an_object_under_another_name_is_deleted_and_made_again() -> None:
    found = between(of(bucket("a")), of(bucket("b")))
    assert [urn.rpartition("::")[2] for urn in (*found.gone, *found.new)] == ["a", "b"]
    assert found.exit is Exit.INTEGRITY


def test_an_alias_takes_an_object_over() -> None:
    (old,) = bucket("a").registered
    new = Resource(
        urn=old.urn.replace("::a", "::b"), type=old.type, name="b", options=freeze({"aliases": [{"urn": old.urn}]})
    )
    found = between(of(bucket("a")), of(graph(new)))
    assert found.renamed == (f"{old.urn} → {new.urn}",)
    assert (found.gone, found.new, found.exit) == ((), (), Exit.OK)


def test_inputs_of_another_identity_replace_an_object_and_others_do_not() -> None:
    before = of(bucket(bucket="a", tags={"home": "x", "cost": "1"}, acl="private"))
    assert between(before, of(bucket(bucket="a", tags={"home": "x", "cost": "2"}))).exit is Exit.OK
    found = between(before, of(bucket(bucket="b", tags={"home": "y"})))
    assert [text.partition(": ")[2] for text in found.replaced] == ["bucket, tags.home"]
    assert found.exit is Exit.INTEGRITY
    assert between(before, of(bucket(bucket="a"))).replaced[0].endswith(": tags.home")


def test_an_input_whose_rule_only_one_version_knew_tells_nothing() -> None:
    (old,) = bucket(bucket="a", tags={"home": "x"}).registered
    (new,) = bucket(bucket="a", tags={"home": "y"}).registered
    fewer = ReplacementRule(paths=("bucket",))
    before = MadeDocument(identities={old.urn: identity(old, fewer)}, findings=[])
    assert between(before, of(graph(new))).replaced == ()
    assert identity(old, None) == {}


def test_findings_come_and_go_and_only_blocking_ones_break() -> None:
    blocking, mild = policies(violation()), policies(violation(blocks=False))
    found = between(of(platform()), of(platform(), policies=blocking))
    assert [item["policy"] for item in found.new_findings] == ["stores/private"]
    assert found.exit is Exit.POLICY
    found = between(of(platform()), of(platform(), policies=mild))
    assert found.exit is Exit.OK
    found = between(of(platform(), policies=blocking), of(platform()))
    assert [item["policy"] for item in found.gone_findings] == ["stores/private"]
    assert found.exit is Exit.OK


def test_an_environment_that_does_not_load_any_more_breaks_with_its_message() -> None:
    broken = MadeDocument(problem="unknown key", identities={}, findings=[])
    found = between(of(platform()), broken)
    assert (found.problem, found.exit) == ("unknown key", Exit.USAGE)
    assert between(broken, broken).exit is Exit.OK
    assert between(broken, of(platform())).exit is Exit.OK
    (gone,) = compat(record(of(platform())), record(None)).environments
    assert gone.problem == "the newer version does not see it"


def test_formats_and_keys_are_told_and_break_nothing_that_nobody_writes() -> None:
    after = record(of(platform()), formats=["bedplate.graph/v2"], keys={"environment": {"title": KEY}})
    found = compat(record(of(platform())), after)
    assert found.formats == ("bedplate.graph/v1",)
    assert found.keys == ("environment: name is gone",)
    assert found.new_keys == ("environment: title",)
    assert found.exit is Exit.OK


def test_records_of_other_files_are_not_held_against_each_other() -> None:
    with pytest.raises(RecordError, match="made of other files than these"):
        compat(record(of(platform())), record(of(platform()), files="sha256:b"))


def test_the_text_says_what_breaks_first_and_one_line_for_each_policy() -> None:
    finding: FoundDocument = {
        "policy": "a/b",
        "object": "x",
        "urn": "u",
        "path": "",
        "verdict": "fail",
        "blocks": True,
    }
    others = tuple(cast(FoundDocument, {**finding, "object": name, "blocks": False}) for name in "abcde")
    item = EnvironmentCompat("dev", "", ("urn:a",), ("urn:b: name",), ("urn:c → urn:d",), (), (finding, *others), ())
    broken = EnvironmentCompat("old", "line one\nline two")
    text = compat_text(Compat("1", "2", (), ("environment: name is gone",), (), (item, broken))).plain
    assert text == (
        "bedplate 1 → 2: breaks dev, old\n"
        "\n"
        "dev: 1 object deleted, 1 object replaced, 1 object renamed, 6 findings new\n"
        "  deletes urn:a\n"
        "  replaces urn:b: name\n"
        "  renames urn:c → urn:d\n"
        "  finds fail a/b (1, blocking): x\n"
        "  finds fail a/b (5): a, b, c and 2 more\n"
        "\n"
        "old: does not load any more\n"
        "  line one\n"
        "  line two\n"
        "\n"
        "no longer allowed in files (1)\n"
        "  environment: name is gone\n"
        "\n"
        "next: stay with the version in use, and read docs/how-to/upgrade-the-tool.md\n"
    )
