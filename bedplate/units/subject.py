"""Subjects of OIDC tokens (the claim ``sub``): which of them a text with wildcards stands for.

CI systems write a subject as parts joined by colons, from the widest to the narrowest, and a trust policy compares it
with a text in which ``*`` and ``?`` stand for anything, colons and slashes included.
"""

from __future__ import annotations

WILDCARDS = "*?"
_FEWEST_PARTS = 3


def has_wildcard(subject: str) -> bool:
    """Whether IAM's StringLike reads `subject` as a pattern."""
    return any(sign in subject for sign in WILDCARDS)


def unbounded(pattern: str) -> str | None:
    """Why `pattern` reaches further than a few names of one repository; None where it does not.

    Bounded is a single ``*`` at the very end, behind the beginning of a name, in the third part or later:
    ``repo:example/platform:ref:refs/heads/release/*``. The parts before it name the repository and the kind of run in
    full. ``repo:example/*`` would be every repository that anybody in the organisation makes.
    """
    before, _, after = pattern.partition("*")
    if after or "?" in pattern:
        return "a pattern has one *, and it stands at the end"
    parts = before.split(":")
    if len(parts) < _FEWEST_PARTS:
        return "the * stands before the repository and the kind of run are named"
    if not parts[-1]:
        return "nothing stands between the last colon and the *, so that every run of this kind fits"
    return None
