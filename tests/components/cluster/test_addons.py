"""EKS add-ons: the ones no cluster can do without, and the ones that an environment names."""

import json

from components.cluster.addons import EksAddon, eks_addons


def test_every_cluster_has_networking_dns_and_pod_identity() -> None:
    assert [addon.name for addon in eks_addons({})] == ["coredns", "eks-pod-identity-agent", "kube-proxy", "vpc-cni"]


def test_only_dns_needs_nodes_to_run_on() -> None:
    assert [addon.name for addon in eks_addons({}) if not addon.before_nodes] == ["coredns"]


def test_the_cni_enforces_network_policies_with_rights_of_its_own() -> None:
    (cni,) = [addon for addon in eks_addons({}) if addon.name == "vpc-cni"]

    assert json.loads(cni.configuration or "{}") == {"enableNetworkPolicy": "true"}
    assert cni.pod_identity is not None
    assert (cni.pod_identity.service_account, cni.pod_identity.policy) == ("aws-node", "AmazonEKS_CNI_Policy")


def test_a_version_is_left_to_eks_unless_given() -> None:
    versions = {addon.name: addon.version for addon in eks_addons({"coredns": "v1.12.4-eksbuild.1", "vpc-cni": None})}

    assert versions == {
        "coredns": "v1.12.4-eksbuild.1",
        "eks-pod-identity-agent": None,
        "kube-proxy": None,
        "vpc-cni": None,
    }


def test_a_further_add_on_comes_after_the_nodes_without_rights() -> None:
    assert EksAddon(name="metrics-server", version="v0.8.1-eksbuild.2") in eks_addons(
        {"metrics-server": "v0.8.1-eksbuild.2"}
    )


def test_a_storage_driver_gets_the_rights_it_calls_aws_with() -> None:
    (driver,) = [addon for addon in eks_addons({"aws-ebs-csi-driver": None}) if addon.name == "aws-ebs-csi-driver"]

    assert driver.pod_identity is not None
    assert driver.pod_identity.policy == "service-role/AmazonEBSCSIDriverPolicy"
