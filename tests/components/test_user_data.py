"""User data says to each image what it was asked to say, and the same thing with the same bytes."""

from __future__ import annotations

import json

import pytest

from components.user_data import bottlerocket_user_data, nodeadm_user_data
from tests.support.user_data import bottlerocket_settings, node_configs

SPEC = {"instance": {"localStorage": {"strategy": "RAID0"}}, "kubelet": {"flags": ["--v=2"]}}
SETTINGS = {
    "kubernetes": {"node-labels": {"example.org/rack": "a"}, "max-pods": 58, "server-tls-bootstrap": False},
    "bootstrap-commands": {"000-disks": {"commands": [["apiclient", "set"], ["true"]], "essential": True}},
    "motd": 'say "hello"\n\tä\x7f',
    "oci-hooks": {},
}


def test_nodeadm_reads_one_node_config_from_the_message() -> None:
    assert node_configs(nodeadm_user_data(SPEC)) == [
        {"apiVersion": "node.eks.aws/v1alpha1", "kind": "NodeConfig", "spec": SPEC}
    ]


def test_bottlerocket_reads_every_setting_from_the_text() -> None:
    assert bottlerocket_settings(bottlerocket_user_data(SETTINGS)) == SETTINGS


def test_no_setting_at_all_is_an_empty_table() -> None:
    assert bottlerocket_user_data({}) == "[settings]\n"


def test_the_order_of_keys_changes_nothing() -> None:
    turned = json.loads(json.dumps(SETTINGS), object_pairs_hook=lambda pairs: dict(reversed(pairs)))

    assert list(turned) != list(SETTINGS)
    assert bottlerocket_user_data(turned) == bottlerocket_user_data(SETTINGS)
    assert nodeadm_user_data(turned) == nodeadm_user_data(SETTINGS)


@pytest.mark.parametrize("value", [None, 1.5, [None]])
def test_what_toml_or_bottlerocket_cannot_take_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="is no value of a Bottlerocket setting"):
        bottlerocket_user_data({"motd": value})
