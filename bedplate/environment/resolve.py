"""Files of a platform repository → one resolved environment, or every problem at once.

Reading order: the environment file, the fragments that it extends, its teams' files, its site's file, the model
releases that its models name, its lock, the floor of the repository, its rows over the catalogue.
Nothing else is read: no cache, no clock, no network.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field, replace
from pathlib import Path

from bedplate.catalog.catalog import Catalog, load_for
from bedplate.catalog.versions import Baseline
from bedplate.environment.baseline import effective_baseline
from bedplate.environment.environment import Environment
from bedplate.environment.extended import components_of, environment_type
from bedplate.environment.floor import Floor, read_floor
from bedplate.environment.fragments import merged
from bedplate.environment.karpenter import with_chart_values
from bedplate.environment.lock_file import LockFile, read_lock
from bedplate.environment.registry import mirrored, regional
from bedplate.environment.sections import SiteSpec
from bedplate.environment.site import read_site
from bedplate.environment.stacks import LAYERS, Layer, Stack, stacks_of
from bedplate.environment.strays import refuse_strays
from bedplate.environment.targets import FOLDER, targets_of
from bedplate.environment.team_files import with_team_files
from bedplate.environment.vendored import Vendored, read_vendored
from bedplate.extensions.components import OwnComponent
from bedplate.model.lockfile import Lock
from bedplate.model.merge import merge
from bedplate.model.source import InputError, Problem, did_you_mean
from bedplate.model.tree import Mapping, Sequence, format_path, item_name, locate
from bedplate.model.validate import validate
from bedplate.model.yaml_reader import read_file
from components.model_service.spec import ModelRelease


@dataclass(frozen=True, slots=True)
class Release:
    """A model release and the tree that it was read from, for positions."""

    release: ModelRelease
    tree: Mapping


@dataclass(frozen=True, slots=True)
class ResolvedEnvironment:
    """An environment with everything that it points at. `tree` holds the place of every value.

    `baseline` is the catalogue's with the environment's overrides in it; those that cannot be are left out, and a
    cross-check says so. `own` is what the environment's own file says, without fragments, teams and site. `catalog` is
    the one to look facts up in: the shipped rows with the repository's own laid over them. `vendored` are the charts
    that are expanded, in the order of the environment's add-ons. `components` are those of the repository's own that
    the environment uses, and `root` is that repository.
    """

    environment: Environment
    tree: Mapping
    own: Mapping
    releases: ReadOnly[str, Release]
    baseline: Baseline
    catalog: Catalog
    lock: Lock | None
    vendored: tuple[Vendored, ...] = field(default=())
    warnings: tuple[Problem, ...] = field(default=())
    site: SiteSpec | None = None
    floor: Floor | None = None
    components: tuple[OwnComponent, ...] = ()
    root: Path | None = None

    @property
    def name(self) -> str:
        """Name of the target: the environment's, with the site's where it has sites."""
        return f"{self.environment.name}.{self.site.site}" if self.site else self.environment.name

    def stacks(self, layers: Collection[Layer] = LAYERS) -> tuple[Stack, ...]:
        """The stacks that hold `layers`, lowest first. What bootstrap makes stands in an account."""
        held = [layer for layer in layers if layer != "bootstrap" or self.environment.aws is not None]
        return stacks_of(self.name, layered=self.environment.delivery.stacks == "layered", layers=held)

    @property
    def registry(self) -> str:
        """What mirrors images for the site, else for the environment; empty where publishers are asked themselves."""
        return (self.site and self.site.registry) or self.environment.registry or ""

    def without_mirror(self) -> ResolvedEnvironment:
        """The definition that all sites run, with images called what their publishers call them."""
        return replace(self, site=None, environment=self.environment.model_copy(update={"registry": None}))

    def image(self, role: str) -> str:
        """The baseline's image for `role` as nodes pull it, with its digest where the lock knows one."""
        published = self.baseline.images[role]
        return self.pinned(regional(published, self.environment.region, self.catalog.eks_registries))

    def pinned(self, reference: str) -> str:
        """An image as nodes pull it, with its digest where the lock knows one."""
        return self.mirrored(self.lock.pinned(reference) if self.lock else reference)

    def mirrored(self, reference: str) -> str:
        """An image where nodes pull it from."""
        return mirrored(reference, self.registry)

    def release(self, reference: str) -> ModelRelease:
        """The model release that `reference` (name@version) names."""
        return self.releases[reference].release


def resolve(root: Path, target: str, *, with_lock: bool = True) -> ResolvedEnvironment:
    """Read, merge and validate `target` of the platform repository `root`, without cross-checks.

    Without its lock (for who is about to write it) neither digests nor vendored charts are known.
    Raises InputError with every problem of shape that one run can find; whether values fit each other is not looked at.
    """
    targets = targets_of(root, target)
    name, _, site_name = target.partition(".")
    if target not in targets:
        message = f"{name} has sites: name one of them"
        raise InputError([Problem(None, "", message, targets)])
    refuse_strays(root, name)
    tree, own, warnings = merged(root, f"{FOLDER}/{name}.yaml")
    tree, more = with_team_files(root, name, tree)
    site: SiteSpec | None = None
    if site_name:
        site, overlay = read_site(root, name, site_name, _pool_names(tree))
        tree = merge([tree, overlay])
    environment = with_chart_values(validate(environment_type(root), tree))
    if environment.name != name:
        raise InputError([_problem(tree, ("name",), f"is {environment.name!r}, but the file is called {name}.yaml")])
    catalog = load_for(root)
    baseline = effective_baseline(environment, tree, catalog)
    releases = _releases(root, environment, tree)
    file = read_lock(root, lock_path(name), name) if with_lock else None
    lock = file.lock if file else None
    vendored = _vendored(root, environment, file)
    return ResolvedEnvironment(
        environment=environment,
        tree=tree,
        own=own,
        releases=releases,
        baseline=baseline,
        catalog=catalog,
        lock=lock,
        vendored=vendored,
        warnings=(*warnings, *more),
        site=site,
        floor=read_floor(root),
        components=components_of(root, environment),
        root=root,
    )


def _pool_names(tree: Mapping) -> tuple[str, ...]:
    pools = tree.items.get("nodePools")
    items = pools.items if isinstance(pools, Sequence) else ()
    return tuple(filter(None, (item_name(item) for item in items)))


def _releases(root: Path, environment: Environment, tree: Mapping) -> dict[str, Release]:
    releases: dict[str, Release] = {}
    problems: list[Problem] = []
    known = _known_releases(root)
    for index, model in enumerate(environment.models):
        if model.release in releases:
            continue
        name, _, version = model.release.partition("@")
        relative = f"{FOLDER}/models/{name}/{version}.yaml"
        if model.release not in known:
            message = f"there is no model release {model.release!r} ({relative})"
            hint = did_you_mean(model.release, known)
            problems.append(_problem(tree, ("models", index, "release"), message, known, hint))
            continue
        try:
            releases[model.release] = _release(root, relative, name, version)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return releases


def _release(root: Path, relative: str, name: str, version: str) -> Release:
    tree = read_file(root, relative).root
    release = validate(ModelRelease, tree)
    for key, got, want in (("name", release.name, name), ("version", release.version, version)):
        if got != want:
            raise InputError([_problem(tree, (key,), f"is {got!r}, but the file stands at {relative}")])
    return Release(release, tree)


def _known_releases(root: Path) -> tuple[str, ...]:
    files = (root / FOLDER / "models").glob("*/*.yaml")
    return tuple(sorted(f"{file.parent.name}@{file.stem}" for file in files))


def lock_path(target: str) -> str:
    """Where the lock of a target's environment stands: sites of one definition share it."""
    return f"{FOLDER}/{target.partition('.')[0]}.lock.yaml"


def chart_names(environment: Environment) -> tuple[str, ...]:
    """Add-ons that are charts, in the order of the environment."""
    return tuple(addon.name for addon in environment.addons if addon.source == "chart")


def _vendored(root: Path, environment: Environment, file: LockFile | None) -> tuple[Vendored, ...]:
    """Objects of the environment's charts. An add-on that left the environment takes its objects along."""
    if file is None:
        return ()
    found = (read_vendored(root, environment.name, file, name) for name in chart_names(environment))
    return tuple(vendored for vendored in found if vendored is not None)


def _problem(
    tree: Mapping, path: tuple[str | int, ...], message: str, allowed: tuple[str, ...] = (), hint: str = ""
) -> Problem:
    return Problem(locate(tree, path), format_path(path), message, allowed, hint)
