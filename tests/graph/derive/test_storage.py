"""How the model gets into the pod, and with which credentials."""

from __future__ import annotations

import pytest

from bedplate.graph.derive.results import Derived
from bedplate.graph.values import SECRET, Json
from tests.graph.derive.services import account, derive, pod_in, reason, runtime, secret, service, variables

ROLE = {"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/models"}
S3_KEYS = {"awsAccessKeyID": "eA==", "awsSecretAccessKey": "eA=="}
S3_KEY_VARIABLES = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


def container_of_kind(name: str, prefix: str, **container: Json) -> Json:
    """A ClusterStorageContainer for URIs that begin with `prefix`."""
    spec = {"container": {"name": "storage-initializer", **container}, "supportedUriFormats": [{"prefix": prefix}]}
    return {"kind": "ClusterStorageContainer", "metadata": {"name": name}, "spec": spec}


def initializer(derived: tuple[Derived, ...]) -> Json:
    """The init container of the derived pod."""
    (container,) = pod_in(derived).manifest["spec"]["initContainers"]
    return container


def with_account(*manifests: Json, **settings: Json) -> tuple[Derived, ...]:
    """A service that runs as the account ``sa``."""
    return derive(service(serviceAccountName="sa"), accounts=manifests, **settings)


def test_without_a_storage_container_the_initialiser_follows_the_configuration_alone() -> None:
    container = initializer(derive(service()))
    assert container["image"] == "storage:1"
    assert container["args"] == ["s3://models/llama", "/mnt/models"]
    assert "securityContext" not in container


def test_a_storage_container_is_laid_over_the_initialiser() -> None:
    custom = container_of_kind("default", "s3://", image="mirror:2", securityContext={"runAsNonRoot": True})
    container = initializer(derive(service(), storage_containers=(custom,)))
    assert container["image"] == "mirror:2"
    assert container["securityContext"] == {"runAsNonRoot": True}
    assert container["resources"]["limits"] == {"cpu": "1", "memory": "1Gi"}


def test_region_and_endpoint_for_pod_identity_can_come_from_the_storage_container() -> None:
    custom = container_of_kind("default", "s3://", env=[{"name": "AWS_REGION", "value": "eu-central-1"}])
    assert variables(initializer(derive(service(), storage_containers=(custom,))))["AWS_REGION"] == "eu-central-1"


def test_a_storage_container_that_is_off_or_for_other_work_is_passed_over() -> None:
    off = {**container_of_kind("off", "s3://", image="off:1"), "disabled": True}
    job = container_of_kind("job", "s3://", image="job:1")
    job["spec"]["workloadType"] = "localModelDownloadJob"
    assert initializer(derive(service(), storage_containers=(off, job)))["image"] == "storage:1"


def test_of_several_storage_containers_for_a_uri_one_must_be_named() -> None:
    two = (container_of_kind("one", "s3://", image="one:1"), container_of_kind("two", "s3", image="two:1"))
    assert "one, two all serve s3://models/llama; name one" in reason(derive(service(), storage_containers=two))
    named = service(storageContainerName="two")
    assert initializer(derive(named, storage_containers=two))["image"] == "two:1"
    absent = service(storageContainerName="three")
    assert "'three' is not declared" in reason(derive(absent, storage_containers=two))


def test_a_scheme_of_a_storage_container_widens_what_kserve_takes() -> None:
    given = service(model={"storageUri": "ftp://models/llama"})
    regex = container_of_kind("files", "")
    regex["spec"]["supportedUriFormats"] = [{"regex": r"ft.://(.+)"}]
    assert initializer(derive(given, storage_containers=(regex,)))["args"][0] == "ftp://models/llama"


def test_a_plain_image_uri_goes_to_the_initialiser_where_model_images_are_off() -> None:
    given = service(model={"storageUri": "oci://registry.example.com/model:1"})
    assert initializer(derive(given))["args"][0] == "oci://registry.example.com/model:1"


def test_a_volume_of_the_same_name_is_used_as_it_is() -> None:
    own = {"name": "kserve-provision-location", "persistentVolumeClaim": {"claimName": "fast"}}
    pod = pod_in(derive(service(volumes=[own]))).manifest
    assert pod["spec"]["volumes"] == [own]


def test_an_initialiser_of_the_services_own_is_not_doubled() -> None:
    own = {"name": "storage-initializer", "image": "own:1"}
    assert initializer(derive(service(initContainers=[own])))["image"] == "own:1"


def test_an_account_on_pod_identity_gets_no_s3_options_not_even_those_of_the_configuration() -> None:
    container = initializer(with_account(account(), s3={"s3Region": "eu-central-1"}))
    assert "AWS_DEFAULT_REGION" not in variables(container)


def test_the_default_account_needs_no_declaration() -> None:
    assert "AWS_ACCESS_KEY_ID" not in variables(initializer(derive(service())))


@pytest.mark.parametrize(
    ("endpoint", "secure", "expected"),
    [
        ("https://s3.example.com", "0", ("1", "s3.example.com", "https://s3.example.com")),
        ("http://minio:9000", "1", ("0", "minio:9000", "http://minio:9000")),
        ("minio:9000", "0", ("0", "minio:9000", "http://minio:9000")),
        ("minio:9000", "", (None, "minio:9000", "https://minio:9000")),
    ],
)
def test_an_endpoint_with_a_scheme_decides_over_the_option(
    endpoint: str, secure: str, expected: tuple[str | None, ...]
) -> None:
    found = variables(
        initializer(with_account(account(annotations=ROLE), s3={"s3Endpoint": endpoint, "s3UseHttps": secure}))
    )
    assert tuple(found.get(name) for name in ("S3_USE_HTTPS", "S3_ENDPOINT", "AWS_ENDPOINT_URL")) == expected


def test_annotations_of_the_account_win_over_the_configuration() -> None:
    region = {"serving.kserve.io/s3-region": "eu-west-1"}
    found = variables(initializer(with_account(account(annotations=ROLE | region), s3={"s3Region": "us-east-1"})))
    assert found["AWS_DEFAULT_REGION"] == "eu-west-1"


def test_a_secret_named_by_annotation_replaces_those_of_the_account() -> None:
    chosen = "serving.kserve.io/secretName"
    given = service(annotations={chosen: "bucket"}, serviceAccountName="sa")
    manifests = [account(secrets=("token",)), secret("token", {"HF_TOKEN": "eA=="}), secret("bucket", S3_KEYS)]
    found = variables(initializer(derive(given, accounts=manifests, secret_name_annotation=chosen)))
    assert found.keys() >= S3_KEY_VARIABLES
    assert "HF_TOKEN" not in found


def test_the_names_of_the_s3_keys_in_a_secret_can_be_configured() -> None:
    names = {"s3AccessKeyIDName": "id", "s3SecretAccessKeyName": "key"}
    manifests = [account(secrets=("bucket",)), secret("bucket", {"id": "eA==", "key": "eA=="})]
    assert variables(initializer(with_account(*manifests, s3=names))).keys() >= S3_KEY_VARIABLES


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"AZURE_CLIENT_ID": "eA=="}, "holds 'AZURE_CLIENT_ID': credentials of that store cannot be derived"),
        ({**S3_KEYS, "AWS_DEFAULT_REGION": "eA=="}, "sets the S3 option AWS_DEFAULT_REGION; write it as an annotation"),
        (dict(SECRET), "the keys of secret 'bucket' are not known"),
    ],
)
def test_a_secret_whose_meaning_is_not_known_is_refused(data: Json, words: str) -> None:
    assert words in reason(with_account(account(secrets=("bucket",)), secret("bucket", data)))


def test_a_secret_that_is_not_declared_in_the_namespace_is_refused() -> None:
    elsewhere = secret("bucket", S3_KEYS, namespace="team-b")
    assert "secret 'bucket' of the service account is not declared" in reason(
        with_account(account(secrets=("bucket",)), elsewhere)
    )


def test_no_value_of_a_secret_reaches_a_derived_object() -> None:
    manifests = [account(secrets=("bucket",)), secret("bucket", {**S3_KEYS, "awsSecretAccessKey": "aHVudGVyMg=="})]
    assert "aHVudGVyMg" not in str(with_account(*manifests))


def test_a_bundle_named_by_the_account_wins_over_the_configured_one() -> None:
    own = {"serving.kserve.io/s3-cabundle-configmap": "own", "serving.kserve.io/s3-cabundle": "/certs/ca.crt"}
    derived = with_account(account(annotations=ROLE | own))
    found = variables(initializer(derived))
    assert (found["CA_BUNDLE_CONFIGMAP_NAME"], found["CA_BUNDLE_VOLUME_MOUNT_POINT"]) == ("own", "/certs")
    assert {"name": "cabundle-cert", "configMap": {"name": "own"}} in pod_in(derived).manifest["spec"]["volumes"]


def test_a_model_server_told_where_its_model_is_is_told_the_mount() -> None:
    container = {"name": "kserve-container", "image": "x", "env": [{"name": "STORAGE_URI", "value": "later"}]}
    pod = pod_in(derive(service(), runtimes={"vllm": runtime(containers=[container])})).manifest
    assert variables(pod["spec"]["containers"][0])["STORAGE_URI"] == "/mnt/models"
