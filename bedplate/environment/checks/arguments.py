"""Cross-check of a release's own arguments: none may undo what Bedplate sets, or what its proofs are about.

The flags are those of vLLM, the one runtime that releases may name.
"""

from __future__ import annotations

from collections.abc import Sequence

from bedplate.environment.checks.reporter import Reporter

# Flags that a key of the release decides.
_BY_KEY = {
    "--convert": "task",
    "--dtype": "precision",
    "--gpu-memory-utilization": "runtime.gpuMemoryUtilization",
    "--max-model-len": "runtime.context",
    "--max-num-seqs": "runtime.maxSequences",
    "--runner": "task",
    "--task": "task",
    "--tensor-parallel-size": "resources.gpus",
    "-tp": "resources.gpus",
}
# Flags on which the service rests: probes, routes and the folder of the weights.
_SERVICE = frozenset({"--host", "--model", "--port", "--served-model-name", "--uds"})
# Flags that change what fits into the memory of a GPU, by a way that the memory proof does not follow.
_MEMORY = frozenset(
    {
        "--config",
        "--cpu-offload-gb",
        "--data-parallel-size",
        "--data-parallel-size-local",
        "--decode-context-parallel-size",
        "--enable-lora",
        "--hf-overrides",
        "--kv-cache-dtype",
        "--kv-cache-memory-bytes",
        "--num-gpu-blocks-override",
        "--pipeline-parallel-size",
        "--prefill-context-parallel-size",
        "--quantization",
        "--speculative-config",
        "-dcp",
        "-dp",
        "-dpl",
        "-pcp",
        "-pp",
        "-q",
    }
)
_FLAGS = tuple(sorted({*_BY_KEY, *_SERVICE, *_MEMORY}))


def check_arguments(arguments: Sequence[str], report: Reporter) -> None:
    """Report every argument that sets one of these flags, however it is spelled."""
    for index, argument in enumerate(arguments):
        flag = _flag(argument)
        if flag is None:
            continue
        path = ("runtime", "args", index)
        if flag in _BY_KEY:
            key = _BY_KEY[flag]
            report.add(path, f"{argument!r} would override {key}", hint=f"set {key} instead")
        elif flag in _SERVICE:
            message = f"{argument!r} would override {flag}, which Bedplate sets: probes and routes rest on it"
            report.add(path, message, hint="leave it out")
        else:
            message = f"{argument!r} changes what fits into a GPU's memory, and the memory proof does not follow it"
            report.add(path, message, hint="leave it out")


def _flag(argument: str) -> str | None:
    """The flag of the lists above that `argument` sets.

    vLLM takes ``--flag value``, ``--flag=value`` and ``--flag.key value``, underscores for hyphens, and, as any
    program that uses argparse, the beginning of a flag for the whole and a value right behind one letter.
    """
    name = argument.split("=", 1)[0].split(" ", 1)[0].split(".", 1)[0]
    if not name.startswith("-") or len(name.lstrip("-")) == 0:
        return None
    name = name.replace("_", "-")
    if name in _FLAGS:
        return name
    return next((flag for flag in _FLAGS if flag.startswith(name) or (len(flag) == 2 and name.startswith(flag))), None)
