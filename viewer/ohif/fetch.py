"""Obtain the pinned OHIF build from the npm registry, checked against a hash that is part of this file."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path

PACKAGE = "@ohif/app"
VERSION = "3.13.2"
INTEGRITY = "WZdxmpmG7rqFgW9ZJLcbgr3XCtLi1KDNPoMaeY5PPe6j4G4fjEjjkycZM6C6Zk2F87BKxFfpq+jd5xXZB9E8EA=="
TARBALL = f"ohif-app-{VERSION}.tgz"
SECONDS_MAX = 600
# Without a network npm would try for more than a minute before it says so.
IMPATIENT = ("--prefer-offline", "--fetch-retries=1", "--fetch-retry-mintimeout=2000", "--fetch-retry-maxtimeout=5000")


class FetchError(Exception):
    """The build could not be obtained; the text says in one sentence why."""


def is_genuine(tarball: Path, integrity: str = INTEGRITY) -> bool:
    """Whether the file's SHA-512 is the pinned one."""
    try:
        with tarball.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha512").digest()
    except OSError:
        return False
    return base64.b64encode(digest).decode() == integrity


def fetch(folder: Path) -> Path:
    """The genuine tarball in `folder`, downloaded through npm unless it is there already."""
    tarball = folder / TARBALL
    if is_genuine(tarball):
        return tarball
    folder.mkdir(parents=True, exist_ok=True)
    _npm_pack(folder)
    if not is_genuine(tarball):
        tarball.unlink(missing_ok=True)
        raise FetchError(
            f"{PACKAGE} {VERSION} from the npm registry does not have the pinned hash, so it was thrown away."
        )
    return tarball


def unpack(tarball: Path, folder: Path) -> Path:
    """Unpack into `folder` (emptied first); returns the folder of the built viewer."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        with tarfile.open(tarball) as archive:
            # Debian 12's Python 3.11.2 has no extraction filters yet; there the pinned hash alone vouches for the names
            archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _path: member)
            archive.extractall(folder)  # noqa: S202  its hash was checked
    except OSError as error:
        raise FetchError(f"The viewer could not be unpacked into {folder}: {error.strerror or error}.") from error
    return folder / "package" / "dist"


def _npm_pack(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise FetchError("npm is not installed: install Node.js 20 or newer, then run this again.")
    command = [npm, "pack", f"{PACKAGE}@{VERSION}", "--pack-destination", str(folder), "--silent", "--ignore-scripts"]
    command += IMPATIENT
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=SECONDS_MAX)
    except subprocess.TimeoutExpired as error:
        raise FetchError(
            f"npm did not deliver {PACKAGE} within {SECONDS_MAX // 60} minutes: check the network."
        ) from error
    except subprocess.CalledProcessError as error:
        raise FetchError(_reason(error.stderr)) from error


def _reason(stderr: str) -> str:
    if "ENOSPC" in stderr:
        return f"The disk is full: {PACKAGE} needs about 300 MB."
    if "E404" in stderr or "ETARGET" in stderr:
        return f"The npm registry does not offer {PACKAGE} {VERSION}."
    return f"The npm registry could not be reached for {PACKAGE} {VERSION}: check the network and run this again."
