"""The CODEOWNERS file of a platform repository, from the decision rights of its environments.

What GitHub makes of such a file ("About code owners", GitHub documentation, read 2026-11): the last pattern that
matches a path decides; any one of the owners on its line may approve; a pattern without owners lets everyone approve.
So a file that several environments share gets the approvers of those where most is at stake, and an environment's own
file those of its cluster, because whoever may edit it may edit everything in it. What a path cannot tell, a waiver in
the middle of a file, the plan and the comment on a pull request say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bedplate.environment.environment import Environment
from bedplate.environment.floor import FLOOR_FILE
from bedplate.environment.ownership import Area
from bedplate.environment.targets import FOLDER

DEFAULT_PLACE = ".github/CODEOWNERS"
"""Where GitHub looks first."""
_BEGIN = "# bedplate: begin (made by `bedplate codeowners` from ownership.decisionRights; do not edit)"
_END = "# bedplate: end"
_AREAS: tuple[Area, ...] = ("cluster", "platform", "models", "waivers")
_TIERS = ("development", "staging", "production")

Rule = tuple[str, tuple[str, ...]]


class UnownedError(Exception):
    """Paths would be nobody's. The message names the rights that are missing."""


def codeowners(environments: Sequence[Environment], place: str) -> str:
    """The lines of the block, the general first; `place` is where the file itself stands. Raises UnownedError."""
    missing = [
        f"{each.name}: ownership.decisionRights.{area} names nobody"
        for each in environments
        for area in _AREAS
        if not _rights(each, area)
    ]
    if missing or not environments:
        raise UnownedError("\n".join(missing) or "there is no environment")
    rules = (*_shared(environments, place), *(rule for each in environments for rule in _own(each)))
    width = max(len(pattern) for pattern, _ in rules)
    return "".join(f"{pattern:<{width}}  {' '.join(owners)}\n" for pattern, owners in rules)


def with_block(text: str, block: str) -> str:
    """`text` with `block` between its marks: where it stood before, else at the end.

    Raises ValueError where one mark is missing, where a mark stands twice, and where rules follow the block: they would
    overrule it.
    """
    lines = text.splitlines()
    begins, ends = ([i for i, line in enumerate(lines) if line.strip() == mark] for mark in (_BEGIN, _END))
    made = [_BEGIN, *block.splitlines(), _END]
    if not begins and not ends:
        return "\n".join([*lines, *([""] if lines else []), *made]) + "\n"
    if len(begins) != 1 or len(ends) != 1 or begins > ends:
        raise ValueError(f"the marks {_BEGIN!r} and {_END!r} do not stand once each, in this order")
    after = lines[ends[0] + 1 :]
    rules = [line for line in after if line.strip() and not line.lstrip().startswith("#")]
    if rules:
        raise ValueError(f"{rules[0]!r} follows the block and would overrule it: write it before the block")
    return "\n".join([*lines[: begins[0]], *made, *after]) + "\n"


def _shared(environments: Sequence[Environment], place: str) -> Iterator[Rule]:
    """Paths that decide for several environments."""
    most = max(_TIERS.index(each.tier) for each in environments)
    strict = [each for each in environments if _TIERS.index(each.tier) == most]

    def who(area: Area) -> tuple[str, ...]:
        return tuple(dict.fromkeys(owner for each in strict for owner in _rights(each, area)))

    yield f"/{FOLDER}/", who("cluster")
    yield "/extensions/", who("cluster")
    yield f"/{FOLDER}/models/", who("models")
    yield f"/{FOLDER}/vendor/", who("platform")
    yield f"/{FLOOR_FILE}", who("waivers")
    yield f"/{place}", who("waivers")


def _own(environment: Environment) -> Iterator[Rule]:
    """Paths of one environment; each team's file is the team's, whether or not it is there yet."""
    name = environment.name
    yield f"/{FOLDER}/{name}.yaml", _rights(environment, "cluster")
    yield f"/{FOLDER}/{name}.lock.yaml", _rights(environment, "platform")
    yield f"/{FOLDER}/{name}/", _rights(environment, "cluster")
    for team in environment.teams:
        yield f"/{FOLDER}/{name}/teams/{team.name}.yaml", team.owners or _rights(environment, "models")


def _rights(environment: Environment, area: Area) -> tuple[str, ...]:
    owners: tuple[str, ...] = getattr(environment.ownership.decision_rights, area)
    return owners
