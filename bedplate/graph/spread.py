"""What a change of one object means for others: replacement spreads to dependants as the Pulumi engine spreads it.

A replaced object has a new id and new outputs. Whoever reads them has a changed input: it is replaced where that
input replaces, and updated where it does not. An object whose old self must go before the new one is made takes
everything along that would be replaced if it lost that input: the engine deletes such dependants first and makes
them again, whatever values they end up with. A replaced provider replaces all that it keeps, and controllers make the
objects of a replaced resource anew. Where replacement is unknown, what follows from it is unknown as well.

Sources, read 2026-11-28: pulumi/pulumi v3.259.0, pkg/resource/deploy/step_generator.go (continueStepsFromDiff,
calculateDependentReplacements, providerChanged); pulumi-terraform-bridge v3.120.0, pkg/tfbridge/schema.go
(nameRequiresDeleteBeforeReplace); pulumi-kubernetes 4.25, provider/pkg/provider/provider.go (Diff, DiffConfig).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from bedplate.graph.properties import PropertyChange, property_changes
from bedplate.graph.replacement import (
    Replacement,
    ReplacementRule,
    is_within,
    replacement,
    without_positions,
)
from bedplate.graph.resource import Resource
from bedplate.graph.values import UNKNOWN, Json, format_path, get, is_opaque, walk

Rules = Mapping[str, ReplacementRule]


class Fate(IntEnum):
    """What happens to an object that is on both sides, the least first."""

    KEPT = 0
    UPDATED = 1
    UNSURE = 2
    """Updated, and replaced or not: no rule says."""
    REPLACED = 3


FATES: Mapping[Replacement, Fate] = {
    Replacement.NO: Fate.UPDATED,
    Replacement.UNKNOWN: Fate.UNSURE,
    Replacement.YES: Fate.REPLACED,
}
"""The fate of an object that changes."""


class Why(StrEnum):
    """What ties the fate of an object to another's."""

    READS = "reads"
    """An input reads an output of the other."""
    READS_OTHER = "reads another"
    """An input reads an output of the other, which it did not before, or no longer does."""
    VERSION = "version"
    """An input reads the version of the other."""
    GOES_FIRST = "goes first"
    """The other is deleted before it is made again, and nothing may use it meanwhile."""
    PROVIDER = "provider"
    """The other is the provider that keeps the object."""
    TAGS = "default tags"
    """The other is the provider, whose default tags are written onto the object."""
    CONTROLLER = "controller"
    """A controller makes the object from the other."""


@dataclass(frozen=True, slots=True)
class Link:
    """What the fate of `source` means for `target`, through the inputs `paths`.

    It counts from the source's fate `least` on, and with `first` only where the source goes before it is made again.
    It gives the target the fate `most`, and with `capped` no worse one than the source's own.
    """

    source: str
    target: str
    why: Why
    most: Fate
    paths: tuple[str, ...] = ()
    least: Fate = Fate.UNSURE
    capped: bool = True
    first: bool = False


# Settings of a provider that decide about tags of the objects that it keeps.
_TAG_SETTINGS = ("defaultTags", "ignoreTags")
# Through these, an object that goes first takes its target along.
_ALONG = (Why.GOES_FIRST, Why.PROVIDER)


@dataclass(frozen=True, slots=True)
class Settled:
    """Where everything ends: `fates` of all objects, and those that go before they are made again (`first`)."""

    fates: Mapping[str, Fate]
    first: Set[str]

    def given(self, link: Link) -> Fate:
        """The fate that `link` gives its target."""
        fate = self.fates.get(link.source, Fate.KEPT)
        if fate < link.least or (link.first and link.source not in self.first):
            return Fate.KEPT
        return min(link.most, fate) if link.capped else link.most


def settle(own: Mapping[str, Fate], named: Set[str], links: Iterable[Link]) -> Settled:
    """The least state in which every link holds, from the fates `own` that objects have by their own inputs.

    `named` are the objects that, when replaced, go before they are made again. Fates only get worse and the set only
    grows, so the result does not depend on the order of `links`, and the work ends.
    """
    outgoing: dict[str, list[Link]] = {}
    for link in links:
        outgoing.setdefault(link.source, []).append(link)
    fates = dict(own)
    first = {urn for urn in named if fates.get(urn, Fate.KEPT) >= Fate.UNSURE}
    state = Settled(fates, first)
    # Links from something new count whatever its fate, so every source has its turn.
    waiting = dict.fromkeys(outgoing)
    while waiting:
        source, _ = waiting.popitem()
        for link in outgoing[source]:
            before = (fates.get(link.target, Fate.KEPT), link.target in first)
            fate = state.given(link)
            fates[link.target] = max(before[0], fate)
            along = link.why in _ALONG and source in first and fate >= Fate.UNSURE
            if along or (link.target in named and fates[link.target] >= Fate.UNSURE):
                first.add(link.target)
            if before != (fates[link.target], link.target in first) and link.target in outgoing:
                waiting[link.target] = None
    return state


def own_fate(
    urn: str,
    properties: Sequence[PropertyChange],
    old: Mapping[str, Resource],
    new: Mapping[str, Resource],
    rules: Rules,
) -> Fate:
    """What the object `urn` comes to by its own changed `properties`."""
    before, after, rule = old[urn], new[urn], rules.get(new[urn].type)
    if any(_asked_for(change, after.options.get("replaceOnChanges", ())) for change in properties):
        return Fate.REPLACED
    fate = _fate(rule, properties)
    if before.writer != after.writer:
        # Another writer takes over what is there.
        return fate
    if before.provider != after.provider:
        return max(fate, _moved(old.get(before.provider or ""), new.get(after.provider or ""), rules))
    return fate


def _asked_for(change: PropertyChange, listed: Sequence[str]) -> bool:
    """Whether the program asks for a replacement where the input of `change` changes."""
    path = without_positions(change.path)
    option = path.startswith("(option) ")
    return not option and any(each == "*" or is_within(path, without_positions(each)) for each in listed)


def _moved(before: Resource | None, after: Resource | None, rules: Rules) -> Fate:
    """What becomes of an object that another provider keeps from now on: as if the first had become the second."""
    if before is None or after is None:
        return Fate.REPLACED
    return _fate(rules.get(after.type), property_changes(before.inputs, after.inputs))


def links(old: Mapping[str, Resource], new: Mapping[str, Resource], rules: Rules) -> Iterator[Link]:
    """Every tie between objects of `old` and `new`. Targets are on both sides: nothing spreads to what is made or
    deleted.
    """
    for urn in sorted(old.keys() & new.keys()):
        before, after, rule = old[urn], new[urn], rules.get(new[urn].type)
        if after.provider is not None and after.provider == before.provider:
            yield Link(after.provider, urn, Why.PROVIDER, Fate.REPLACED)
            yield from _tagging(old.get(after.provider), new.get(after.provider), urn, rule)
        if after.derived_from is not None and after.derived_from == before.derived_from:
            yield Link(after.derived_from, urn, Why.CONTROLLER, Fate.REPLACED)
        yield from _reading(before, after, rule)
        yield from _going_first(before, rule)


def _tagging(before: Resource | None, after: Resource | None, urn: str, rule: ReplacementRule | None) -> Iterator[Link]:
    """The tie to a provider with other default tags."""
    if before is None or after is None or (rule is not None and not rule.tagged):
        return
    if any(before.inputs.get(key) != after.inputs.get(key) for key in _TAG_SETTINGS):
        most = Fate.UNSURE if rule is None else Fate.UPDATED
        yield Link(after.urn, urn, Why.TAGS, most, ("tagsAll",), least=Fate.UPDATED, capped=False)


def goes_first(before: Resource, after: Resource, rule: ReplacementRule | None) -> bool:
    """Whether a replacement of the object deletes it before it is made again: two of one name cannot exist."""
    told = after.options.get("deleteBeforeReplace")
    if told is not None:
        return bool(told)
    if after.is_kubernetes:
        return _identity(before) == _identity(after)
    return rule is not None and bool(rule.name) and get(after.inputs, *rule.name.split(".")) is not None


def _reading(before: Resource, after: Resource, rule: ReplacementRule | None) -> Iterator[Link]:
    """Ties through inputs whose value is known only after apply."""
    for key, sources in after.property_dependencies.items():
        paths = _opaque_paths(key, after.inputs.get(key))
        if not paths:
            continue
        most = _fate(rule, [PropertyChange(path, UNKNOWN, UNKNOWN) for path in paths])
        for source in sources:
            yield Link(source, after.urn, Why.READS, most, paths)
            yield from _version(source, after.urn, paths, rule)
        for source in sorted({*sources} ^ {*before.property_dependencies.get(key, ())}):
            yield Link(source, after.urn, Why.READS_OTHER, most, paths, least=Fate.KEPT, capped=False)


def _version(source: str, target: str, paths: Iterable[str], rule: ReplacementRule | None) -> Iterator[Link]:
    """The tie through inputs that follow every update of `source`."""
    found = tuple(path for path in paths if rule and any(is_within(path, version) for version in rule.versions))
    if found:
        most = _fate(rule, [PropertyChange(path, UNKNOWN, UNKNOWN) for path in found])
        yield Link(source, target, Why.VERSION, most, found, least=Fate.UPDATED, capped=False)


def _going_first(before: Resource, rule: ReplacementRule | None) -> Iterator[Link]:
    """Ties through all inputs that read another object, as they were: the engine takes such an input away as a whole,
    and asks whether the object would survive that.
    """
    for key, sources in before.property_dependencies.items():
        fate = _fate(rule, [PropertyChange(key, before.inputs.get(key), UNKNOWN)])
        if fate >= Fate.UNSURE:
            for source in sources:
                yield Link(source, before.urn, Why.GOES_FIRST, fate, (key,), first=True)


def _fate(rule: ReplacementRule | None, changes: Sequence[PropertyChange]) -> Fate:
    return FATES[replacement(changes, rule)]


def _opaque_paths(key: str, value: Json) -> tuple[str, ...]:
    """Paths below `key` at which nobody can say what stands there, without list positions, each once."""
    found = (without_positions(format_path((key, *path))) for path, item in walk(value) if is_opaque(item))
    return tuple(dict.fromkeys(found))


def _identity(resource: Resource) -> tuple[Json, Json]:
    return (get(resource.inputs, "metadata", "name"), get(resource.inputs, "metadata", "namespace"))
