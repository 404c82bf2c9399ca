"""The test's side of the fake: set what happens in the made-up AWS, and read what was done to it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.fakeaws import records, world
from tests.support.fakeaws.files import locked, write_json

IMAGES = "images.json"


class FakeAwsControl:
    """The files of one `$FAKE_AWS_DIR`; see `world` and `records` for their forms."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def set_faults(self, faults: Sequence[Mapping[str, object]]) -> None:
        """Replace the list of faults."""
        self._write(world.FAULTS, [dict(fault) for fault in faults])

    def set_drift(self, drift: Mapping[str, Mapping[str, object] | None]) -> None:
        """Replace what somebody did outside the engine, by object id: properties changed, or None for a deletion."""
        self._write(world.WORLD, {key: None if entry is None else dict(entry) for key, entry in drift.items()})

    def set_cluster(self, *, endpoint: str, certificate_authority: str, token: str) -> None:
        """Let a real API server stand behind every EKS cluster. The certificate authority is PEM in base64."""
        access = {"certificateAuthority": certificate_authority, "endpoint": endpoint, "token": token}
        self._write(world.CLUSTER, access)

    def set_images(self, images: Mapping[str, Mapping[str, bool]]) -> None:
        """Say what is wrong with nodes of a release: `joins` false, they never join; `gpus` false, no GPU works."""
        self._write(IMAGES, {release: dict(flaws) for release, flaws in images.items()})

    def journal(self) -> list[dict[str, str]]:
        """Return what the provider did, oldest first: operation, urn, type and id."""
        return records.read_journal(self.folder)

    def node_groups(self) -> dict[str, dict[str, object]]:
        """Return the inputs of the EKS node groups that exist, by `<cluster>.<node group>`."""
        return records.read_node_groups(self.folder)

    def _write(self, name: str, content: object) -> None:
        with locked(self.folder):
            write_json(self.folder / name, content)
