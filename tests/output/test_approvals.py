"""Who must approve what: by layer, team and decision, by the rights that held before."""

from __future__ import annotations

from bedplate.graph.values import Json
from bedplate.output.approval_lines import approval_lines
from bedplate.output.compare import Comparison
from bedplate.output.lines import Lines
from bedplate.output.markdown import comment
from tests.output.builders import comparison, decisions, graph, kubernetes, platform, review
from tests.output.requests import change, of

RIGHTS = {"cluster": ["@x/platform"], "platform": ["@x/tools"], "models": ["@x/ml"], "waivers": ["grace@x.org"]}


def rights(**overrides: Json) -> dict[str, Json]:
    """Decisions with the rights above and without owners of teams."""
    return decisions(**{"decisionRights": RIGHTS, "teamOwners": {"research": []}, **overrides})


def needs(both: Comparison) -> dict[str, tuple[str, ...]]:
    """Approvers by path and team."""
    return {f"{item.area} {item.team}".strip(): item.approvers for item in both.approvals}


def text(both: Comparison) -> str:
    return Lines(approval_lines(both.approvals)).plain


def test_a_change_needs_the_approvers_of_the_layer_that_it_touches() -> None:
    both = comparison(review(platform(subnets=3), decisions=rights()), review(platform(subnets=4), decisions=rights()))
    assert needs(both) == {"cluster": ("@x/platform",)}
    both = comparison(review(platform(replicas=2), decisions=rights()), review(platform(), decisions=rights()))
    assert needs(both) == {"models": ("@x/ml",)}


def test_what_controllers_will_do_needs_no_approval_of_its_own() -> None:
    both = comparison(review(platform(replicas=2), decisions=rights()), review(platform(), decisions=rights()))
    assert both.derived_changes
    assert [item.subjects for item in both.approvals] == [("InferenceService research/chat",)]


def test_owners_of_a_team_approve_its_models_and_nothing_else() -> None:
    owned = rights(teamOwners={"research": ["@x/research"]})
    both = comparison(review(platform(replicas=2), decisions=owned), review(platform(), decisions=owned))
    assert needs(both) == {"models research": ("@x/research",)}
    both = comparison(review(platform(), decisions=owned), review(graph(), decisions=owned))
    assert needs(both)["platform"] == ("@x/tools",)


def test_the_rights_that_count_are_those_of_the_base() -> None:
    taken = rights(decisionRights={**RIGHTS, "cluster": ["@x/mallory"]}, teamOwners={"research": ["@x/mallory"]})
    owned = rights(teamOwners={"research": ["@x/research"]})
    both = comparison(review(platform(subnets=3, replicas=2), decisions=taken), review(platform(), decisions=owned))
    assert needs(both) == {
        "waivers": ("grace@x.org",),
        "cluster": ("@x/platform",),
        "models research": ("@x/research",),
    }
    assert 'decisionRights.cluster ["@x/platform"] → ["@x/mallory"]' in both.dangers


def test_a_team_that_had_no_owners_does_not_approve_itself() -> None:
    taken = rights(teamOwners={"research": ["@x/mallory"]})
    both = comparison(review(platform(replicas=2), decisions=taken), review(platform(), decisions=rights()))
    assert needs(both) == {"cluster": ("@x/platform",), "models": ("@x/ml",)}


def test_waivers_and_levels_need_those_who_may_accept_findings() -> None:
    waiver = {"policy": "a/b", "target": "t", "owner": "o", "approver": "p", "expires": "e", "reason": "r"}
    both = comparison(review(platform(), decisions=rights(waivers=[waiver])), review(platform(), decisions=rights()))
    assert needs(both) == {"waivers": ("grace@x.org",)}
    level = {"policy": "a/b", "level": "off", "reason": "a reason"}
    both = comparison(review(platform(), decisions=rights(levels=[level])), review(platform(), decisions=rights()))
    assert [item.subjects for item in both.approvals] == [("levels",)]


def test_other_decisions_are_the_clusters_and_a_release_in_new_use_is_told_by_its_model() -> None:
    both = comparison(review(platform(), decisions=rights(budget="9.00")), review(platform(), decisions=rights()))
    assert needs(both) == {"cluster": ("@x/platform",)}
    new = rights(releases={"chat@1.0.0": "sha256:a"})
    both = comparison(review(platform(), decisions=new), review(platform(), decisions=rights()))
    assert both.differs == ("decisions",)
    assert both.approvals == ()
    other = rights(releases={"chat@1.0.0": "sha256:b"})
    both = comparison(review(platform(), decisions=other), review(platform(), decisions=new))
    assert needs(both) == {"models": ("@x/ml",)}


def test_a_base_that_states_no_rights_leaves_them_to_the_head() -> None:
    both = comparison(review(platform(subnets=3), decisions=rights()), review(platform(), decisions=decisions()))
    assert needs(both)["cluster"] == ("@x/platform",)


def test_an_environment_that_goes_needs_those_who_had_the_rights() -> None:
    both = comparison(None, review(platform(), decisions=rights()))
    assert needs(both)["cluster"] == ("@x/platform",)


def test_a_path_that_nobody_approves_is_said_and_never_left_out() -> None:
    half = rights(decisionRights={**RIGHTS, "cluster": []})
    namespace = kubernetes("Namespace", "a")
    both = comparison(review(graph(namespace), decisions=half), review(graph(), decisions=half))
    assert needs(both) == {"cluster": ()}
    assert text(both) == "\nApprovals  nobody is named (ownership.decisionRights)\n"
    both = comparison(review(platform(subnets=3, replicas=2), decisions=half), review(platform(), decisions=half))
    assert "  cluster  nobody is named  ec2.Subnet private-2\n" in text(both)
    made = comment(of({"a": change("a", review(platform(), decisions=half), review(graph(), decisions=half))}))
    assert "- <code>a</code> cluster: **nobody is named** (" in made


def test_nothing_to_approve_gives_no_section() -> None:
    same = comparison(review(platform(), decisions=rights()), review(platform(), decisions=rights()))
    assert text(same) == ""
    assert same.to_json()["approvals"] == []


def test_a_comment_names_approvers_so_that_it_calls_nobody_by_itself() -> None:
    made = comment(
        of({"a": change("a", review(platform(), decisions=rights()), review(platform(subnets=3), decisions=rights()))})
    )
    assert "- <code>a</code> cluster: <code>&#64;x/platform</code> (1)\n" in made
