"""EKS add-ons: the ones no cluster works without, the ones that an environment names, their settings and rights."""

import json
import re

import pytest

from bedplate.catalog import catalog
from bedplate.catalog.rows import EksAddon as KnownAddon
from bedplate.model.spec import FrozenJson, Spec
from components.cluster.addons import AddonChoice
from components.cluster.control_plane_spec import PodsSpec
from components.iam import managed_policy_arn
from tests.support.eks_addons import AFTER_NODES, BEFORE_NODES, chosen

KNOWN = catalog.load().eks_addons
OWN = "arn:aws:iam::111122223333:policy/read-weights"


class Settings(Spec):
    """A file with a JSON object of somebody else's making."""

    configuration: FrozenJson


def test_every_cluster_has_networking_dns_and_pod_identity() -> None:
    assert list(chosen()) == ["coredns", "eks-pod-identity-agent", "kube-proxy", "vpc-cni"]


def test_only_dns_needs_nodes_to_run_on() -> None:
    assert [addon.name for addon in AFTER_NODES] == ["coredns"]
    assert len(BEFORE_NODES) == 3


def test_the_cni_enforces_network_policies_with_rights_of_its_own() -> None:
    cni = chosen()["vpc-cni"]

    assert cni.configuration == '{"enableNetworkPolicy":"true"}'
    assert (cni.service_accounts, cni.policies) == (("aws-node",), ("AmazonEKS_CNI_Policy",))


def test_prefix_delegation_is_a_setting_of_the_cni() -> None:
    cni = chosen(pods=PodsSpec(prefix_delegation=True))["vpc-cni"]

    assert cni.configuration == '{"enableNetworkPolicy":"true","env":{"ENABLE_PREFIX_DELEGATION":"true"}}'


def test_settings_of_an_environment_are_laid_over_ours_as_canonical_json() -> None:
    wanted = {"env": {"WARM_PREFIX_TARGET": "2"}, "tolerations": [{"operator": "Exists"}], "a": None}
    choice = AddonChoice(configuration=Settings(configuration=wanted).configuration)
    cni = chosen({"vpc-cni": choice}, pods=PodsSpec(prefix_delegation=True))["vpc-cni"]

    assert json.loads(cni.configuration or "") == {
        "a": None,
        "enableNetworkPolicy": "true",
        "env": {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "2"},
        "tolerations": [{"operator": "Exists"}],
    }
    assert " " not in (cni.configuration or " ")


def test_settings_are_read_only_at_every_depth_and_come_out_as_they_went_in() -> None:
    data = {"env": {"a": "b"}, "list": [{"c": 1}]}
    settings = Settings(configuration=data)

    with pytest.raises(TypeError):
        settings.configuration["env"]["a"] = "c"
    assert isinstance(settings.configuration["list"], tuple)
    assert settings.model_dump() == {"configuration": data}


def test_an_add_on_without_settings_has_none() -> None:
    assert chosen()["coredns"].configuration is None


def test_a_version_is_left_to_eks_unless_given() -> None:
    made = chosen({"coredns": AddonChoice(version="v1.12.4-eksbuild.1")})

    assert {name: addon.version for name, addon in made.items() if addon.version} == {"coredns": "v1.12.4-eksbuild.1"}


def test_an_add_on_that_is_there_already_is_left_to_those_who_keep_it() -> None:
    assert list(chosen(present=("vpc-cni", "coredns"))) == ["eks-pod-identity-agent", "kube-proxy"]


def test_an_add_on_comes_after_those_that_it_needs() -> None:
    made = list(chosen({"adot": AddonChoice(), "cert-manager": AddonChoice()}))

    assert made.index("cert-manager") < made.index("adot")


def test_a_need_that_somebody_else_meets_holds_nothing_up() -> None:
    assert "adot" in chosen({"adot": AddonChoice()}, present=("cert-manager",))


def test_policies_of_an_environment_take_the_place_of_those_that_aws_recommends() -> None:
    made = chosen({"aws-ebs-csi-driver": AddonChoice(), "aws-mountpoint-s3-csi-driver": AddonChoice(policies=(OWN,))})

    assert made["aws-ebs-csi-driver"].policies == ("service-role/AmazonEBSCSIDriverPolicy",)
    assert made["aws-mountpoint-s3-csi-driver"].policies == (OWN,)


@pytest.mark.parametrize("row", [row for row in KNOWN.values() if row.policies], ids=lambda row: row.name)
def test_policies_of_the_catalogue_are_named_as_aws_names_its_own(row: KnownAddon) -> None:
    for policy in row.policies:
        arn = managed_policy_arn(policy)
        assert re.fullmatch(r"arn:aws:iam::aws:policy/(service-role/)?[A-Z][A-Za-z0-9_]+", arn), arn
        assert not arn.endswith("AdministratorAccess")


def test_needs_of_the_catalogue_are_add_ons_and_run_in_no_circle() -> None:
    waiting = {name: set(row.needs) for name, row in KNOWN.items()}
    assert set().union(*waiting.values()) <= waiting.keys()
    while waiting:
        free = [name for name, needs in waiting.items() if not needs & waiting.keys()]
        assert free, waiting
        for name in free:
            del waiting[name]


def test_add_ons_that_nodes_start_with_need_none_that_comes_later() -> None:
    for row in KNOWN.values():
        assert not row.before_nodes or not row.needs
        assert not row.before_nodes or row.required
