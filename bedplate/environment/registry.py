"""Images where a site mirrors them: the same reference below the site's registry, and back.

``nvcr.io/nvidia/x:1@sha256:…`` is ``<registry>/nvcr.io/nvidia/x:1@sha256:…`` at the site: nothing of the reference is
lost, so that two publishers never meet in one name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bedplate.catalog.rows import EksRegistry
from bedplate.units.image import split_image
from components.guardrails.spec import GuardrailsSpec

_IMAGE_LISTS = ("containers", "initContainers", "ephemeralContainers")


def mirrored(reference: str, registry: str) -> str:
    """`reference` as the site pulls it from `registry`; unchanged where that is empty."""
    return f"{registry}/{split_image(reference)}" if registry else reference


def regional(reference: str, region: str, registries: Mapping[str, EksRegistry]) -> str:
    """`reference` from the registry of `region` where it is an image that EKS publishes; otherwise, or where the
    catalogue knows no registry of that region, unchanged.
    """
    registry, _, name = reference.partition("/")
    if region not in registries or registry not in {row.registry for row in registries.values()}:
        return reference
    return f"{registries[region].registry}/{name}"


def upstream(reference: str, registry: str) -> str:
    """What `mirrored` made `reference` of; `reference` itself where it does not stand below `registry`."""
    return reference.removeprefix(f"{registry}/") if registry else reference


def mirrored_registries(spec: GuardrailsSpec, registry: str) -> GuardrailsSpec:
    """`spec` as pods are judged at the site: its prefixes name publishers, whose images stand below `registry` there.

    Nothing else is admitted then: an image that was not mirrored could not be pulled either.
    """
    if not registry:
        return spec
    return spec.model_copy(update={"registries": tuple(f"{registry}/{prefix}" for prefix in spec.registries)})


def mirrored_manifest(manifest: Mapping[str, Any], registry: str) -> Mapping[str, Any]:
    """A copy of `manifest` in which every image of a pod is the site's; the manifest itself where `registry` is empty.

    Images stand in lists of containers and in image volumes, however deep the pod's spec is.
    """
    return _rewritten(manifest, registry) if registry else manifest


def _rewritten(value: Any, registry: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _rewritten_field(key, item, registry) for key, item in value.items()}
    return [_rewritten(item, registry) for item in value] if isinstance(value, list | tuple) else value


def _rewritten_field(key: str, value: Any, registry: str) -> Any:
    made = _rewritten(value, registry)
    if key in _IMAGE_LISTS and isinstance(made, list):
        return [_with_image(item, "image", registry) for item in made]
    if key == "volumes" and isinstance(made, list):
        return [
            {**item, "image": _with_image(item["image"], "reference", registry)}
            if isinstance(item, Mapping) and isinstance(item.get("image"), Mapping)
            else item
            for item in made
        ]
    return made


def _with_image(item: Any, field: str, registry: str) -> Any:
    if isinstance(item, Mapping) and isinstance(item.get(field), str):
        return {**item, field: mirrored(item[field], registry)}
    return item
