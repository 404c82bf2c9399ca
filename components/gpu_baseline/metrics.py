"""DCGM fields that dcgm-exporter can publish, with their Prometheus type and help, and the file that asks for them.

Field names and units: NVIDIA DCGM, Field Identifiers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

# Readings of the hardware counters; only a process with the capability SYS_ADMIN may take them.
_PROFILING_PREFIX = "DCGM_FI_PROF_"

FIELDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "DCGM_EXP_GPU_HEALTH_STATUS": (
            "gauge",
            "Worst result of DCGM's health checks: 0 pass; 10 warning; 20 failure.",
        ),
        "DCGM_EXP_XID_ERRORS_COUNT": ("gauge", "XID errors of the last five minutes by code."),
        "DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS": ("counter", "Memory rows remapped after correctable errors."),
        "DCGM_FI_DEV_DEC_UTIL": ("gauge", "Use of the video decoder (per cent)."),
        "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL": ("counter", "Double-bit memory errors since the driver was loaded."),
        "DCGM_FI_DEV_ECC_SBE_VOL_TOTAL": ("counter", "Single-bit memory errors since the driver was loaded."),
        "DCGM_FI_DEV_ENC_UTIL": ("gauge", "Use of the video encoder (per cent)."),
        "DCGM_FI_DEV_FB_FREE": ("gauge", "Free GPU memory (MiB)."),
        "DCGM_FI_DEV_FB_RESERVED": ("gauge", "GPU memory that the driver keeps for itself (MiB)."),
        "DCGM_FI_DEV_FB_USED": ("gauge", "Used GPU memory (MiB)."),
        "DCGM_FI_DEV_GPU_TEMP": ("gauge", "Temperature of the GPU (degrees Celsius)."),
        "DCGM_FI_DEV_GPU_UTIL": ("gauge", "Share of time in which any kernel ran (per cent)."),
        "DCGM_FI_DEV_MEMORY_TEMP": ("gauge", "Temperature of the memory (degrees Celsius)."),
        "DCGM_FI_DEV_MEM_CLOCK": ("gauge", "Clock of the memory (MHz)."),
        "DCGM_FI_DEV_MEM_COPY_UTIL": ("gauge", "Share of time in which memory was read or written (per cent)."),
        "DCGM_FI_DEV_NVLINK_BANDWIDTH_TOTAL": ("counter", "NVLink traffic of all lanes."),
        "DCGM_FI_DEV_PCIE_REPLAY_COUNTER": ("counter", "Repeated PCIe transfers."),
        "DCGM_FI_DEV_POWER_USAGE": ("gauge", "Power draw (W)."),
        "DCGM_FI_DEV_POWER_VIOLATION": ("counter", "Time throttled for power (ns)."),
        "DCGM_FI_DEV_ROW_REMAP_FAILURE": ("gauge", "1 where a memory row could not be remapped."),
        "DCGM_FI_DEV_SM_CLOCK": ("gauge", "Clock of the multiprocessors (MHz)."),
        "DCGM_FI_DEV_THERMAL_VIOLATION": ("counter", "Time throttled for heat (ns)."),
        "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION": ("counter", "Energy since the driver was loaded (mJ)."),
        "DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS": ("counter", "Memory rows remapped after uncorrectable errors."),
        "DCGM_FI_DEV_XID_ERRORS": ("gauge", "Code of the last XID error; 0 for none."),
        "DCGM_FI_DRIVER_VERSION": ("label", "Version of the driver."),
        "DCGM_FI_PROF_DRAM_ACTIVE": ("gauge", "Share of cycles in which memory moved data (0 to 1)."),
        "DCGM_FI_PROF_GR_ENGINE_ACTIVE": ("gauge", "Share of time in which the compute engine was busy (0 to 1)."),
        "DCGM_FI_PROF_PCIE_RX_BYTES": ("gauge", "Data received over PCIe (bytes per second)."),
        "DCGM_FI_PROF_PCIE_TX_BYTES": ("gauge", "Data sent over PCIe (bytes per second)."),
        "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE": ("gauge", "Share of cycles in which tensor cores were busy (0 to 1)."),
        "DCGM_FI_PROF_SM_ACTIVE": ("gauge", "Share of cycles in which a multiprocessor had work (0 to 1)."),
        "DCGM_FI_PROF_SM_OCCUPANCY": ("gauge", "Resident warps as a share of the most possible (0 to 1)."),
    }
)
"""Prometheus type and help text by field. A help text holds no comma: it is the last column of a CSV file.

The type `label` turns a field into a label of all the others.
"""


FIELD_SETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "default": (
            "DCGM_FI_DEV_FB_FREE",
            "DCGM_FI_DEV_FB_USED",
            "DCGM_FI_DEV_GPU_TEMP",
            "DCGM_FI_DEV_GPU_UTIL",
            "DCGM_FI_DEV_POWER_USAGE",
            "DCGM_FI_DEV_XID_ERRORS",
            "DCGM_FI_PROF_GR_ENGINE_ACTIVE",
        ),
        "health": (
            "DCGM_EXP_GPU_HEALTH_STATUS",
            "DCGM_EXP_XID_ERRORS_COUNT",
            "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL",
            "DCGM_FI_DEV_PCIE_REPLAY_COUNTER",
            "DCGM_FI_DEV_POWER_VIOLATION",
            "DCGM_FI_DEV_ROW_REMAP_FAILURE",
            "DCGM_FI_DEV_THERMAL_VIOLATION",
            "DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS",
            "DCGM_FI_DEV_XID_ERRORS",
        ),
        "profiling": (
            "DCGM_FI_PROF_DRAM_ACTIVE",
            "DCGM_FI_PROF_GR_ENGINE_ACTIVE",
            "DCGM_FI_PROF_PCIE_RX_BYTES",
            "DCGM_FI_PROF_PCIE_TX_BYTES",
            "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE",
            "DCGM_FI_PROF_SM_ACTIVE",
            "DCGM_FI_PROF_SM_OCCUPANCY",
        ),
    }
)
"""Fields that belong together, by the name that stands for all of them."""


def fields_of(metrics: Iterable[str]) -> tuple[str, ...]:
    """`metrics` with every set replaced by its fields; each field once, sorted."""
    return tuple(sorted({field for name in metrics for field in FIELD_SETS.get(name, (name,))}))


def counters_file(fields: Iterable[str]) -> str:
    """The CSV file that tells dcgm-exporter what to publish. Fields are keys of `FIELDS`."""
    lines = (f"{field}, {kind}, {text}\n" for field in sorted(fields) for kind, text in [FIELDS[field]])
    return "".join(lines)


def needs_profiling(fields: Iterable[str]) -> bool:
    """Whether one of `fields` is a hardware counter."""
    return any(field.startswith(_PROFILING_PREFIX) for field in fields)
