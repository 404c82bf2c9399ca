"""Look-ups that programs make: who am I, where am I."""

from collections.abc import Callable

from tests.support.fakeaws.account import Account, zone_id
from tests.support.fakeaws.wire import Properties


def answer(token: str, arguments: Properties, account: Account) -> Properties:
    """Return the result of the look-up `token`. Raises LookupError for one that is not known here."""
    function = _FUNCTIONS.get(token)
    if function is None:
        message = f"the fake aws provider has no answer to {token}; it knows {', '.join(sorted(_FUNCTIONS))}"
        raise LookupError(message)
    region = arguments.get("region")
    return function(Account(region, account.account_id) if isinstance(region, str) else account)


def _caller_identity(account: Account) -> Properties:
    arn = f"arn:{account.partition}:iam::{account.account_id}:user/fake"
    return {"accountId": account.account_id, "arn": arn, "id": account.account_id, "userId": "AIDAFAKEFAKEFAKEFAKE"}


def _partition(account: Account) -> Properties:
    reversed_dns = ".".join(reversed(account.dns_suffix.split(".")))
    return {
        "dnsSuffix": account.dns_suffix,
        "id": account.partition,
        "partition": account.partition,
        "reverseDnsPrefix": reversed_dns,
    }


def _region(account: Account) -> Properties:
    endpoint = f"ec2.{account.region}.{account.dns_suffix}"
    names = dict.fromkeys(("id", "name", "region"), account.region)
    return {**names, "description": f"Fake ({account.region})", "endpoint": endpoint}


def _availability_zones(account: Account) -> Properties:
    return {
        "groupNames": [account.region],
        "id": account.region,
        "names": list(account.zones),
        "region": account.region,
        "zoneIds": [zone_id(zone) for zone in account.zones],
    }


_FUNCTIONS: dict[str, Callable[[Account], Properties]] = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": _availability_zones,
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getRegion:getRegion": _region,
}
