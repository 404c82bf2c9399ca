"""Forms of values that sections of the environment file share: URLs without credentials, days, amounts of money."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from bedplate.model.spec import Refusal
from bedplate.model.types import Form

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AMOUNT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_CREDENTIALS = re.compile(r"secret|token|passw|credential|access_?key|signature", re.IGNORECASE)


def _without_credentials(value: str) -> str:
    """A URL as everybody who reads the repository may see it. The refusal does not show it."""
    try:
        url = urlsplit(value)
        carried = url.username is not None or any(_CREDENTIALS.search(name) for name in parse_qs(url.query))
    except ValueError:
        raise Refusal("is no URL") from None
    if carried:
        hint = "leave them to the environment in which bedplate runs, as the cloud's own tools do"
        raise Refusal("carries credentials, and everybody who reads this file would have them", hint=hint)
    return value


def _without_passphrase(value: object) -> object:
    """The word alone. The refusal does not show what follows it: that may be the phrase."""
    if isinstance(value, str) and value.startswith("passphrase") and value.strip() != "passphrase":
        hint = "the phrase itself comes from PULUMI_CONFIG_PASSPHRASE where bedplate runs"
        raise Refusal("says more than the word passphrase, and everybody who reads this file would have it", hint=hint)
    return value


BackendUrl = Annotated[
    str,
    AfterValidator(_without_credentials),
    Form(
        r"file://[!-~]*|(?:s3|gs|azblob|https)://[!-~]+",
        "the URL of a backend: file://, s3://, gs://, azblob:// or https://",
        "s3://example-pulumi-state?region=us-east-1",
    ),
]
"""Where Pulumi keeps state."""

SecretsProvider = Annotated[
    str,
    BeforeValidator(_without_passphrase),
    AfterValidator(_without_credentials),
    Form(
        r"passphrase|(?:awskms|gcpkms|azurekeyvault|hashivault)://[!-~]+",
        "a provider of secrets: passphrase, awskms://, gcpkms://, azurekeyvault:// or hashivault://",
        "awskms://alias/pulumi?region=us-east-1",
    ),
]


def _day(value: object) -> object:
    if isinstance(value, date):
        return value
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise Refusal(f"expected a date such as 2026-12-31, in quotes, got {_shown(value)}")


Day = Annotated[date, BeforeValidator(_day)]
"""A day, as text."""


def _amount(value: object) -> object:
    if isinstance(value, str) and _AMOUNT.fullmatch(value):
        return Decimal(value)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return Decimal(str(value))
    raise Refusal(f"expected an amount such as 2500.00, in quotes, got {_shown(value)}")


Amount = Annotated[Decimal, BeforeValidator(_amount), Field(gt=0, max_digits=12, decimal_places=2)]
"""An amount of money, as text, to the hundredth."""


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, str) else json.dumps(value)
