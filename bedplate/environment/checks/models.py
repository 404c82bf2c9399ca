"""Cross-checks of model services: everything they point at exists, and the release can run on the pool."""

from __future__ import annotations

from bedplate.catalog.catalog import Catalog
from bedplate.catalog.rows import ModelArchitecture
from bedplate.environment.checks.arguments import check_arguments
from bedplate.environment.checks.model_devices import split_suits
from bedplate.environment.checks.reporter import Reporter
from bedplate.environment.environment import Environment
from bedplate.environment.facts import NodeFacts, node_facts
from bedplate.environment.resolve import Release, ResolvedEnvironment
from bedplate.model.naming import check_name
from bedplate.model.source import did_you_mean
from bedplate.units.quantity import format_bytes
from bedplate.units.version import version_key
from components.model_service.spec import ModelRelease, ModelServiceSpec

# bfloat16 arithmetic came with compute capability 8.0 (Ampere): CUDA C++ Programming Guide, arithmetic instructions.
_BFLOAT16_CAPABILITY = "8.0"

# Bytes of one parameter, and the part of all parameters that files hold at least: counts in the catalogue are rounded,
# and tied embeddings may be stored once.
_BYTES = {"float16": 2, "bfloat16": 2}
_LEAST_PART = 0.9


def check_models(resolved: ResolvedEnvironment, catalog: Catalog, report: Reporter) -> None:
    """Every model service points at things that exist and fit each other."""
    environment = resolved.environment
    for index, model in enumerate(environment.models):
        if refusal := check_name("inferenceService", model.name):
            report.add(("models", index, "name"), refusal)
        _references(index, model, environment, report)
        if model.scale.min > model.scale.max:
            message = f"min {model.scale.min} is above max {model.scale.max}"
            report.add(("models", index, "scale", "min"), message)
        pool = next((pool for pool in environment.node_pools if pool.name == model.pool), None)
        facts = node_facts(pool, catalog) if pool is not None else None
        if facts is not None:
            _runs_on(index, model, resolved, facts, report)
    for reference, release in sorted(resolved.releases.items()):
        _release(reference, release, resolved, catalog, report)


def _references(index: int, model: ModelServiceSpec, environment: Environment, report: Reporter) -> None:
    _one_of(report, ("models", index, "team"), model.team, [team.name for team in environment.teams], "team")
    _one_of(report, ("models", index, "pool"), model.pool, [pool.name for pool in environment.node_pools], "node pool")
    if model.weights == "source":
        return
    stores = {store.name: store for store in environment.stores}
    path = ("models", index, "weights")
    _one_of(report, path, model.weights, ["source", *stores], "store")
    store = stores.get(model.weights)
    if store is None:
        return
    if store.content != "weights":
        report.add(path, f"store {store.name!r} holds {store.content}, not weights")
    if model.team not in store.readers:
        message = f"team {model.team!r} may not read store {store.name!r}"
        report.add(path, message, allowed=store.readers, hint=f"add {model.team} to stores[{store.name}].readers")


def _runs_on(
    index: int, model: ModelServiceSpec, resolved: ResolvedEnvironment, facts: NodeFacts, report: Reporter
) -> None:
    release = resolved.release(model.release)
    path = ("models", index, "pool")
    if facts.gpu is None:
        report.add(path, f"pool {model.pool!r} has no GPUs, and {model.release} needs {release.resources.gpus}")
        return
    if not split_suits(index, model, release, facts, report):
        return
    if facts.partition is None and facts.gpu.memory_mib is None:
        message = (
            f"how much memory of the {facts.gpu.name} a CUDA process sees is unknown, so {model.release} may not fit"
        )
        report.add(path, message, hint="use a pool with another GPU, or add the measured memory to the catalogue")
    if facts.partition is None and release.resources.gpus > facts.gpu_units_per_node:
        message = (
            f"{model.release} needs {release.resources.gpus} {facts.gpu_unit} on one node, and a node of pool "
            f"{model.pool!r} offers {facts.gpu_units_per_node}"
        )
        report.add(path, message)
    if release.resources.gpus > 1 and facts.shares_per_gpu > 1:
        message = f"{model.release} needs {release.resources.gpus} GPUs, and pool {model.pool!r} shares them by time"
        report.add(path, message, hint="more shares of one GPU give no more memory: use a pool without sharing")
    needs_ampere = release.precision == "bfloat16"
    if needs_ampere and version_key(facts.gpu.compute_capability) < version_key(_BFLOAT16_CAPABILITY):
        message = (
            f"{model.release} computes in bfloat16, which needs compute capability {_BFLOAT16_CAPABILITY}; "
            f"the {facts.gpu.name} has {facts.gpu.compute_capability}"
        )
        report.add(path, message, hint="use a release in float16, or a pool with a newer GPU")


def _release(
    reference: str, release: Release, resolved: ResolvedEnvironment, catalog: Catalog, report: Reporter
) -> None:
    about = Reporter(release.tree)
    spec = release.release
    shape: ModelArchitecture | None = catalog.architectures.get(spec.architecture)
    if shape is None:
        hint = did_you_mean(spec.architecture, catalog.architectures) or "add a row to the catalogue with its source"
        about.add(("architecture",), f"{spec.architecture!r} is not in the catalogue", hint=hint)
    else:
        _shape(spec, shape, about)
    if spec.runtime.name != resolved.environment.serving.runtime:
        message = f"{reference} needs runtime {spec.runtime.name!r}, which this environment does not offer"
        about.add(("runtime", "name"), message, allowed=(resolved.environment.serving.runtime,))
    check_arguments(spec.runtime.args, about)
    report.problems += about.problems


def _shape(spec: ModelRelease, shape: ModelArchitecture, about: Reporter) -> None:
    """The network can take the context, and its heads can be shared by the GPUs of a replica."""
    if spec.runtime.context > shape.max_positions:
        message = f"{spec.runtime.context} tokens are more than {shape.name} was trained for ({shape.max_positions})"
        about.add(("runtime", "context"), message)
    loaded, whole = sum(file.bytes for file in spec.source.files), shape.parameters * _BYTES[spec.precision]
    if loaded < whole * _LEAST_PART:
        message = (
            f"{format_bytes(loaded)} are too little for {shape.parameters:,} parameters in {spec.precision} "
            f"({format_bytes(whole)})"
        )
        about.add(("source", "files"), message, hint="list every weight file that is loaded, with its size in bytes")
    if shape.attention_heads % spec.resources.gpus:
        message = f"{spec.resources.gpus} GPUs cannot share the {shape.attention_heads} heads of {shape.name} evenly"
        hint = "tensor parallelism needs a number of GPUs that divides the number of attention heads"
        about.add(("resources", "gpus"), message, hint=hint)


def _one_of(report: Reporter, path: tuple[str | int, ...], value: str, known: list[str], what: str) -> None:
    if value not in known:
        report.add(path, f"there is no {what} {value!r}", allowed=tuple(known), hint=did_you_mean(value, known))
