"""The AWS account and region that the provider is configured for, and the names that follow from them."""

import json
from dataclasses import dataclass, field

from tests.support.fakeaws.wire import Properties, Secret, Unknown, Value, plain

DOCUMENTATION_ACCOUNT = "111122223333"
ZONE_LETTERS = "abc"

_PARTITIONS = {"cn": ("aws-cn", "amazonaws.com.cn"), "us-gov": ("aws-us-gov", "amazonaws.com")}
_DIRECTIONS = ("north", "south", "east", "west", "central")


@dataclass(frozen=True)
class Account:
    """Where objects are made. `default_tags` are added to every object's `tagsAll`."""

    region: str
    account_id: str = DOCUMENTATION_ACCOUNT
    default_tags: Properties = field(default_factory=dict)

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn` or `aws-us-gov`."""
        return self._partition_and_suffix()[0]

    @property
    def dns_suffix(self) -> str:
        """Domain of the partition's endpoints."""
        return self._partition_and_suffix()[1]

    @property
    def zones(self) -> list[str]:
        """Names of the region's availability zones."""
        return [self.region + letter for letter in ZONE_LETTERS]

    def _partition_and_suffix(self) -> tuple[str, str]:
        for prefix, names in _PARTITIONS.items():
            if self.region.startswith(f"{prefix}-"):
                return names
        return "aws", "amazonaws.com"


def account_from_config(config: Properties) -> Account:
    """Read the provider's configuration. The account is the first allowed one, or one that AWS keeps for documentation.

    The SDK sends lists and objects as JSON text.
    """
    allowed = plain(_structured(config.get("allowedAccountIds")))
    default_tags = _structured(config.get("defaultTags"))
    tags = default_tags.get("tags") if isinstance(default_tags, dict) else None
    return Account(
        region=str(plain(config.get("region", ""))),
        account_id=str(allowed[0]) if isinstance(allowed, list) and allowed else DOCUMENTATION_ACCOUNT,
        default_tags=tags if isinstance(tags, dict) else {},
    )


def zone_id(zone: str) -> str:
    """Return the id of an availability zone: `euw1-az1` for `eu-west-1a`."""
    region, letter = zone[:-1], zone[-1]
    *area, direction, number = region.split("-")
    short = "".join(word[0] for word in _DIRECTIONS if word in direction)
    return f"{''.join(area)}{short}{number}-az{ord(letter) - ord('a') + 1}"


def _structured(value: Value) -> Value:
    """Decode JSON text; what was secret as text is secret in every value of the result."""
    if isinstance(value, Secret):
        return _secret_leaves(_structured(value.value))
    if isinstance(value, str):
        return json.loads(value)
    return None if isinstance(value, Unknown) else value


def _secret_leaves(value: Value) -> Value:
    if isinstance(value, dict):
        return {key: _secret_leaves(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_secret_leaves(item) for item in value]
    return Secret(value)
