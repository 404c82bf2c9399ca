"""Official downloads: checked, and given up quickly."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.toolchain.download import ChecksumMismatchError, Downloader, DownloadUnavailableError, find_checksum
from tests.toolchain.errors import ToolchainError
from tests.toolchain.recipes import Download
from tests.toolchain.support import Publisher, program, publisher, sha256, tarball

BODY = program("1.2.3")


@pytest.fixture(scope="module")
def shared_server() -> Iterator[Publisher]:
    with publisher() as server:
        yield server


@pytest.fixture
def server(shared_server: Publisher) -> Publisher:
    shared_server.files = {"/alpha": BODY}
    shared_server.cut = set()
    shared_server.requests = []
    return shared_server


def test_a_file_with_the_pinned_checksum_is_accepted(server: Publisher, tmp_path: Path) -> None:
    path = Downloader().fetch(Download(f"{server.url}/alpha", sha256=sha256(BODY)), tmp_path, "alpha")
    assert path == tmp_path / "alpha"
    assert path.read_bytes() == BODY


def test_a_file_with_another_checksum_is_refused_and_leaves_no_program(server: Publisher, tmp_path: Path) -> None:
    with pytest.raises(ChecksumMismatchError, match=rf"{sha256(BODY)}, expected {'0' * 64}.*--from-source"):
        Downloader().fetch(Download(f"{server.url}/alpha", sha256="0" * 64), tmp_path, "alpha")
    assert not (tmp_path / "alpha").exists()


def test_the_publishers_checksum_list_decides_where_nothing_is_pinned(server: Publisher, tmp_path: Path) -> None:
    download = Download(f"{server.url}/alpha", checksums_url=f"{server.url}/sums")
    server.files["/sums"] = f"{sha256(b'other')}  beta\n{sha256(BODY)}  alpha\n".encode()
    assert Downloader().fetch(download, tmp_path, "alpha").read_bytes() == BODY
    server.files["/sums"] = f"{sha256(b'other')}  alpha\n".encode()
    with pytest.raises(ChecksumMismatchError):
        Downloader().fetch(download, tmp_path, "alpha")


def test_without_a_checksum_in_the_publishers_list_nothing_is_fetched(server: Publisher, tmp_path: Path) -> None:
    server.files["/sums"] = b"no list\n"
    download = Download(f"{server.url}/alpha", checksums_url=f"{server.url}/sums")
    with pytest.raises(DownloadUnavailableError, match="lists no SHA-256 for alpha"):
        Downloader().fetch(download, tmp_path, "alpha")
    assert server.requests == ["/sums"]


def test_the_program_is_taken_out_of_an_archive(server: Publisher, tmp_path: Path) -> None:
    archive = tarball({"release/LICENSE": b"text", "release/alpha": BODY})
    server.files["/alpha.tar.gz"] = archive
    download = Download(f"{server.url}/alpha.tar.gz", member="release/alpha", sha256=sha256(archive))
    assert Downloader().fetch(download, tmp_path, "alpha").read_bytes() == BODY


def test_an_archive_without_the_program_is_an_error_of_the_catalogue(server: Publisher, tmp_path: Path) -> None:
    archive = tarball({"release/LICENSE": b"text"})
    server.files["/alpha.tar.gz"] = archive
    download = Download(f"{server.url}/alpha.tar.gz", member="release/alpha", sha256=sha256(archive))
    with pytest.raises(ToolchainError, match=r"no program release/alpha; correct `member` in tools\.toml"):
        Downloader().fetch(download, tmp_path, "alpha")


def test_a_file_that_is_not_offered_does_not_condemn_its_host(server: Publisher, tmp_path: Path) -> None:
    downloader = Downloader()
    with pytest.raises(DownloadUnavailableError, match="HTTP status 404"):
        downloader.fetch(Download(f"{server.url}/gone", sha256="0" * 64), tmp_path, "gone")
    assert downloader.fetch(Download(f"{server.url}/alpha", sha256=sha256(BODY)), tmp_path, "alpha").is_file()


def test_a_download_that_ends_early_is_unavailable_rather_than_forged(server: Publisher, tmp_path: Path) -> None:
    server.cut.add("/alpha")
    with pytest.raises(DownloadUnavailableError, match=rf"ended after {len(BODY) - 1} of {len(BODY)} bytes"):
        Downloader().fetch(Download(f"{server.url}/alpha", sha256=sha256(BODY)), tmp_path, "alpha")


def test_a_host_that_cannot_be_reached_is_not_tried_again_in_the_same_run(tmp_path: Path) -> None:
    downloader = Downloader()
    with socket.create_server(("127.0.0.1", 0)) as closed:
        host = f"127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(DownloadUnavailableError, match=rf"{host} cannot be reached"):
        downloader.fetch(Download(f"http://{host}/alpha", sha256="0" * 64), tmp_path, "alpha")
    with socket.create_server(("127.0.0.1", int(host.split(":")[1]))) as listener:
        with pytest.raises(DownloadUnavailableError, match="could not be reached earlier in this run"):
            downloader.fetch(Download(f"http://{host}/beta", sha256="0" * 64), tmp_path, "beta")
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_a_host_that_accepts_but_never_answers_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/alpha"
        with pytest.raises(DownloadUnavailableError, match="timed out"):
            Downloader(timeout=0.05).fetch(Download(url, sha256="0" * 64), tmp_path, "alpha")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" * 64, "a" * 64),
        ("A" * 64 + "\n", "a" * 64),
        ("b" * 64 + "  other\n" + "c" * 64 + "  alpha\n", "c" * 64),
        ("c" * 64 + " *alpha\n", "c" * 64),
        ("c" * 64 + "  ./release/alpha\n", "c" * 64),
        ("b" * 64 + "  alpha.sig\n", None),
        ("d" * 128 + "  alpha\n", None),
        ("<html>sign in</html>", None),
        ("", None),
    ],
)
def test_a_checksum_is_found_in_the_forms_that_publishers_use(text: str, expected: str | None) -> None:
    assert find_checksum(text, "alpha") == expected
