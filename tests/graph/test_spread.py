"""Replacement spreads to what depends on it, as far as the engine would carry it and no further."""

from __future__ import annotations

from collections.abc import Mapping

from bedplate.graph.diff import Action, Change, diff
from bedplate.graph.graph import Graph
from bedplate.graph.replacement import Replacement, ReplacementRule
from bedplate.graph.resource import Resource
from bedplate.graph.spread import Why
from bedplate.graph.values import SECRET, UNKNOWN, Json, freeze

RULES = {
    "t:net": ReplacementRule(("cidr",)),
    "t:part": ReplacementRule(("netId", "zone")),
    "t:free": ReplacementRule(()),
    "t:role": ReplacementRule(("path", "name"), name="name"),
    "t:grant": ReplacementRule(("role",)),
    "t:group": ReplacementRule(("template.id", "role"), name="name", versions=("template.version",)),
    "t:template": ReplacementRule(("name",), name="name"),
    "t:store": ReplacementRule(("netId",), stateful=True),
    "t:tagged": ReplacementRule((), tagged=True),
    "pulumi:providers:cloud": ReplacementRule(("account",)),
    "kubernetes:core/v1:ConfigMap": ReplacementRule(("metadata.name", "metadata.namespace", "immutable")),
}


def item(
    type_: str, name: str, inputs: Json = None, *, reads: Mapping[str, str] | None = None, **more: Json
) -> Resource:
    """A resource; `reads` names, by input, the resource that the input reads."""
    deps = {key: tuple(each.split()) for key, each in (reads or {}).items()}
    return Resource(
        urn=name, type=type_, name=name, inputs=freeze(inputs or {}), property_dependencies=freeze(deps), **more
    )


def changed(old: list[Resource], new: list[Resource]) -> dict[str, Change]:
    """Changes by URN."""
    base, head = (Graph(environment="e", resources=items) for items in (old, new))
    return {change.urn: change for change in diff(base, head, RULES)}


def fates(old: list[Resource], new: list[Resource]) -> dict[str, tuple[Action, Replacement]]:
    return {urn: (change.action, change.replacement) for urn, change in changed(old, new).items()}


REPLACED = (Action.REPLACE, Replacement.YES)
UPDATED = (Action.UPDATE, Replacement.NO)
UNSURE = (Action.UPDATE, Replacement.UNKNOWN)

NETS = [item("t:net", "net", {"cidr": text}) for text in ("a", "b")]
PART = item("t:part", "part", {"netId": UNKNOWN}, reads={"netId": "net"})


def test_what_reads_a_replaced_object_through_a_replacing_input_is_replaced_with_it() -> None:
    changes = changed([NETS[0], PART], [NETS[1], PART])
    assert (changes["part"].action, changes["part"].replacement) == REPLACED
    [cause] = [cause for cause in changes["part"].causes if cause.why is Why.READS]
    assert (cause.resource.urn, cause.paths) == ("net", ("netId",))
    assert changes["part"].properties == ()
    assert changes["net"].causes == ()


def test_what_reads_it_through_another_input_is_updated_and_spreads_no_further() -> None:
    free = item("t:free", "free", {"note": {"of": [UNKNOWN]}}, reads={"note": "net"})
    beyond = item("t:part", "beyond", {"netId": UNKNOWN}, reads={"netId": "free"})
    assert fates([NETS[0], free, beyond], [NETS[1], free, beyond]) == {"net": REPLACED, "free": UPDATED}


def test_replacement_spreads_along_the_whole_chain() -> None:
    chain = [PART, *(item("t:part", f"p{n}", {"netId": UNKNOWN}, reads={"netId": f"p{n - 1}"}) for n in range(1, 4))]
    chain[1] = item("t:part", "p1", {"netId": UNKNOWN}, reads={"netId": "part"})
    assert set(fates([NETS[0], *chain], [NETS[1], *chain]).values()) == {REPLACED}
    assert len(fates([NETS[0], *chain], [NETS[1], *chain])) == 5


def test_a_value_that_is_known_does_not_change_with_the_object_that_it_was_read_from() -> None:
    part = item("t:part", "part", {"netId": "net-a"}, reads={"netId": "net"})
    assert fates([NETS[0], part], [NETS[1], part]) == {"net": REPLACED}


def test_an_order_alone_carries_nothing() -> None:
    part = item("t:part", "part", {"netId": UNKNOWN}, dependencies=("net",))
    assert fates([NETS[0], part], [NETS[1], part]) == {"net": REPLACED}


def test_a_secret_may_be_what_was_read() -> None:
    part = item("t:part", "part", {"netId": SECRET}, reads={"netId": "net"})
    assert fates([NETS[0], part], [NETS[1], part])["part"] == REPLACED


def test_an_update_carries_nothing_but_its_version() -> None:
    templates = [item("t:template", "template", {"name": "t", "disk": size}) for size in (1, 2)]
    group = item("t:group", "group", {"template": {"id": UNKNOWN, "version": UNKNOWN}}, reads={"template": "template"})
    changes = changed([templates[0], group], [templates[1], group])
    assert (changes["group"].action, changes["group"].replacement) == UPDATED
    assert [(cause.why, cause.paths) for cause in changes["group"].causes] == [(Why.VERSION, ("template.version",))]


def test_what_must_go_first_takes_along_what_could_not_live_without_it_even_where_its_value_stays() -> None:
    roles = [item("t:role", "role", {"name": "r", "path": path}) for path in "ab"]
    grant = item("t:grant", "grant", {"role": "r"}, reads={"role": "role"})
    free = item("t:free", "free", {"note": "r"}, reads={"note": "role"})
    changes = changed([roles[0], grant, free], [roles[1], grant, free])
    assert {urn: (change.action, change.replacement) for urn, change in changes.items()} == {
        "role": REPLACED,
        "grant": REPLACED,
    }
    assert [cause.why for cause in changes["grant"].causes] == [Why.GOES_FIRST]


def test_what_has_no_name_of_its_own_is_made_anew_before_the_old_one_goes_so_known_values_hold() -> None:
    roles = [item("t:role", "role", {"path": path}) for path in "ab"]
    grant = item("t:grant", "grant", {"role": "r"}, reads={"role": "role"})
    assert fates([roles[0], grant], [roles[1], grant]) == {"role": REPLACED}


def test_the_program_decides_which_of_the_two_goes_first() -> None:
    roles = [
        item("t:role", "role", {"name": "r", "path": path}, options=freeze({"deleteBeforeReplace": False}))
        for path in "ab"
    ]
    grant = item("t:grant", "grant", {"role": "r"}, reads={"role": "role"})
    assert fates([roles[0], grant], [roles[1], grant]) == {"role": REPLACED}
    nets = [item("t:net", "net", {"cidr": text}, options=freeze({"deleteBeforeReplace": True})) for text in "ab"]
    part = item("t:part", "part", {"netId": "known"}, reads={"netId": "net"})
    assert fates([nets[0], part], [nets[1], part]) == {"net": REPLACED, "part": REPLACED}


def test_whoever_goes_first_because_of_another_takes_its_own_dependants_along() -> None:
    roles = [item("t:role", "role", {"name": "r", "path": path}) for path in "ab"]
    grant = item("t:grant", "grant", {"role": "r"}, reads={"role": "role"})
    second = item("t:grant", "second", {"role": "known"}, reads={"role": "grant"})
    assert set(fates([roles[0], grant, second], [roles[1], grant, second])) == {"role", "grant", "second"}


def test_a_kubernetes_object_goes_first_while_name_and_namespace_stay() -> None:
    def config(name: str, immutable: bool) -> Resource:
        inputs = {"kind": "ConfigMap", "metadata": {"name": name, "namespace": "n"}, "immutable": immutable}
        return item("kubernetes:core/v1:ConfigMap", "config", inputs)

    grant = item("t:grant", "grant", {"role": "known"}, reads={"role": "config"})
    assert "grant" in fates([config("a", True), grant], [config("a", False), grant])
    assert "grant" not in fates([config("a", True), grant], [config("b", True), grant])


def test_a_replaced_provider_replaces_all_that_it_keeps() -> None:
    clouds = [item("pulumi:providers:cloud", "cloud", {"account": account}) for account in "ab"]
    kept = item("t:free", "kept", provider="cloud")
    changes = changed([clouds[0], kept], [clouds[1], kept])
    assert (changes["kept"].action, changes["kept"].replacement) == REPLACED
    assert [cause.why for cause in changes["kept"].causes] == [Why.PROVIDER]
    other = item("pulumi:providers:cloud", "cloud", {"account": "a", "retries": 3})
    assert fates([clouds[0], kept], [other, kept]) == {"cloud": UPDATED}


def test_an_object_that_another_provider_keeps_is_replaced_where_the_two_differ_in_what_replaces() -> None:
    one, same, other = (item("pulumi:providers:cloud", name, {"account": name[:1]}) for name in ("a", "a2", "b"))
    before = item("t:free", "kept", provider="a")
    assert fates([one, same, before], [one, same, item("t:free", "kept", provider="a2")]) == {"kept": UPDATED}
    assert fates([one, other, before], [one, other, item("t:free", "kept", provider="b")]) == {"kept": REPLACED}


def test_controllers_make_the_objects_of_a_replaced_one_anew() -> None:
    pod = item("t:pod", "pod", derived_from="net")
    changes = changed([NETS[0], pod], [NETS[1], pod])
    assert (changes["pod"].action, [cause.why for cause in changes["pod"].causes]) == (Action.REPLACE, [Why.CONTROLLER])


def test_an_unknown_replacement_spreads_as_unknown_and_never_as_none() -> None:
    strange = [item("t:strange", "net", {"x": x}) for x in (1, 2)]
    free = item("t:free", "free", {"note": UNKNOWN}, reads={"note": "net"})
    unlisted = item("t:unlisted", "unlisted", {"note": UNKNOWN}, reads={"note": "net"})
    assert fates([strange[0], PART, free, unlisted], [strange[1], PART, free, unlisted]) == {
        "net": UNSURE,
        "part": UNSURE,
        "free": UPDATED,
        "unlisted": UNSURE,
    }


def test_a_type_without_a_rule_that_reads_a_replaced_object_is_unknown() -> None:
    unlisted = item("t:unlisted", "unlisted", {"note": UNKNOWN}, reads={"note": "net"})
    assert fates([NETS[0], unlisted], [NETS[1], unlisted])["unlisted"] == UNSURE


def test_reading_another_object_than_before_is_a_change_although_both_values_are_unknown() -> None:
    nets = [item("t:net", name, {"cidr": name}) for name in ("a", "b")]
    before, after = (item("t:part", "part", {"netId": UNKNOWN}, reads={"netId": name}) for name in ("a", "b"))
    changes = changed([*nets, before], [*nets, after])
    assert (changes["part"].action, changes["part"].replacement) == REPLACED
    assert {(cause.why, cause.resource.urn) for cause in changes["part"].causes} == {
        (Why.READS_OTHER, "a"),
        (Why.READS_OTHER, "b"),
    }


def test_what_is_made_and_what_is_deleted_carries_nothing_to_others() -> None:
    new = item("t:part", "new", {"netId": UNKNOWN}, reads={"netId": "net"})
    assert fates([NETS[0]], [NETS[0], new]) == {"new": (Action.CREATE, Replacement.NO)}
    assert fates([NETS[0], new], [NETS[0]]) == {"new": (Action.DELETE, Replacement.NO)}


def test_a_listed_path_inside_an_input_that_is_taken_away_as_a_whole_counts() -> None:
    roles = [item("t:role", "role", {"name": "r", "path": path}) for path in "ab"]
    whole = item("t:group", "group", {"template": [{"id": "x"}]}, reads={"template": "role"})
    without = item("t:group", "other", {"template": {"size": 1}}, reads={"template": "role"})
    assert set(fates([roles[0], whole, without], [roles[1], whole, without])) == {"role", "group"}


def test_the_program_may_ask_for_a_replacement_of_what_would_be_updated() -> None:
    def asked(note: str, *paths: str) -> Resource:
        return item("t:free", "free", {"note": {"text": note}}, options=freeze({"replaceOnChanges": list(paths)}))

    assert fates([asked("a", "note")], [asked("b", "note")]) == {"free": REPLACED}
    assert fates([asked("a", "*")], [asked("b", "*")]) == {"free": REPLACED}
    assert fates([asked("a", "other")], [asked("b", "other")]) == {"free": UPDATED}


def test_an_object_that_holds_data_says_so_when_it_is_replaced_because_of_another() -> None:
    store = item("t:store", "store", {"netId": UNKNOWN}, reads={"netId": "net"})
    assert changed([NETS[0], store], [NETS[1], store])["store"].stateful


def test_other_default_tags_update_what_is_tagged_and_may_update_what_has_no_rule() -> None:
    clouds = [item("pulumi:providers:cloud", "cloud", {"account": "a", "defaultTags": tags}) for tags in "ab"]
    kept = [item(type_, type_, provider="cloud") for type_ in ("t:tagged", "t:free", "t:unlisted")]
    assert fates([clouds[0], *kept], [clouds[1], *kept]) == {
        "cloud": UPDATED,
        "t:tagged": UPDATED,
        "t:unlisted": UNSURE,
    }
