"""Reads user data as the images do."""

from __future__ import annotations

import email
import tomllib
from typing import Any

import yaml


def node_configs(text: str) -> list[dict[str, Any]]:
    """The NodeConfig objects of a MIME message, in order."""
    message = email.message_from_string(text)
    assert message.get_content_type() == "multipart/mixed"
    parts = [part for part in message.walk() if part.get_content_type() == "application/node.eks.aws"]
    return [yaml.safe_load(str(part.get_payload())) for part in parts]


def bottlerocket_settings(text: str) -> dict[str, Any]:
    """The settings of a Bottlerocket node."""
    return dict(tomllib.loads(text)["settings"])
