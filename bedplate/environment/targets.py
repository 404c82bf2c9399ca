"""Targets of a platform repository: what can be planned and applied, by name.

An environment without sites is one target (``dev``); one with sites is a target at each of them (``airgap.hall-a``).
"""

from __future__ import annotations

from pathlib import Path

from bedplate.model.source import InputError, Position, Problem, did_you_mean

FOLDER = "environments"


def environment_names(root: Path) -> tuple[str, ...]:
    """Names of the environments below `root`: files of environments/ that are neither fragments nor locks."""
    files = (root / FOLDER).glob("*.yaml")
    return tuple(sorted(f.stem for f in files if not f.name.startswith("_") and not f.name.endswith(".lock.yaml")))


def site_names(root: Path, environment: str) -> tuple[str, ...]:
    """Names of the sites of `environment`; empty where it has none."""
    return tuple(sorted(file.stem for file in (root / FOLDER / environment / "sites").glob("*.yaml")))


def targets_of(root: Path, name: str) -> tuple[str, ...]:
    """The targets that `name` means: itself, or every site of an environment that has sites.

    Raises InputError with a guess where there is no such environment or site.
    """
    environment, _, site = name.partition(".")
    names = environment_names(root)
    if "." in name and name in names:
        message = "has a dot in its name, which parts an environment from its site"
        hint = f"call it {name.replace('.', '-')}.yaml"
        raise InputError([Problem(Position(f"{FOLDER}/{name}.yaml", 1, 1), "", message, hint=hint)])
    if environment not in names:
        relative = f"{FOLDER}/{name}.yaml"
        hint = (
            did_you_mean(environment, names) or f"`bedplate init {environment}` writes one; --root names another folder"
        )
        raise InputError([Problem(None, "", f"there is no environment {name!r} ({relative})", names, hint)])
    sites = site_names(root, environment)
    if site and site not in sites:
        relative = f"{FOLDER}/{environment}/sites/{site}.yaml"
        hint = did_you_mean(site, sites) or f"create {relative}"
        raise InputError([Problem(None, "", f"{environment} has no site {site!r} ({relative})", sites, hint)])
    return (name,) if site or not sites else tuple(f"{environment}.{each}" for each in sites)


def all_targets(root: Path) -> tuple[str, ...]:
    """Every target below `root`, sorted."""
    return tuple(target for name in environment_names(root) for target in targets_of(root, name))
