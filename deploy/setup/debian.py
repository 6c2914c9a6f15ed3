"""Debian packages: install the missing ones as root, else name them all in one message."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from deploy.setup import logged
from deploy.setup.errors import SetupError
from deploy.setup.screen import say

ORTHANC = ("orthanc", "orthanc-dicomweb", "orthanc-python", "orthanc-gdcm")
FONTS = ("fonts-droid-fallback", "fonts-nanum")  # what Chinese, Japanese and Korean names are printed with
TESTING = (
    "dcmtk",
    "dicom3tools",
    "poppler-utils",
    "qpdf",
    "zbar-tools",
    "softhsm2",
    "chromium",
    "redis-server",
    "postgresql",
    "nginx-light",
    *FONTS,
)
VENV_MODULES = ("venv", "ensurepip")
POLICY = Path("/usr/sbin/policy-rc.d")
NEVER_START = "#!/bin/sh\n# Put here by Isocenter's set-up while it installs packages; removed afterwards.\nexit 101\n"


def require(packages: Sequence[str]) -> None:
    """Have all `packages`, and what `python3 -m venv` needs.

    Installs what is missing when run as root. Raises SetupError naming every missing package otherwise.
    """
    missing = [*missing_tools(), *missing_packages(packages)]
    if not missing:
        return
    names = " ".join(missing)
    if os.geteuid() != 0:
        raise SetupError(f"Debian packages are missing. Please run: sudo apt-get install {names}")
    if shutil.which("apt-get") is None:
        raise SetupError(f"This is not a Debian machine; please install what Debian calls: {names}")
    install(missing)


def missing_tools() -> list[str]:
    """`python3-venv`, when this Python comes without it, and `npm`, with which OHIF's package is fetched."""
    without_venv = any(importlib.util.find_spec(module) is None for module in VENV_MODULES)
    return ["python3-venv"] * without_venv + ["npm"] * (shutil.which("npm") is None)


def missing_packages(packages: Sequence[str]) -> list[str]:
    """Those of `packages` that dpkg does not know as installed; all of them where there is no dpkg."""
    if shutil.which("dpkg-query") is None:
        return list(packages)
    query = ["dpkg-query", "-W", "-f=${Package} ${db:Status-Status}\n", *packages]
    answer = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    installed = {line.split()[0] for line in answer.splitlines() if line.endswith(" installed")}
    return [name for name in packages if name not in installed]


def install(packages: Sequence[str]) -> None:
    """apt-get, quietly, without starting the services that the packages bring."""
    say(f"Installing Debian packages: {' '.join(packages)} (some minutes)")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    logged.run("apt-get update", ["apt-get", "update"], env)
    with services_stay_stopped():
        logged.run("apt-get install", ["apt-get", "install", "-y", "--no-install-recommends", *packages], env)


@contextlib.contextmanager
def services_stay_stopped() -> Iterator[None]:
    """Keep dpkg from starting the packages' own services: theirs would hold the ports that ours want.

    policy-rc.d is Debian's own switch for this. One that is there already is the machine's, and stays as it is.
    """
    if POLICY.exists():
        yield
        return
    POLICY.write_text(NEVER_START, encoding="utf-8")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)
