"""Cross-checks of what EKS does with the nodes of a managed pool: labels, taints, repair, warm pools."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bedplate.catalog.catalog import Catalog
from bedplate.environment.checks.reporter import Path, Reporter
from bedplate.environment.facts import PoolFacts
from components.node_fields import TaintSpec

# EKS: "Label cannot contain reserved prefixes".
RESERVED_PREFIXES = ("kubernetes.io/", "k8s.io/", "eks.amazonaws.com/")
OWN_LABELS = re.compile(r"(?:[^/]*\.)?bedplate\.dev/.*|nvidia\.com/(gpu\.|mig\.|device-plugin\.).*")
GPU_TAINT = "nvidia.com/gpu"
# EKS counts a prefix and its slash too (EKS API, labelKey and taintKey), where Kubernetes counts only what follows.
LONGEST_KEY = 63
# Most memory of an instance that EC2 hibernates (EC2 User Guide, "Prerequisites for EC2 instance hibernation").
MOST_HIBERNATED_MIB = 150 * 1024


def check_marks(path: Path, facts: PoolFacts, report: Reporter) -> None:
    """Labels and taints are such as EKS takes, and none is one that the platform sets itself."""
    for key, value in facts.pool.labels.items():
        place = (*path, "labels", key)
        _check_length(place, key, report)
        if not value:
            report.add(place, "EKS takes no label without a value", hint="set 'true', say")
        if prefix := next((prefix for prefix in RESERVED_PREFIXES if prefix in key), None):
            report.add(place, f"EKS refuses labels with {prefix}", hint="use a domain of your own")
        elif OWN_LABELS.fullmatch(key):
            report.add(place, "is set by the platform, from what the pool is", hint="leave it out")
    check_taints_once((*path, "taints"), facts.pool.taints, report)
    for index, taint in enumerate(facts.pool.taints):
        place = (*path, "taints", index, "key")
        _check_length(place, taint.key, report)
        if prefix := next((prefix for prefix in RESERVED_PREFIXES if prefix in taint.key), None):
            report.add(place, f"taints with {prefix} belong to Kubernetes and EKS", hint="use a domain of your own")
        elif facts.gpu is not None and (taint.key, taint.effect) == (GPU_TAINT, "NoSchedule"):
            report.add(place, f"pools with GPUs carry {GPU_TAINT}=true:NoSchedule by themselves", hint="leave it out")


def check_taints_once(path: Path, taints: Sequence[TaintSpec], report: Reporter) -> None:
    """A node has one value for a key and an effect. `path` is where the taints stand."""
    seen: set[tuple[str, str]] = set()
    for index, taint in enumerate(taints):
        if (taint.key, taint.effect) in seen:
            message = f"{taint.key}:{taint.effect} is there twice: a node has one value for both"
            report.add((*path, index, "key"), message)
        seen.add((taint.key, taint.effect))


def _check_length(place: Path, key: str, report: Reporter) -> None:
    if len(key) > LONGEST_KEY:
        message = f"a key of {len(key)} characters: EKS takes {LONGEST_KEY}, with the prefix and its slash"
        report.add(place, message, hint="use a shorter prefix")


def check_repair(path: Path, facts: PoolFacts, catalog: Catalog, report: Reporter) -> None:
    """Overrides name reasons that the node monitoring agent gives."""
    for index, override in enumerate(facts.pool.repair.overrides):
        place = (*path, "repair", "overrides", index, "reason")
        if not override.reason.startswith("NvidiaXID"):
            continue
        if override.reason not in catalog.gpu_faults:
            message = f"no node ever has the reason {override.reason}: the agent makes it an event, and repairs nothing"
            known = sorted(catalog.gpu_faults.values(), key=lambda fault: fault.xid)
            report.add(place, message, allowed=tuple(fault.reason for fault in known))
        elif override.condition != "AcceleratedHardwareReady":
            message = f"{override.reason} is a reason of AcceleratedHardwareReady, not of {override.condition}"
            report.add(place, message)
        elif facts.gpu is None:
            report.add(place, f"{facts.instance.name} has no GPU that could report it")


def check_warm_pool(path: Path, facts: PoolFacts, report: Reporter) -> None:
    """A warm pool that EC2 Auto Scaling and EKS allow, and that is not always empty."""
    pool = facts.pool
    if pool.warm_pool is None:
        return
    place = (*path, "warmPool")
    if pool.capacity != "onDemand":
        message = f"EC2 Auto Scaling keeps no warm pool of {pool.capacity} capacity"
        report.add(place, message, hint="set capacity: onDemand, or remove warmPool")
    if len(pool.instance_types) > 1:
        message = "EC2 Auto Scaling keeps no warm pool for a group of several instance types"
        report.add(place, message, hint="name one instance type")
    most = pool.warm_pool.max_prepared if pool.warm_pool.max_prepared is not None else pool.size.max
    if most <= pool.size.desired and pool.warm_pool.min == 0:
        message = f"would always be empty: {pool.size.desired} nodes are in use, and {most} may be prepared in all"
        report.add(place, message, hint="raise maxPrepared, size.max or min")
    _warm_state(place, facts, report)


def _warm_state(place: Path, facts: PoolFacts, report: Reporter) -> None:
    pool = facts.pool
    assert pool.warm_pool is not None
    state, bottlerocket = (*place, "state"), pool.ami.family == "bottlerocket"
    if bottlerocket and pool.warm_pool.reuse_on_scale_in:
        report.add((*place, "reuseOnScaleIn"), "EKS does not send nodes of Bottlerocket back to a warm pool")
    if pool.warm_pool.state != "running" and pool.instance_store == "raid0":
        message = f"{pool.warm_pool.state} nodes lose their local disks, and with them what instanceStore put there"
        report.add(state, message, hint="set state: running, or instanceStore: none")
    if pool.warm_pool.state != "hibernated":
        return
    if bottlerocket:
        report.add(state, "EKS does not hibernate nodes of Bottlerocket", allowed=("stopped", "running"))
    elif facts.gpu is not None:  # the user guide lists no family with GPUs for hibernation
        message = f"EC2 hibernates no instance with GPUs, as {facts.instance.name}"
        report.add(state, message, allowed=("stopped", "running"))
    elif facts.instance.memory_mib >= MOST_HIBERNATED_MIB:
        report.add(state, f"EC2 hibernates instances below 150 GiB of memory, and {facts.instance.name} has more")
    elif pool.disk.gib * 1024 < facts.instance.memory_mib:
        message = f"a disk of {pool.disk.gib} GiB does not hold the memory of {facts.instance.name}"
        report.add((*place, "state"), message, hint="raise disk.gib")
