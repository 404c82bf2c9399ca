"""Addresses of a cluster: Services never overlap the VPC, and the kubeconfig holds no secret."""

import pytest

from components.cluster.addressing import cluster_arn, kubeconfig, service_range


@pytest.mark.parametrize(
    ("vpc", "services"),
    [
        ("10.40.0.0/16", "172.20.0.0/16"),
        ("192.168.0.0/16", "172.20.0.0/16"),
        ("172.16.0.0/16", "172.20.0.0/16"),
        ("172.20.0.0/16", "10.100.0.0/16"),
        ("172.20.128.0/20", "10.100.0.0/16"),
    ],
)
def test_services_get_a_range_outside_the_vpc(vpc: str, services: str) -> None:
    assert service_range(vpc) == services


def test_an_arn_follows_from_place_and_name() -> None:
    assert cluster_arn("eu-west-1", "111122223333", "dev") == "arn:aws:eks:eu-west-1:111122223333:cluster/dev"


def test_a_kubeconfig_asks_aws_for_a_token_each_time() -> None:
    config = kubeconfig(name="dev", region="eu-west-1", endpoint="https://api", certificate_authority="Y2E=")

    assert config == {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "dev",
        "clusters": [{"name": "dev", "cluster": {"server": "https://api", "certificate-authority-data": "Y2E="}}],
        "contexts": [{"name": "dev", "context": {"cluster": "dev", "user": "dev"}}],
        "users": [
            {
                "name": "dev",
                "user": {
                    "exec": {
                        "apiVersion": "client.authentication.k8s.io/v1beta1",
                        "command": "aws",
                        "args": [
                            "eks",
                            "get-token",
                            "--cluster-name",
                            "dev",
                            "--region",
                            "eu-west-1",
                            "--output",
                            "json",
                        ],
                        "interactiveMode": "Never",
                    }
                },
            }
        ],
    }
