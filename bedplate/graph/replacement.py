"""When a changed input gives an object a new identity: the rules of a resource type, and how they are applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bedplate.graph.properties import PropertyChange
from bedplate.graph.values import Json, is_opaque, is_unknown


class Replacement(StrEnum):
    """Whether an update gives the object a new identity. Unknown where no rule for its type is listed."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OneWay:
    """A change at or below `path`, from `before` to `after` (None: any value), that cannot be taken back or is never
    made; `says` tells why, as the end of a sentence.
    """

    path: str
    says: str
    before: str | None = None
    after: str | None = None

    def fits(self, change: PropertyChange) -> bool:
        """Whether `change` is one of these."""
        within = is_within(without_positions(change.path), self.path)
        return within and self.before in (None, change.before) and self.after in (None, change.after)


@dataclass(frozen=True, slots=True)
class ReplacementRule:
    """Facts about one resource type.

    A change at or below one of `paths` replaces the object, and so does the removal of one of `removed`. `stateful`
    objects hold what cannot be made again. `name` is the input that names the object: where it is given, the provider
    deletes the old object before it makes the new one. `versions` are input paths that read a version, which every
    update of the object that they read moves. Of objects whose inputs `identity` are alike only one can be there,
    whatever they are called here. The provider writes its default tags onto `tagged` objects. `one_way` are updates
    from which there is no way back.
    """

    paths: tuple[str, ...]
    removed: tuple[str, ...] = ()
    stateful: bool = False
    name: str = ""
    versions: tuple[str, ...] = ()
    identity: tuple[str, ...] = ()
    tagged: bool = False
    one_way: tuple[OneWay, ...] = ()

    def replaces(self, change: PropertyChange) -> bool:
        """Whether `change` gives the object a new identity."""
        path = without_positions(change.path)
        if change.after is None and any(is_within(removed, path) for removed in self.removed):
            return True
        # A whole map that appears, goes or is not known takes the listed paths inside it along.
        sides = [side for side in (change.before, change.after) if side is not None]
        known = [side for side in sides if not is_unknown(side)]
        whole = len(known) < 2
        present = (known or sides or [None])[0]
        return any(
            is_within(path, listed) or (whole and is_within(listed, path) and _holds(present, listed, path))
            for listed in self.paths
        )


def replacement(properties: Sequence[PropertyChange], rule: ReplacementRule | None) -> Replacement:
    """What `properties` mean for an object of a type with `rule`, None where no rule is listed."""
    if rule is None:
        return Replacement.UNKNOWN
    return Replacement.YES if any(rule.replaces(change) for change in properties) else Replacement.NO


def without_positions(path: str) -> str:
    """``vpcConfig.subnetIds[2].id`` as ``vpcConfig.subnetIds.id``."""
    return "".join(part.partition("]")[2] if index else part for index, part in enumerate(path.split("[")))


def is_within(path: str, outer: str) -> bool:
    """Whether `path` is `outer` or lies below it."""
    return path == outer or path.startswith(f"{outer}.")


def _holds(value: Json, listed: str, path: str) -> bool:
    """Whether `value`, which stands at `path`, has something at `listed`, a path below."""
    return _reaches(value, [key for key in listed.removeprefix(path).split(".") if key])


def _reaches(value: Json, keys: Sequence[str]) -> bool:
    if is_opaque(value):
        return True
    if isinstance(value, Sequence) and not isinstance(value, str):
        return any(_reaches(item, keys) for item in value)
    if not keys:
        return value is not None
    return isinstance(value, Mapping) and keys[0] in value and _reaches(value[keys[0]], keys[1:])
