"""All tags of an object: the provider's default tags and its own together, as the provider's Check writes them."""

from tests.support.fakeaws.account import Account
from tests.support.fakeaws.schema import ResourceSchema
from tests.support.fakeaws.wire import UNKNOWN, Properties, Secret, Unknown, Value


def with_all_tags(schema: ResourceSchema, inputs: Properties, account: Account) -> Properties:
    """Return `inputs` with `tagsAll`, where the type has tags. A change of default tags changes every object so."""
    return {**inputs, "tagsAll": all_tags(inputs.get("tags"), account)} if "tagsAll" in schema.outputs else inputs


def all_tags(own: Value, account: Account) -> Value:
    """Return an object's tags beside the default ones. Secret tags make all of them secret."""
    default = account.default_tags
    if isinstance(own, Unknown):
        return UNKNOWN
    if isinstance(own, Secret):
        return Secret({**default, **own.value}) if isinstance(own.value, dict) else own
    return {**default, **own} if isinstance(own, dict) else dict(default)
