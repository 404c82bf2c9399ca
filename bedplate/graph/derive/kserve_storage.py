"""How the model gets into the pod: KServe's pod webhook adds an init container, or mounts a claim."""

from __future__ import annotations

import posixpath
import re

from bedplate.graph.derive.kserve_credentials import (
    CA_BUNDLE_CONFIG_MAP_VARIABLE,
    CA_BUNDLE_VARIABLE,
    Accounts,
    credential_variables,
)
from bedplate.graph.derive.kserve_objects import CA_BUNDLE_COPY, SOURCE_URI, STORAGE_CONTAINER
from bedplate.graph.derive.kserve_runtimes import named
from bedplate.graph.derive.merging import merge_containers
from bedplate.graph.derive.results import CannotDeriveError
from bedplate.graph.derive.settings import KServeSettings
from bedplate.graph.derive.wire_form import container_form, wire_form
from bedplate.graph.values import Json, get

MODEL_PATH = "/mnt/models"
INITIALIZER = "storage-initializer"
READ_ONLY = "storage.kserve.io/readonly"
INITIALIZER_USER = "serving.kserve.io/storage-initializer-uid"

_MODEL_VOLUME = "kserve-provision-location"
_CLAIM_VOLUME = "kserve-pvc-source"
_CA_VOLUME = "cabundle-cert"
_DEFAULT_CA_PATH = "/etc/ssl/custom-certs"
_INIT_CONTAINER = "initContainer"
_MODEL_IMAGE = re.compile(r"oci(\+\w+)?://")
# What KServe takes when no ClusterStorageContainer claims the URI; a path without a scheme as well.
_KNOWN_SCHEMES = tuple(
    f"{scheme}://"
    for scheme in ("file", "gs", "hdfs", "hf", "http", "https", "oci", "oci+native", "pvc", "s3", "webhdfs")
)
_HUGGING_FACE = {
    "HF_HUB_ENABLE_HF_TRANSFER": "1",
    "HF_XET_HIGH_PERFORMANCE": "1",
    "HF_XET_NUM_CONCURRENT_RANGE_GETS": "8",
}


def add_model(pod: Json, accounts: Accounts, settings: KServeSettings) -> None:
    """Change `pod` as the webhook does for a storage URI; nothing happens without one, or a second time."""
    uri = get(pod, "metadata", "annotations", SOURCE_URI)
    init = pod["spec"].setdefault("initContainers", [])
    if uri and not named(init, INITIALIZER):
        custom = storage_container(uri, pod["metadata"]["annotations"].get(STORAGE_CONTAINER, ""), settings)
        _refuse_model_image(uri, settings)
        if uri.startswith("pvc://"):
            _mount_claim(pod, uri)
        else:
            _mount(pod, _MODEL_VOLUME, {"emptyDir": {}}, {})
            init.append(_initializer(pod, custom, accounts, settings))
    if not init:
        del pod["spec"]["initContainers"]


def check_storage(service: Json, settings: KServeSettings) -> None:
    """Raise CannotDeriveError for a storage URI that the controller refuses."""
    uri = service["spec"]["predictor"]["model"].get("storageUri")
    if not uri or uri.startswith(_KNOWN_SCHEMES) or not re.search(r"\w://", uri):
        return
    if not any(_serves(each, uri) for each in settings.storage_containers):
        raise CannotDeriveError(f"spec.predictor.model.storageUri {uri} is of no kind that KServe knows")


def storage_container(uri: str, name: str, settings: KServeSettings) -> Json | None:
    """The container of the ClusterStorageContainer that serves `uri` (the one called `name`, if given), or None.

    Raises CannotDeriveError where KServe would refuse the name, or would take any of several.
    """
    able = [each for each in settings.storage_containers if _serves(each, uri)]
    if name:
        able = [each for each in able if each["metadata"]["name"] == name]
        if not able:
            raise CannotDeriveError(
                f"ClusterStorageContainer {name!r} is not declared, is off, or does not serve {uri}"
            )
    if len(able) > 1:
        names = ", ".join(sorted(each["metadata"]["name"] for each in able))
        raise CannotDeriveError(f"ClusterStorageContainers {names} all serve {uri}; name one in storageContainerName")
    return able[0]["spec"]["container"] if able else None


def _refuse_model_image(uri: str, settings: KServeSettings) -> None:
    match = _MODEL_IMAGE.match(uri)
    # With model images off, KServe hands a plain oci:// URI to the init container like any other.
    if match and (match.group(1) or settings.storage_initializer.model_images):
        raise CannotDeriveError(f"storage URI {uri} is a model image: its sidecar or volume cannot be derived")


def _serves(manifest: Json, uri: str) -> bool:
    spec = manifest["spec"]
    if manifest.get("disabled") or spec.get("workloadType", _INIT_CONTAINER) != _INIT_CONTAINER:
        return False
    for form in spec["supportedUriFormats"]:
        if form.get("prefix"):
            found = uri.startswith(form["prefix"])
        else:
            found = bool(form.get("regex")) and re.search(form["regex"], uri) is not None
        if found:
            return True
    return False


def _mount_claim(pod: Json, uri: str) -> None:
    claim, _, path = uri.removeprefix("pvc://").partition("/")
    source = {"persistentVolumeClaim": {"claimName": claim}}
    _mount(pod, _CLAIM_VOLUME, source, {"subPath": path} if path else {})


def _mount(pod: Json, volume: str, source: Json, more: Json) -> None:
    # KServe puts the model container first.
    container = pod["spec"]["containers"][0]
    mounts, volumes = container.setdefault("volumeMounts", []), pod["spec"].setdefault("volumes", [])
    if not named(mounts, volume):
        read_only = get(pod, "metadata", "annotations", READ_ONLY) != "false"
        mounts.append({"name": volume, "mountPath": MODEL_PATH, **more, **({"readOnly": True} if read_only else {})})
    if not named(volumes, volume):
        volumes.append({"name": volume, **source})
    stated = named(container.get("env", []), "STORAGE_URI")
    if stated is not None and stated.get("value"):
        stated["value"] = MODEL_PATH


def _initializer(pod: Json, custom: Json | None, accounts: Accounts, settings: KServeSettings) -> Json:
    annotations = pod["metadata"]["annotations"]
    container = _plain_initializer(annotations[SOURCE_URI], settings)
    container["env"] = credential_variables(pod, accounts, settings)
    bundle = _ca_bundle(pod, container, settings)
    if custom is not None:
        container = merge_containers(wire_form(container), container_form(custom))
    if bundle is not None:
        _add_ca_bundle(pod, container, *bundle)
    _add_variables(container, _HUGGING_FACE)
    if str(annotations.get(INITIALIZER_USER, "")).isdecimal():
        container.setdefault("securityContext", {})["runAsUser"] = int(annotations[INITIALIZER_USER])
    return container_form(container)


def _plain_initializer(uri: str, settings: KServeSettings) -> dict[str, Json]:
    config = settings.storage_initializer
    return {
        "name": INITIALIZER,
        "image": config.image,
        "args": [uri, MODEL_PATH],
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "resources": {
            "limits": {"cpu": config.cpu_limit, "memory": config.memory_limit},
            "requests": {"cpu": config.cpu_request, "memory": config.memory_request},
        },
        "volumeMounts": [{"name": _MODEL_VOLUME, "mountPath": MODEL_PATH}],
    }


def _ca_bundle(pod: Json, container: Json, settings: KServeSettings) -> tuple[str, str] | None:
    """Name and mount path of the ConfigMap with the CA bundle, or None where there is none."""
    config = settings.storage_initializer
    values = {variable["name"]: variable.get("value", "") for variable in container["env"]}
    if not config.ca_bundle_config_map and CA_BUNDLE_CONFIG_MAP_VARIABLE not in values:
        return None
    at_home = pod["metadata"]["namespace"] == settings.namespace
    name = config.ca_bundle_config_map if at_home else CA_BUNDLE_COPY
    path = config.ca_bundle_mount_path or _DEFAULT_CA_PATH
    if CA_BUNDLE_VARIABLE in values:
        path = posixpath.dirname(values[CA_BUNDLE_VARIABLE])
    return values.get(CA_BUNDLE_CONFIG_MAP_VARIABLE, name), path


def _add_ca_bundle(pod: Json, container: Json, name: str, path: str) -> None:
    _add_variables(container, {"CA_BUNDLE_CONFIGMAP_NAME": name, "CA_BUNDLE_VOLUME_MOUNT_POINT": path})
    pod["spec"]["volumes"].append({"name": _CA_VOLUME, "configMap": {"name": name}})
    container["volumeMounts"].append({"name": _CA_VOLUME, "mountPath": path, "readOnly": True})


def _add_variables(container: Json, variables: dict[str, str]) -> None:
    environment = container.setdefault("env", [])
    environment += [{"name": name, "value": value} for name, value in variables.items() if not named(environment, name)]
