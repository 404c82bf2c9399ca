"""Parts of a baseline: what belongs to each, and a baseline in which some of them have other versions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from bedplate.catalog.fields import Minor, Row, Text
from bedplate.catalog.versions import Baseline
from bedplate.model.source import did_you_mean
from bedplate.model.spec import FrozenMap, Refusal
from bedplate.model.types import DottedVersion, Form, ImageReference, KubernetesMinor, SemVer
from bedplate.units.image import split_image

Stage = Literal["cluster", "agents", "platform", "runtime"]

_IMAGES, _CHARTS = "images.", "charts."
_AMI_RELEASE = Annotated[
    str, Form(r"1\.[0-9]{2}\.[0-9]+-[0-9]{8}", "a release of the EKS-optimised AMIs", "1.35.6-20260714")
]
_DCGM = Annotated[
    str, Form(r"\d+\.\d+\.\d+-\d+\.\d+\.\d+", "the version of DCGM and that of the exporter", "4.6.1-4.8.4")
]
_CHART_VERSION = Annotated[str, Form(r"v?\d+\.\d+\.\d+", "the version of a chart", "v1.21.2")]
_FORMS: Mapping[str, Any] = {
    "amiRelease": _AMI_RELEASE,
    "dcgmExporter": _DCGM,
    "gpuDriver": DottedVersion,
    "kubernetes": KubernetesMinor,
}


class BaselinePart(Row):
    """One part of a baseline.

    `images` (by role) and `charts` (by name) go with its version. `for_kubernetes` is the oldest version of the part
    that is known to run with a Kubernetes minor; a minor that is not there: nothing is known.
    """

    part: Text
    stage: Stage
    images: tuple[Text, ...] = ()
    charts: tuple[Text, ...] = ()
    for_kubernetes: FrozenMap[Minor, Text] = Field(default_factory=dict)

    @property
    def moves(self) -> bool:
        """Whether another version of it is another thing that runs."""
        return self.stage == "cluster" or bool(self.images or self.charts)


@dataclass(frozen=True, slots=True)
class OverrideProblem:
    """Why a part cannot have a value: `field` (part or value) is at fault."""

    field: Literal["part", "value"]
    message: str
    allowed: tuple[str, ...] = ()
    hint: str = ""


def part_names(baseline: Baseline, parts: Mapping[str, BaselinePart]) -> tuple[str, ...]:
    """Every name that an override may have: versions first, then single images and charts.

    A version that nothing carries by itself is none of them: Gateway API comes with Envoy Gateway.
    """
    versions = (name for name in baseline.parts() if parts[name].moves)
    images = (f"{_IMAGES}{role}" for role in sorted(baseline.images))
    charts = (f"{_CHARTS}{name}" for name in sorted(baseline.charts))
    return (*versions, *images, *charts)


def part_value(baseline: Baseline, part: str) -> str:
    """What `baseline` has for `part`. Raises KeyError for what is none of its parts."""
    if part.startswith(_IMAGES):
        return baseline.images[part.removeprefix(_IMAGES)]
    if part.startswith(_CHARTS):
        return baseline.charts[part.removeprefix(_CHARTS)].version
    return baseline.parts()[part]


def override_problem(
    baseline: Baseline, part: str, value: str, parts: Mapping[str, BaselinePart]
) -> OverrideProblem | None:
    """Why `part` of `baseline` cannot be `value`; None where it can."""
    names = part_names(baseline, parts)
    if part not in names:
        allowed = (*(name for name in names if "." not in name), "images.<role>", "charts.<name>")
        message = f"{part!r} is no part of baseline {baseline.name}"
        return OverrideProblem("part", message, allowed, did_you_mean(part, names))
    try:
        TypeAdapter(_form(part)).validate_python(value)
    except ValidationError as error:
        refusal = error.errors()[0]["ctx"]["error"]
        assert isinstance(refusal, Refusal)  # every form says it this way
        return OverrideProblem("value", refusal.message, refusal.allowed, refusal.hint)
    if part_value(baseline, part) == value:
        return OverrideProblem("value", f"is what baseline {baseline.name} has anyway", hint="remove the override")
    return None


def overridden(
    baseline: Baseline,
    values: Mapping[str, str],
    parts: Mapping[str, BaselinePart],
    baselines: Mapping[str, Baseline],
) -> Baseline:
    """`baseline` with other `values` for some parts; all of them must be without an `override_problem`.

    Images and charts of a part are those of the newest of `baselines` that has the part in that version. Where none
    has, the version in their tags is replaced, and those that carry a version of their own stay. Overrides of single
    images and charts come last.
    """
    for part in sorted(values, key=lambda name: "." in name):
        baseline = _with(baseline, part, values[part], parts, baselines)
    return baseline


def _with(
    baseline: Baseline,
    part: str,
    value: str,
    parts: Mapping[str, BaselinePart],
    baselines: Mapping[str, Baseline],
) -> Baseline:
    if part.startswith(_IMAGES):
        return baseline.model_copy(update={"images": {**baseline.images, part.removeprefix(_IMAGES): value}})
    if part.startswith(_CHARTS):
        name = part.removeprefix(_CHARTS)
        chart = baseline.charts[name].model_copy(update={"version": value})
        return baseline.model_copy(update={"charts": {**baseline.charts, name: chart}})
    row, old = parts[part], baseline.parts()[part]
    tested = [each for each in baselines.values() if each.parts()[part] == value]
    if tested:
        donor = max(tested, key=lambda each: each.released)
        images = {role: donor.images[role] for role in row.images}
        charts = {name: donor.charts[name] for name in row.charts}
    else:
        images = {role: _retagged(baseline.images[role], old, value) for role in row.images}
        charts = {
            name: chart.model_copy(update={"version": _replaced(chart.version, old, value)})
            for name, chart in baseline.charts.items()
            if name in row.charts
        }
    update = {
        _field(part): value,
        "images": {**baseline.images, **images},
        "charts": {**baseline.charts, **charts},
    }
    return baseline.model_copy(update=update)


def _form(part: str) -> Any:
    if part.startswith(_IMAGES):
        return ImageReference
    return _CHART_VERSION if part.startswith(_CHARTS) else _FORMS.get(part, SemVer)


def _field(part: str) -> str:
    return next(name for name, field in Baseline.model_fields.items() if field.alias == part)


def _retagged(image: str, old: str, new: str) -> str:
    tag = split_image(image).tag
    return image.removesuffix(tag) + _replaced(tag, old, new)


def _replaced(text: str, old: str, new: str) -> str:
    """`text` with the version `old` in it replaced, where it stands by itself and not as part of a longer one."""
    return re.sub(rf"(?<![\d.]){re.escape(old)}(?![\d.])", new, text, count=1)
