"""An EKS cluster that somebody else keeps: reached from what is stated of it, and left as it is."""

import json
from typing import Any

import pytest

from bedplate.graph.graph import Graph
from components.cluster.addons import EksAddon
from components.cluster.component import ExistingEksCluster
from components.cluster.spec import EksExistingClusterSpec
from tests.components.cluster.test_spec import EKS_EXISTING
from tests.support.aws_program import ACCOUNT, REGION, named, needs, only, record_on_aws, unknown_paths
from tests.support.eks_addons import chosen

ADDON = "aws:eks/addon:Addon"
ROLE = "aws:iam/role:Role"
ENTRY = "aws:eks/accessEntry:AccessEntry"
PROVIDER = "pulumi:providers:kubernetes"
APPLY = {"name": "apply", "principal": f"arn:aws:iam::{ACCOUNT}:role/apply", "policy": "clusterAdmin"}


def existing_graph(*, addons: tuple[EksAddon, ...] = (), **fields: Any) -> Graph:
    """The Graph of such a cluster with `fields` in its spec."""
    spec = EksExistingClusterSpec.model_validate({**EKS_EXISTING, **fields})

    def build(opts: Any) -> None:
        handle = ExistingEksCluster("cluster", spec, region=REGION, account=ACCOUNT, addons=addons, opts=opts).handle
        assert (handle.name, handle.kubeconfig is None) == ("ml-platform", False)

    return record_on_aws(build)


def test_nothing_is_made_of_a_cluster_to_which_nothing_is_added() -> None:
    custom = [resource.type for resource in existing_graph() if resource.custom]

    assert sorted(custom) == ["pulumi:providers:aws", PROVIDER]


def test_it_is_reached_by_what_is_stated_of_it_before_anything_is_applied() -> None:
    provider = only(existing_graph(), PROVIDER)
    config = json.loads(provider.inputs["kubeconfig"])

    assert config["clusters"][0]["cluster"] == {
        "server": EKS_EXISTING["endpoint"],
        "certificate-authority-data": EKS_EXISTING["certificateAuthority"],
    }
    assert config["users"][0]["user"]["exec"]["args"][:4] == ["eks", "get-token", "--cluster-name", "ml-platform"]
    assert provider.inputs["clusterIdentifier"] == f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/ml-platform"
    assert unknown_paths(provider) == set()


def test_objects_wait_for_the_access_that_is_added() -> None:
    graph = existing_graph(access=[APPLY])

    assert only(graph, ENTRY).inputs["clusterName"] == "ml-platform"
    assert "cluster-access-apply" in needs(graph, only(graph, PROVIDER))


def test_add_ons_that_it_lacks_are_installed_with_roles_of_their_own() -> None:
    (cni,) = chosen(present=("coredns", "kube-proxy", "eks-pod-identity-agent")).values()
    graph = existing_graph(addons=(cni,))

    assert named(graph, ADDON, "cluster-vpc-cni").inputs["clusterName"] == "ml-platform"
    assert only(graph, ROLE).inputs["name"] == "ml-platform-addon-vpc-cni"


@pytest.mark.parametrize("key", ["version", "serviceCidr"])
def test_what_is_stated_for_checks_alone_makes_nothing(key: str) -> None:
    fields: dict[str, Any] = {"version": "1.36", "serviceCidr": "10.100.0.0/16"}

    assert existing_graph(**{key: fields[key]}).bytes == existing_graph().bytes
