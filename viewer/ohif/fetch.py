"""Obtain the pinned OHIF build, and what makes it smaller, from the npm registry; the hashes are part of this file."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

VERSION = "3.13.2"
SECONDS_MAX = 600
# Without a network npm would try for more than a minute before it says so.
IMPATIENT = ("--prefer-offline", "--fetch-retries=1", "--fetch-retry-mintimeout=2000", "--fetch-retry-maxtimeout=5000")


class FetchError(Exception):
    """The build could not be obtained; the text says in one sentence why."""


@dataclass(frozen=True, slots=True)
class Package:
    """One version of an npm package; `integrity` is the SHA-512 of its tarball in base64."""

    name: str
    version: str
    integrity: str

    @property
    def tarball(self) -> str:
        """How npm calls the file."""
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"


OHIF = Package(
    "@ohif/app", VERSION, "WZdxmpmG7rqFgW9ZJLcbgr3XCtLi1KDNPoMaeY5PPe6j4G4fjEjjkycZM6C6Zk2F87BKxFfpq+jd5xXZB9E8EA=="
)
MINIFIER = Package(
    "esbuild-wasm", "0.28.2", "GccVwhv3mmOUVQHCQm2Ox/rby8n/EqUwvZxE6Pjfikrq/lWw9g9WX/u9EykWnpot3Ko6j426DgQdea2xWKIAQA=="
)


def is_genuine(tarball: Path, integrity: str) -> bool:
    """Whether the file's SHA-512 is the pinned one."""
    try:
        with tarball.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha512").digest()
    except OSError:
        return False
    return base64.b64encode(digest).decode() == integrity


def fetch(folder: Path, package: Package = OHIF) -> Path:
    """The genuine tarball in `folder`, downloaded through npm unless it is there already."""
    tarball = folder / package.tarball
    if is_genuine(tarball, package.integrity):
        return tarball
    folder.mkdir(parents=True, exist_ok=True)
    _npm_pack(folder, package)
    if not is_genuine(tarball, package.integrity):
        tarball.unlink(missing_ok=True)
        raise FetchError(
            f"{package.name} {package.version} from the npm registry does not have the pinned hash, "
            "so it was thrown away."
        )
    return tarball


def unpack(tarball: Path, folder: Path) -> Path:
    """Unpack into `folder` (emptied first); returns the package's own folder. OHIF's built viewer is its `dist`."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        with tarfile.open(tarball) as archive:
            # Debian 12's Python 3.11.2 has no extraction filters yet; there the pinned hash alone vouches for the names
            archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _path: member)
            archive.extractall(folder)  # noqa: S202  its hash was checked
    except OSError as error:
        raise FetchError(f"{tarball.name} could not be unpacked into {folder}: {error.strerror or error}.") from error
    return folder / "package"


def _npm_pack(folder: Path, package: Package) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise FetchError("npm is not installed: install Node.js 20 or newer, then run this again.")
    wanted = f"{package.name}@{package.version}"
    command = [npm, "pack", wanted, "--pack-destination", str(folder), "--silent", "--ignore-scripts", *IMPATIENT]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=SECONDS_MAX)
    except subprocess.TimeoutExpired as error:
        minutes = SECONDS_MAX // 60
        raise FetchError(f"npm did not deliver {wanted} within {minutes} minutes: check the network.") from error
    except subprocess.CalledProcessError as error:
        raise FetchError(_reason(error.stderr, wanted)) from error


def _reason(stderr: str, wanted: str) -> str:
    if "ENOSPC" in stderr:
        return f"The disk is full: {wanted} needs about 300 MB."
    if "E404" in stderr or "ETARGET" in stderr:
        return f"The npm registry does not offer {wanted}."
    return f"The npm registry could not be reached for {wanted}: check the network and run this again."
