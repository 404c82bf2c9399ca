"""Official downloads: fetched with a short timeout, used only when their SHA-256 is the expected one."""

import hashlib
import http.client
import shutil
import tarfile
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from tests.toolchain.errors import ToolchainError
from tests.toolchain.recipes import Download

TIMEOUT_SECONDS = 5.0
CHUNK_BYTES = 1 << 20


class DownloadUnavailableError(ToolchainError):
    """The publisher's file cannot be had now; another way to obtain the tool may be tried."""


class ChecksumMismatchError(ToolchainError):
    """The file that arrived is not the expected one; it must not be used."""


class Downloader:
    """The downloads of one run. A host that could not be reached is not asked again."""

    def __init__(self, timeout: float = TIMEOUT_SECONDS) -> None:
        self._timeout = timeout
        self._unreachable: set[str] = set()

    def fetch(self, download: Download, folder: Path, name: str) -> Path:
        """Fetch, check and unpack one program to ``folder/name``.

        Raises DownloadUnavailableError when the publisher cannot be reached or does not offer the file, and
        ChecksumMismatchError when the file differs from the expected one.
        """
        expected = download.sha256 or self._published_checksum(download)
        received = folder / "download"
        actual = self._save(download.url, received)
        if actual != expected:
            raise ChecksumMismatchError(
                f"{download.url}: SHA-256 is {actual}, expected {expected}; the file is not used. "
                "Find out why it differs, or build from source: build --from-source"
            )
        program = folder / name
        if download.member is None:
            received.rename(program)
        else:
            _extract(received, download.member, program)
        return program

    def _published_checksum(self, download: Download) -> str:
        if download.checksums_url is None:
            raise ToolchainError(f"{download.url}: tools.toml gives neither sha256 nor checksums_url")
        text = bytearray()
        self._receive(download.checksums_url, text.extend)
        file_name = download.url.rsplit("/", 1)[-1]
        checksum = find_checksum(text.decode("utf-8", errors="replace"), file_name)
        if checksum is None:
            raise DownloadUnavailableError(f"{download.checksums_url} lists no SHA-256 for {file_name}")
        return checksum

    def _save(self, url: str, path: Path) -> str:
        """Save the body to ``path`` and return its SHA-256 in hex."""
        digest = hashlib.sha256()
        with path.open("wb") as file:

            def take(chunk: bytes) -> None:
                digest.update(chunk)
                file.write(chunk)

            self._receive(url, take)
        return digest.hexdigest()

    def _receive(self, url: str, take: Callable[[bytes], None]) -> None:
        """Hand the whole body to ``take`` in chunks."""
        host = urlsplit(url).netloc
        if host in self._unreachable:
            raise DownloadUnavailableError(f"{host} could not be reached earlier in this run")
        received = 0
        try:
            with urllib.request.urlopen(url, timeout=self._timeout) as response:
                while chunk := response.read(CHUNK_BYTES):
                    received += len(chunk)
                    take(chunk)
                length = response.headers.get("Content-Length")
        except urllib.error.HTTPError as error:
            raise DownloadUnavailableError(f"{url}: HTTP status {error.code}") from error
        except (urllib.error.URLError, TimeoutError, ConnectionError, http.client.HTTPException) as error:
            self._unreachable.add(host)
            raise DownloadUnavailableError(f"{host} cannot be reached: {error}") from error
        if length is not None and int(length) != received:
            raise DownloadUnavailableError(f"{url}: connection ended after {received} of {length} bytes")


def find_checksum(text: str, file_name: str) -> str | None:
    """The SHA-256 of ``file_name`` in a checksum file: either one bare checksum or lines "<sha256> [*]<name>"."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if len(lines) == 1 and len(lines[0]) == 1:
        candidates = [lines[0][0]]
    else:
        candidates = [line[0] for line in lines if len(line) == 2 and line[1].lstrip("*").split("/")[-1] == file_name]
    return next((item.lower() for item in candidates if _is_sha256(item)), None)


def _is_sha256(text: str) -> bool:
    return len(text) == 64 and all(digit in "0123456789abcdefABCDEF" for digit in text)


def _extract(archive: Path, member: str, target: Path) -> None:
    try:
        with tarfile.open(archive) as tar:
            source = tar.extractfile(member)
            if source is None:
                raise KeyError(member)
            with source, target.open("wb") as file:
                shutil.copyfileobj(source, file)
    except (KeyError, tarfile.TarError) as error:
        raise ToolchainError(f"the download holds no program {member}; correct `member` in tools.toml") from error
