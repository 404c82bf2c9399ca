"""How far a pattern of token subjects reaches."""

import pytest

from bedplate.units.subject import has_wildcard, unbounded


@pytest.mark.parametrize(
    "pattern",
    [
        "repo:example/platform:ref:refs/heads/release/*",
        "repo:example@12/platform@345:environment:prod-*",
        "project_path:group/platform:ref_type:branch:ref:release/*",
    ],
)
def test_a_pattern_is_bounded_when_it_completes_a_name_of_one_repository(pattern: str) -> None:
    assert has_wildcard(pattern)
    assert unbounded(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("*", "before the repository"),
        ("repo:example/*", "before the repository"),
        ("repo:*:ref:refs/heads/main", "at the end"),
        ("project_path:group/*:ref_type:branch:ref:main", "at the end"),
        ("repo:example/platform:ref:refs/heads/*/*", "one *"),
        ("repo:example/platform:ref:refs/heads/release-?*", "one *"),
        ("repo:example/platform:*", "nothing stands"),
        ("repo:example/platform:environment:*", "nothing stands"),
    ],
)
def test_a_pattern_that_reaches_further_is_told_why(pattern: str, why: str) -> None:
    assert why in (unbounded(pattern) or "")


def test_a_subject_in_full_has_no_wildcard() -> None:
    assert not has_wildcard("repo:example/platform:environment:prod")
    assert has_wildcard("repo:example/platform:environment:prod?")
