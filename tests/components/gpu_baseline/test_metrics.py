"""The file of GPU metrics follows the spec."""

from __future__ import annotations

import csv
import io

import pytest
from pydantic import ValidationError

from components.gpu_baseline.metrics import FIELDS, counters_file, needs_profiling
from components.gpu_baseline.spec import DEFAULT_METRICS, GpuBaselineSpec


def test_each_field_is_one_line_of_name_type_and_help() -> None:
    text = counters_file(["DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DEV_FB_USED"])
    assert text == (
        "DCGM_FI_DEV_FB_USED, gauge, Used GPU memory (MiB).\n"
        "DCGM_FI_DEV_GPU_TEMP, gauge, Temperature of the GPU (degrees Celsius).\n"
    )


def test_help_texts_hold_no_comma_since_the_exporter_reads_three_columns() -> None:
    rows = csv.reader(io.StringIO(counters_file(FIELDS)), skipinitialspace=True)
    assert {len(row) for row in rows} == {3}


def test_types_are_those_that_the_exporter_knows() -> None:
    assert {kind for kind, _ in FIELDS.values()} <= {"gauge", "counter", "histogram", "label"}


def test_default_metrics_are_known() -> None:
    assert set(DEFAULT_METRICS) <= set(FIELDS)


def test_hardware_counters_need_profiling_and_others_do_not() -> None:
    assert needs_profiling(["DCGM_FI_DEV_FB_USED", "DCGM_FI_PROF_SM_ACTIVE"])
    assert not needs_profiling(["DCGM_FI_DEV_FB_USED"])


def test_an_unknown_field_is_refused_by_the_spec() -> None:
    with pytest.raises(ValidationError, match="'DCGM_FI_DEV_FB_USD' is not a DCGM field that Bedplate knows"):
        GpuBaselineSpec.model_validate({"driverMinimum": "580", "metrics": ["DCGM_FI_DEV_FB_USD"]})
