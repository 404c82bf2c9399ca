from __future__ import annotations

from bedplate.graph.values import SECRET
from bedplate.output.compare import finding_key
from bedplate.output.findings import policy_lines
from bedplate.output.lines import Lines
from tests.output.builders import platform, policies, review, rule_result, violation


def text(*violations: object, **overrides: object) -> str:
    section = {**policies(*violations), **overrides}  # type: ignore[arg-type]
    return Lines(policy_lines(review(platform(), policies=section)["policies"])).plain


def test_policies_are_counted_by_verdict_and_idle_ones_are_no_passes() -> None:
    results = [
        rule_result("a/passes"),
        rule_result("a/fails", verdict="fail"),
        rule_result("a/wonders", verdict="unknown"),
        rule_result("a/idles", evaluated=0),
        rule_result("a/sleeps", level="off", evaluated=0),
    ]
    assert "Policies  5 policies: 1 pass, 1 fail, 1 unknown, 1 found nothing to look at, 1 off" in text(results=results)


def test_a_finding_says_where_what_was_there_what_is_wanted_and_the_fix() -> None:
    assert text(violation()).splitlines()[2:] == [
        "  stores/private  mandatory, high: Title of stores/private",
        "    fail s3.Bucket weights",
        "      where  acl",
        "      got    public-read",
        "      want   no ACL",
        "      entry  stores[weights]",
        "    fix  remove the ACL",
    ]


def test_findings_with_a_common_fix_say_it_once_and_others_each() -> None:
    shared = text(violation(path="a"), violation(path="b"))
    assert shared.count("fix") == 1
    own = text(violation(path="a"), violation(path="b", fix="another way"))
    assert own.count("      fix    ") == 2


def test_many_findings_that_say_the_same_are_one_with_some_of_their_objects() -> None:
    alike = [violation(object=f"s3.Bucket b{n}", urn=f"urn:{n}", entry=f"stores[b{n}]") for n in range(6)]
    assert text(*alike, violation(got="public-write")).splitlines()[3:] == [
        "    fail 6 objects: s3.Bucket b0, s3.Bucket b1, s3.Bucket b2, s3.Bucket b3 and 2 more",
        "      where  acl",
        "      got    public-read",
        "      want   no ACL",
        "      entry  stores[b0], stores[b1], stores[b2], stores[b3] and 2 more",
        "    fail s3.Bucket weights",
        "      where  acl",
        "      got    public-write",
        "      want   no ACL",
        "      entry  stores[weights]",
        "    fix  remove the ACL",
    ]


def test_a_few_findings_stand_apart_and_waived_or_new_ones_are_not_mixed_with_others() -> None:
    few = [violation(object=f"s3.Bucket b{n}", urn=f"urn:{n}") for n in range(3)]
    assert text(*few).count("    fail ") == 3
    waived = [violation(object=f"s3.Bucket w{n}", urn=f"urn:w{n}", waivedUntil="2026-12-31") for n in range(4)]
    assert "fail 4 objects: s3.Bucket w0, s3.Bucket w1, s3.Bucket w2, s3.Bucket w3  waived until" in text(*few, *waived)
    found = policies(*few, violation(object="s3.Bucket b3", urn="urn:b3"))
    section = review(platform(), policies=found)["policies"]
    assert Lines(policy_lines(section, {finding_key(few[0])})).plain.count("    fail ") == 4


def test_many_findings_of_one_object_are_a_table() -> None:
    lines = text(*(violation(path=name) for name in "abcd")).splitlines()
    assert lines[3:] == [
        "    fail s3.Bucket weights",
        "      where  got          want",
        *(f"      {name}      public-read  no ACL" for name in "abcd"),
        "      entry  stores[weights]",
        "    fix  remove the ACL",
    ]
    assert text(*(violation(path=name) for name in "abc")).count("fail s3.Bucket weights") == 3


def test_what_cannot_be_told_is_neither_nothing_nor_a_pass() -> None:
    untold = violation(verdict="unknown")
    del untold["got"]
    assert "got    (cannot be told)" in text(untold)
    absent = violation()
    del absent["got"]
    assert "got    (nothing)" in text(absent)


def test_a_secret_that_was_found_is_not_shown() -> None:
    assert "got    (secret)" in text(violation(got=dict(SECRET)))


def test_waived_and_new_findings_are_marked() -> None:
    waived = violation(waivedUntil="2026-12-31", blocks=False)
    section = review(platform(), policies=policies(waived))["policies"]
    assert "fail s3.Bucket weights  waived until 2026-12-31" in Lines(policy_lines(section)).plain
    assert "2026-12-31  new" in Lines(policy_lines(section, {finding_key(waived)})).plain


def test_waivers_that_do_not_hold_stand_first() -> None:
    assert (
        text(violation(), problems=["policies.waivers: expired"]).splitlines()[2]
        == "  blocks policies.waivers: expired"
    )
