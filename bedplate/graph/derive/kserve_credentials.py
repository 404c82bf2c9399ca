"""Credentials of the storage initialiser: what KServe reads from a service account and its secrets.

An account on EKS Pod Identity carries neither an annotation nor secrets, so KServe adds nothing for it: region and
endpoint must then come from the ClusterStorageContainer, and the EKS webhook brings the credentials.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bedplate.graph.derive.results import CannotDeriveError
from bedplate.graph.derive.settings import KServeSettings
from bedplate.graph.values import Json, get, is_opaque

ROLE_ANNOTATION = "eks.amazonaws.com/role-arn"
HF_TOKEN = "HF_TOKEN"
CA_BUNDLE_VARIABLE = "AWS_CA_BUNDLE"
CA_BUNDLE_CONFIG_MAP_VARIABLE = "AWS_CA_BUNDLE_CONFIGMAP"

_DEFAULT_ACCOUNT = "default"
# Variable, annotation below serving.kserve.io/, key of credentials.s3; in KServe's order, the endpoint apart.
_S3_OPTIONS = (
    ("S3_VERIFY_SSL", "s3-verifyssl", "s3VerifySSL"),
    ("awsAnonymousCredential", "s3-useanoncredential", "s3UseAnonymousCredential"),
    ("AWS_DEFAULT_REGION", "s3-region", "s3Region"),
    ("S3_USER_VIRTUAL_BUCKET", "s3-usevirtualbucket", "s3UseVirtualBucket"),
    ("S3_USE_ACCELERATE", "s3-useaccelerate", "s3UseAccelerate"),
    (CA_BUNDLE_VARIABLE, "s3-cabundle", "s3CABundle"),
    (CA_BUNDLE_CONFIG_MAP_VARIABLE, "s3-cabundle-configmap", "s3CABundleConfigMap"),
)
# Keys by which KServe recognises the secret of another store, tested in this order after those of S3.
_OTHER_STORES = (
    "AZ_CLIENT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_ACCESS_TOKEN",
    "AZURE_STORAGE_ACCESS_KEY",
    "https-host",
    "HDFS_NAMENODE",
)


@dataclass(frozen=True, slots=True)
class Accounts:
    """The ServiceAccounts and Secrets of one namespace that are declared, by name."""

    namespace: str
    accounts: Mapping[str, Json]
    secrets: Mapping[str, Json]

    @classmethod
    def of(cls, namespace: str, manifests: Iterable[Json]) -> Accounts:
        """Those of `namespace` among `manifests`; other kinds are passed over."""
        found: dict[str, dict[str, Json]] = {"ServiceAccount": {}, "Secret": {}}
        for manifest in manifests:
            if manifest.get("kind") in found and get(manifest, "metadata", "namespace") == namespace:
                found[manifest["kind"]][manifest["metadata"]["name"]] = manifest
        return cls(namespace, found["ServiceAccount"], found["Secret"])


def credential_variables(pod: Json, accounts: Accounts, settings: KServeSettings) -> list[Json]:
    """The environment that KServe gives the storage initialiser of `pod`, in order.

    Raises CannotDeriveError where the account or a secret it lists is not declared, or a secret's keys are not known.
    """
    name = get(pod, "spec", "serviceAccountName", default="") or _DEFAULT_ACCOUNT
    if name not in accounts.accounts and name != _DEFAULT_ACCOUNT:
        raise CannotDeriveError(f"service account {name!r} is not declared in namespace {accounts.namespace!r}")
    # Kubernetes makes the account "default" in every namespace, with no annotation and no secret.
    account = accounts.accounts.get(name, {})
    annotations = get(account, "metadata", "annotations", default={})
    variables = _s3_options(annotations, {}, settings) if ROLE_ANNOTATION in annotations else []
    chosen = get(pod, "metadata", "annotations", settings.secret_name_annotation)
    names = [chosen] if chosen else [reference["name"] for reference in account.get("secrets") or []]
    for secret_name in names:
        if secret_name not in accounts.secrets:
            raise CannotDeriveError(f"secret {secret_name!r} of the service account is not declared in the namespace")
        variables = _with_secret(variables, accounts.secrets[secret_name], settings)
    return variables


def _with_secret(variables: list[Json], secret: Json, settings: KServeSettings) -> list[Json]:
    name, data = secret["metadata"]["name"], _data(secret)
    access = settings.s3.get("s3AccessKeyIDName") or "awsAccessKeyID"
    key = settings.s3.get("s3SecretAccessKeyName") or "awsSecretAccessKey"
    if key in data:
        own = [_from_secret("AWS_ACCESS_KEY_ID", name, access), _from_secret("AWS_SECRET_ACCESS_KEY", name, key)]
        options = _s3_options(get(secret, "metadata", "annotations", default={}), data, settings)
        return _overriding(variables, [*own, *options])
    for mark in (settings.gcs_credential_file or "gcloud-application-credentials.json", *_OTHER_STORES):
        if mark in data:
            raise CannotDeriveError(f"secret {name!r} holds {mark!r}: credentials of that store cannot be derived")
    return [*variables, _from_secret(HF_TOKEN, name, HF_TOKEN)] if HF_TOKEN in data else variables


def _data(secret: Json) -> Mapping[str, Json]:
    parts = [secret.get(part) or {} for part in ("data", "stringData")]
    if any(is_opaque(part) for part in parts):
        raise CannotDeriveError(f"the keys of secret {secret['metadata']['name']!r} are not known")
    return {**parts[0], **parts[1]}


def _s3_options(annotations: Mapping[str, Json], data: Mapping[str, Json], settings: KServeSettings) -> list[Json]:
    def option(variable: str, annotation: str, setting: str) -> str:
        stated = annotations.get(f"serving.kserve.io/{annotation}")
        if stated is None and variable in data:
            raise CannotDeriveError(f"a secret sets the S3 option {variable}; write it as an annotation of the secret")
        return str(settings.s3.get(setting, "") if stated is None else stated)

    endpoint = option("S3_ENDPOINT", "s3-endpoint", "s3Endpoint").strip()
    variables = _endpoint(endpoint, option("S3_USE_HTTPS", "s3-usehttps", "s3UseHttps")) if endpoint else []
    variables += [(each[0], option(*each)) for each in _S3_OPTIONS]
    return [{"name": name, "value": value} for name, value in variables if value]


def _endpoint(endpoint: str, secure: str) -> list[tuple[str, str]]:
    """A scheme in the endpoint decides; without one the option does, and https is the default."""
    url, bare = f"{'http' if secure == '0' else 'https'}://{endpoint}", endpoint
    for scheme, flag in (("https://", "1"), ("http://", "0")):
        if endpoint.lower().startswith(scheme):
            secure, url, bare = flag, endpoint, endpoint[len(scheme) :]
    return [("S3_USE_HTTPS", secure), ("S3_ENDPOINT", bare), ("AWS_ENDPOINT_URL", url)]


def _from_secret(variable: str, secret: str, key: str) -> Json:
    return {"name": variable, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


def _overriding(variables: list[Json], more: list[Json]) -> list[Json]:
    names = {variable["name"] for variable in variables}
    values = {variable["name"]: variable.get("value") for variable in more}
    kept = [
        {**variable, "value": values[variable["name"]]} if variable["name"] in values else variable
        for variable in variables
    ]
    return kept + [variable for variable in more if variable["name"] not in names]
