"""The cluster: closed, encrypted, logged, and open only to the roles that the spec names."""

import json

import pytest

from bedplate.graph.values import UNKNOWN, get, walk
from bedplate.model.naming import check_name
from components.cluster.addons import AddonChoice, EksAddon
from tests.components.cluster.building import CLUSTER, cluster_graph, control_plane
from tests.support.aws_program import ACCOUNT, REGION, named, needs, only, unknown_paths
from tests.support.eks_addons import chosen

ADDON = "aws:eks/addon:Addon"
ENTRY = "aws:eks/accessEntry:AccessEntry"
ASSOCIATION = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
KEY = "aws:kms/key:Key"
ALIAS = "aws:kms/alias:Alias"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
PROVIDER = "pulumi:providers:kubernetes"


def test_name_and_version_are_the_ones_given() -> None:
    cluster = control_plane(cluster_name="models", version="1.35")

    assert (cluster.inputs["name"], cluster.inputs["version"]) == ("models", "1.35")
    assert (cluster.layer, cluster.entry) == ("cluster", "cluster")


def test_the_api_server_is_private_by_default() -> None:
    cluster = control_plane()

    assert get(cluster.inputs, "vpcConfig", "endpointPrivateAccess") is True
    assert get(cluster.inputs, "vpcConfig", "endpointPublicAccess") is False
    assert "0.0.0.0/0" not in [value for _, value in walk(cluster.inputs)]


def test_a_public_api_server_answers_the_named_ranges_and_stays_private_too() -> None:
    cluster = control_plane(endpoint={"public": True, "publicCidrs": ["203.0.113.0/24"]})

    assert get(cluster.inputs, "vpcConfig", "endpointPublicAccess") is True
    assert get(cluster.inputs, "vpcConfig", "publicAccessCidrs") == ("203.0.113.0/24",)
    assert get(cluster.inputs, "vpcConfig", "endpointPrivateAccess") is True


def test_the_control_plane_stands_in_the_private_subnets() -> None:
    graph = cluster_graph()
    subnets = {graph[urn].name for urn in only(graph, CLUSTER).property_dependencies["vpcConfig"]}

    assert {"network-private-us-east-1a", "network-private-us-east-1b"} <= subnets
    assert not any("public" in name for name in subnets)


def test_rights_come_from_access_entries_alone_and_the_creator_gets_none() -> None:
    assert dict(control_plane().inputs["accessConfig"]) == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }


def test_secrets_are_encrypted_with_a_rotating_key_of_the_account() -> None:
    graph = cluster_graph()
    cluster, key = only(graph, CLUSTER), only(graph, KEY)

    assert cluster.inputs["encryptionConfig"]["resources"] == ("secrets",)
    assert graph[cluster.property_dependencies["encryptionConfig"][0]].urn == key.urn
    assert key.inputs["enableKeyRotation"] is True
    assert key.inputs["deletionWindowInDays"] == 30
    assert json.loads(key.inputs["policy"])["Statement"][0]["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert only(graph, ALIAS).inputs["name"] == "alias/dev-secrets"


def test_a_key_that_exists_is_used_as_it_is() -> None:
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
    graph = cluster_graph(encryption={"keyArn": key})

    assert get(only(graph, CLUSTER).inputs, "encryptionConfig", "provider", "keyArn") == key
    assert (graph.of_type(KEY), graph.of_type(ALIAS)) == ((), ())


def test_the_log_group_exists_before_the_cluster_and_keeps_logs_for_ninety_days() -> None:
    graph = cluster_graph()
    logs = only(graph, LOGS)

    assert logs.inputs["name"] == "/aws/eks/dev/cluster"
    assert logs.inputs["retentionInDays"] == 90
    assert logs.name in needs(graph, only(graph, CLUSTER))


def test_the_retention_of_logs_is_the_spec_s() -> None:
    assert only(cluster_graph(logRetentionDays=365), LOGS).inputs["retentionInDays"] == 365


def test_the_logs_are_the_spec_s() -> None:
    assert control_plane().inputs["enabledClusterLogTypes"] == ("api", "audit", "authenticator")
    assert control_plane(logs=["audit"]).inputs["enabledClusterLogTypes"] == ("audit",)


def test_services_stay_out_of_the_vpc() -> None:
    network = control_plane(vpc="172.20.0.0/16").inputs["kubernetesNetworkConfig"]

    assert dict(network) == {"ipFamily": "ipv4", "serviceIpv4Cidr": "10.100.0.0/16"}


def test_the_cluster_role_is_for_eks_and_is_complete_before_the_cluster() -> None:
    graph = cluster_graph()
    role = named(graph, ROLE, "cluster-role")

    assert role.inputs["name"] == "dev-cluster"
    assert json.loads(role.inputs["assumeRolePolicy"])["Statement"][0]["Principal"] == {"Service": "eks.amazonaws.com"}
    attachment = named(graph, ATTACHMENT, "cluster-role-AmazonEKSClusterPolicy")
    assert attachment.inputs["policyArn"] == "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
    assert {role.name, attachment.name} <= needs(graph, only(graph, CLUSTER))


def test_what_follows_from_names_is_known_before_apply() -> None:
    graph = cluster_graph()

    assert only(graph, CLUSTER).inputs["roleArn"] == f"arn:aws:iam::{ACCOUNT}:role/dev-cluster"
    unknown = {path for resource in graph.registered if resource.entry == "cluster" for path in unknown_paths(resource)}
    assert unknown == {
        ("encryptionConfig", "provider", "keyArn"),
        ("kubeconfig",),
        ("targetKeyId",),
        ("vpcConfig", "subnetIds", 0),
        ("vpcConfig", "subnetIds", 1),
    }


def test_eks_installs_no_add_ons_that_nobody_keeps() -> None:
    assert control_plane().inputs["bootstrapSelfManagedAddons"] is False


def test_the_add_ons_given_are_installed_after_the_cluster_and_belong_to_bedplate_alone() -> None:
    graph = cluster_graph()

    found = {addon.name: dict(addon.inputs) for addon in graph.of_type(ADDON) if addon.entry == "cluster"}
    assert set(found) == {"cluster-eks-pod-identity-agent", "cluster-kube-proxy", "cluster-vpc-cni"}
    assert found["cluster-kube-proxy"] == {
        "addonName": "kube-proxy",
        "clusterName": "dev",
        "preserve": False,
        "resolveConflictsOnCreate": "OVERWRITE",
        "resolveConflictsOnUpdate": "OVERWRITE",
    }
    for name in found:
        assert "cluster-control-plane" in needs(graph, named(graph, ADDON, name))


def test_the_cni_gets_its_rights_through_pod_identity() -> None:
    graph = cluster_graph()
    cni = named(graph, ADDON, "cluster-vpc-cni")
    role = named(graph, ROLE, "cluster-vpc-cni")

    assert [dict(item) for item in cni.inputs["podIdentityAssociations"]] == [
        {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/dev-addon-vpc-cni", "serviceAccount": "aws-node"}
    ]
    conditions = json.loads(role.inputs["assumeRolePolicy"])["Statement"][0]["Condition"]["StringEquals"]
    assert conditions["aws:RequestTag/eks-cluster-name"] == "dev"
    assert conditions["aws:RequestTag/kubernetes-service-account"] == "aws-node"
    assert "cluster-vpc-cni-AmazonEKS_CNI_Policy" in needs(graph, cni)


def test_an_add_on_has_the_version_and_configuration_given() -> None:
    addon = EksAddon(name="metrics-server", version="v0.8.1-eksbuild.2", configuration='{"replicas":1}')
    inputs = named(cluster_graph(addons=(addon,)), ADDON, "cluster-metrics-server").inputs

    assert inputs["addonVersion"] == "v0.8.1-eksbuild.2"
    assert inputs["configurationValues"] == '{"replicas":1}'


def test_one_role_serves_all_service_accounts_of_an_add_on_and_no_others() -> None:
    graph = cluster_graph(addons=(chosen({"aws-efs-csi-driver": AddonChoice()})["aws-efs-csi-driver"],))
    addon, role = named(graph, ADDON, "cluster-aws-efs-csi-driver"), named(graph, ROLE, "cluster-aws-efs-csi-driver")

    accounts = ["efs-csi-controller-sa", "efs-csi-node-sa"]
    arn = f"arn:aws:iam::{ACCOUNT}:role/dev-addon-aws-efs-csi-driver"
    assert [dict(item) for item in addon.inputs["podIdentityAssociations"]] == [
        {"roleArn": arn, "serviceAccount": account} for account in accounts
    ]
    conditions = json.loads(role.inputs["assumeRolePolicy"])["Statement"][0]["Condition"]["StringEquals"]
    assert conditions["aws:RequestTag/kubernetes-service-account"] == accounts


def test_an_add_on_gets_the_policies_that_the_environment_names() -> None:
    own = f"arn:aws:iam::{ACCOUNT}:policy/read-weights"
    choice = {"aws-mountpoint-s3-csi-driver": AddonChoice(policies=(own,))}
    graph = cluster_graph(addons=(chosen(choice)["aws-mountpoint-s3-csi-driver"],))

    assert named(graph, ATTACHMENT, "cluster-aws-mountpoint-s3-csi-driver-read-weights").inputs["policyArn"] == own


def test_an_add_on_waits_for_those_that_it_needs() -> None:
    made = chosen({"adot": AddonChoice(), "cert-manager": AddonChoice()})
    graph = cluster_graph(addons=(made["cert-manager"], made["adot"]))

    assert "cluster-cert-manager" in needs(graph, named(graph, ADDON, "cluster-adot"))


def test_dns_waits_for_nodes() -> None:
    graph = cluster_graph()
    dns = named(graph, ADDON, "addons-coredns")

    assert dns.entry == "addons"
    assert {"cluster-control-plane", "cluster-vpc-cni"} <= needs(graph, dns)


def test_the_kubernetes_provider_is_bound_to_the_cluster_and_waits_for_the_rights_to_use_it() -> None:
    graph = cluster_graph()
    provider = only(graph, PROVIDER)

    assert provider.name == "dev"
    assert provider.inputs["clusterIdentifier"] == f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/dev"
    assert provider.inputs["kubeconfig"] == UNKNOWN
    assert provider.inputs["enableServerSideApply"] == "true"
    assert set(provider.property_dependencies["kubeconfig"]) == {only(graph, CLUSTER).urn}
    assert {resource.urn for kind in (ENTRY, ASSOCIATION) for resource in graph.of_type(kind)} <= {
        *provider.dependencies
    }


def test_the_kubernetes_provider_reads_nothing_from_environment_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    before = cluster_graph().bytes
    for name in (
        "DELETE_UNREACHABLE",
        "ENABLE_CONFIGMAP_MUTABLE",
        "ENABLE_SECRET_MUTABLE",
        "SKIP_UPDATE_UNREACHABLE",
        "SUPPRESS_DEPRECATION_WARNINGS",
        "SUPPRESS_HELM_HOOK_WARNINGS",
    ):
        monkeypatch.setenv(f"PULUMI_K8S_{name}", "true")
    monkeypatch.setenv("PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY", "false")
    monkeypatch.setenv("KUBECONFIG", "/elsewhere")

    assert cluster_graph().bytes == before


def test_names_fit_even_where_the_cluster_has_the_longest_one() -> None:
    graph = cluster_graph(cluster_name="c" * 100)

    for kind, resource_type in (("iamRole", ROLE), ("kmsAlias", ALIAS), ("logGroup", LOGS), ("eksCluster", CLUSTER)):
        names = [resource.inputs["name"] for resource in graph.of_type(resource_type)]
        assert names
        assert [check_name(kind, name) for name in names] == [None] * len(names)
