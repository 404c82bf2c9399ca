"""The file of GPU metrics follows the spec."""

from __future__ import annotations

import csv
import io

import pytest
from pydantic import ValidationError

from components.gpu_baseline.gates import GATES
from components.gpu_baseline.metrics import FIELD_SETS, FIELDS, counters_file, fields_of, needs_profiling
from components.gpu_baseline.spec import GpuBaselineSpec


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


@pytest.mark.parametrize("name", FIELD_SETS)
def test_the_fields_of_every_set_are_known_and_sorted(name: str) -> None:
    assert set(FIELD_SETS[name]) <= set(FIELDS)
    assert list(FIELD_SETS[name]) == sorted(set(FIELD_SETS[name]))


def test_a_set_stands_for_its_fields_and_no_field_comes_twice() -> None:
    fields = fields_of(["health", "DCGM_FI_DEV_XID_ERRORS", "DCGM_FI_DEV_FB_USED"])
    assert set(fields) == {*FIELD_SETS["health"], "DCGM_FI_DEV_FB_USED"}
    assert list(fields) == sorted(set(fields))


def test_the_default_needs_profiling_and_health_alone_does_not() -> None:
    assert needs_profiling(fields_of(["default"]))
    assert not needs_profiling(fields_of(["health"]))


def test_gates_that_read_a_metric_find_it_in_the_set_health() -> None:
    assert {gate.metric for gate in GATES.values() if gate.query} <= set(FIELD_SETS["health"])


def test_hardware_counters_need_profiling_and_others_do_not() -> None:
    assert needs_profiling(["DCGM_FI_DEV_FB_USED", "DCGM_FI_PROF_SM_ACTIVE"])
    assert not needs_profiling(["DCGM_FI_DEV_FB_USED"])


def test_an_unknown_field_is_refused_by_the_spec() -> None:
    with pytest.raises(ValidationError, match="'DCGM_FI_DEV_FB_USD' is neither a set of DCGM fields nor a field"):
        GpuBaselineSpec.model_validate({"driverMinimum": "580", "metrics": ["DCGM_FI_DEV_FB_USD"]})
