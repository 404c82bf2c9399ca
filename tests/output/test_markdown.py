from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bedplate.graph.graph import Graph
from bedplate.output.markdown import LIMIT, MARKER, comment
from bedplate.output.pull_request import PullRequest
from tests.output.builders import aws, decisions, graph, kubernetes, platform, policies, review, violation
from tests.output.requests import change, of, request
from tests.output.test_markup import NASTY

READER = MarkdownIt("commonmark", {"html": True}).enable("table")
OURS = re.compile(r"</?code>|<details>|</details>|</?summary>|<!-- bedplate pr -->")


def queues(count: int, size: int, text: str = "") -> Graph:
    """Many objects that can all change at once."""
    return graph(*(aws("sqs/queue:Queue", f"q{index:05}", {"size": size, "text": text}) for index in range(count)))


def huge(environments: int, resources: int) -> PullRequest:
    """Every resource of every environment changes."""
    before, after = review(queues(resources, 1)), review(queues(resources, 2))
    return of({f"env-{index:02}": change(f"env-{index:02}", before, after) for index in range(environments)})


def test_the_comment_begins_with_the_verdict_and_ends_with_the_next_command() -> None:
    lines = comment(request()).splitlines()
    assert lines[0] == "## Bedplate: 5 of 6 environments differ, 3 blocked"
    assert lines[-2:] == ["Next: <code>bedplate validate broken</code> for what blocks it.", MARKER.strip()]


def test_one_changed_environment_gives_its_own_verdict_as_title() -> None:
    made = of({"a": change("a", review(platform()), review(platform(subnets=3)))})
    assert comment(made).startswith("## Bedplate: <code>a</code> 1 to create; allowed, fits, USD 857.12 a month\n")


def test_danger_stands_between_the_table_and_the_details() -> None:
    text = comment(request())
    assert text.index("| environment |") < text.index("**Danger**") < text.index("<details>")


def test_unchanged_environments_share_one_line_and_no_table() -> None:
    same = review(platform())
    text = comment(of({name: change(name, same, same) for name in ("a", "b")}))
    assert text.startswith("## Bedplate: nothing changes\n")
    assert "Unchanged: <code>a</code>, <code>b</code>\n" in text
    assert "|" not in text
    assert "Next: nothing to do." in text


def test_an_unchanged_environment_that_is_blocked_says_so() -> None:
    forbidden = review(platform(), policies=policies(violation()))
    text = comment(
        of({"a": change("a", forbidden, forbidden), "b": change("b", review(platform()), review(platform()))})
    )
    assert text.startswith("## Bedplate: nothing changes, 1 blocked\n")
    assert "Unchanged: <code>a</code> (blocked), <code>b</code>\n" in text
    assert "Next: <code>bedplate plan a</code> for what blocks it." in text


def test_a_side_that_cannot_be_rendered_is_unknown_and_never_counted_as_zero() -> None:
    rows = {line.split("|")[1].strip(): line for line in comment(request()).splitlines() if line.startswith("| <code>")}
    assert rows["<code>broken</code>"].count("unknown") == 5
    assert rows["<code>unread</code>"].count("unknown") == 5
    assert "**not comparable**" in rows["<code>unread</code>"]
    assert "unknown key 'nodepools'" in comment(request())


def test_a_huge_comment_stays_below_the_limit_and_says_what_it_leaves_out() -> None:
    text = comment(huge(environments=3, resources=3000))
    assert 0.9 * LIMIT < len(text) <= LIMIT < 65_536
    left = re.findall(r"([\d,]+) of ([\d,]+) lines are left out; <code>bedplate plan env-0\d</code> shows all\.", text)
    assert len(left) == 3
    fences = [token.content for token in READER.parse(text) if token.type == "fence"]
    for content, (missing, total) in zip(fences, left, strict=True):
        assert len(content.splitlines()) == int(total.replace(",", "")) - int(missing.replace(",", ""))


def test_truncation_never_breaks_a_fence_or_a_fold() -> None:
    tokens = READER.parse(comment(huge(environments=4, resources=2000)))
    blocks = [token.content.strip() for token in tokens if token.type == "html_block"]
    assert sum(1 for text in blocks if text.startswith("<details>")) == 4
    assert blocks.count("</details>") == 4
    assert blocks[-1] == MARKER.strip()


def test_a_small_environment_is_whole_beside_a_huge_one() -> None:
    big = change("big", review(queues(5000, 1)), review(queues(5000, 2)))
    small = change("small", review(platform()), review(platform(subnets=3)))
    text = comment(of({"big": big, "small": small}))
    assert "+ ec2.Subnet private-2" in text
    assert text.count("lines are left out") == 1


def test_many_environments_and_dangers_stay_below_the_limit_too() -> None:
    before = review(graph(*(aws("s3/bucket:Bucket", f"bucket-{index}") for index in range(60))))
    text = comment(
        of(
            {
                f"environment-{index:03}": change(f"environment-{index:03}", before, review(graph()))
                for index in range(150)
            }
        )
    )
    assert len(text) <= LIMIT
    assert re.search(r"- [\d]+ more; `bedplate pr --json` has all", text)
    assert "Details of " in text


@settings(max_examples=30)
@given(text=st.one_of(st.sampled_from(NASTY), st.text(min_size=1, max_size=60)))
def test_text_of_users_becomes_no_markup_anywhere(text: str) -> None:
    waiver = {
        "policy": "stores/private",
        "target": text,
        "reason": text,
        "owner": text,
        "approver": text,
        "expires": "2026-12-31",
    }
    head = review(
        graph(kubernetes("Namespace", text, content={"data": {text: text}})),
        policies=policies(violation(object=text, path=text, got=text, want=text, fix=text)),
        decisions=decisions(waivers=[waiver]),
    )
    base = review(graph(kubernetes("Namespace", text, content={"data": {text: "other"}})))
    made = of({"a": change("a", base, head), "b": change("b", None, head, unread=text), "c": change("c", base, None)})
    made = PullRequest(text, text, (text,), made.environments)
    tokens = READER.parse(comment(made))
    allowed = {"text", "text_special", "html_inline", "code_inline", "softbreak", "strong_open", "strong_close"}
    for token in tokens:
        for child in token.children or ():
            assert child.type in allowed
            assert child.type != "html_inline" or OURS.fullmatch(child.content)
        if token.type == "html_block":
            assert OURS.sub("", token.content).count("<") == 0
    assert sum(1 for token in tokens if token.type == "heading_open") == 1
