"""What generated environments say beside pools, teams and stores: the environment's file, and a site's."""

from __future__ import annotations

from typing import Any

from tests.support.generated.kinds import ZONES

_ACCOUNT = "111122223333"
_ROLES = f"arn:aws:iam::{_ACCOUNT}:role"
_BUDGET = "900000000.00"

_SHARED: dict[str, Any] = {
    "schema": "bedplate/v1",
    "extends": ["_gpu"],
    "name": "large",
    "tier": "staging",
    "delivery": {"stacks": "layered"},
    "serving": {"gateway": {"host": "models.example.org"}},
    "cost": {"monthlyBudget": _BUDGET},
}
_HUB = {
    "name": "model-hub",
    "cidr": "0.0.0.0/0",
    "exceptCidrs": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
    "ports": [443],
}
_CI = {
    "name": "github",
    "issuer": "https://token.actions.githubusercontent.com",
    "plan": {"subjects": ["repo:example/platform:pull_request"]},
    "apply": {
        layer: {"subjects": [f"repo:example/platform:environment:large-{layer}"]}
        for layer in ("cluster", "platform", "models")
    },
}
_DEPLOY = [
    {
        "name": f"deploy-{layer}",
        "principal": f"{_ROLES}/bedplate/large/bedplate-large-deploy-{layer}",
        "policy": "clusterAdmin",
    }
    for layer in ("platform", "models")
]

# No chart is expanded here, and only the expanded one tells what its controller does.
_UNREAD_CHART = {
    "policy": "nodes/faults-repaired",
    "level": "advisory",
    "reason": "the chart of Karpenter is not expanded in generated environments",
}

ON_AWS: dict[str, Any] = {
    **_SHARED,
    "extends": ["_aws", "_gpu"],
    "description": "Many teams and many pools on AWS, made out of a seed.",
    "state": {
        "backend": f"s3://bedplate-state-large-{_ACCOUNT}?region=us-east-1",
        "secretsProvider": "awskms://alias/bedplate-state-large?region=us-east-1",
    },
    "bootstrap": {"stateBucket": {}, "operators": [f"{_ROLES}/platform-admins"], "ci": [_CI]},
    "cloud": {"zones": list(ZONES)},
    "network": {"cidr": "10.64.0.0/16", "nat": "perZone", "flowLogs": {"retentionDays": 90}},
    "cluster": {"access": _DEPLOY},
    "guardrails": {"egress": [_HUB]},
    "addons": [
        {"name": "eks-node-monitoring-agent", "source": "eks"},
        {"name": "karpenter-crd", "source": "chart", "namespace": "kube-system"},
        {"name": "karpenter", "source": "chart", "namespace": "kube-system"},
    ],
    "policies": {"levels": [_UNREAD_CHART]},
}
"""Without pools, teams and stores."""

PLANT: dict[str, Any] = {
    **_SHARED,
    "description": "Many teams and many machines at three sites, made out of a seed.",
    "ownership": {"owner": "plant-platform", "contact": "plant-platform@example.org"},
    "state": {"backend": "https://state.example.org", "secretsProvider": "hashivault://bedplate"},
    "cloud": {"provider": "none"},
    "cluster": {"kind": "existing", "name": "plant", "version": "1.35"},
    "guardrails": {"egress": [_HUB]},
    "gpuOperator": {"modules": "precompiled"},
    "addons": [
        {
            "name": "gpu-operator",
            "source": "chart",
            "namespace": "gpu-system",
            "values": {"clusterPolicy.deployCR": False, "nfd.enabled": False, "operator.upgradeCRD": False},
        }
    ],
}
"""Without pools and teams."""

SITE = {
    "description": "Plant {site}.",
    "context": "{site}",
    "registry": "registry.{site}.example.org/mirror",
    "host": "models.{site}.example.org",
}
"""A site without its nodes; ``{site}`` stands for its name."""
