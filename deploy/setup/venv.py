"""The virtual environment and what is pinned for it."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from deploy.setup import logged, places
from deploy.setup.screen import say

RUNTIME = ("requirements.txt",)
DEVELOPMENT = ("requirements.txt", "requirements-dev.txt")


def require(requirements: tuple[str, ...]) -> None:
    """Have `.venv` with the pinned `requirements`; does nothing when its stamps say that they are in."""
    if not _works():
        say("Making the virtual environment")
        logged.run("virtual environment", [sys.executable, "-m", "venv", "--clear", str(places.VENV)])
    stale = [name for name in requirements if _stamp(name) != fingerprint(places.ROOT / name)]
    if not stale:
        return
    say(f"Installing {' and '.join(stale)} (about a minute)")
    files = [argument for name in stale for argument in ("-r", str(places.ROOT / name))]
    pip = [str(places.PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    logged.run("pip install", [*pip, *files])
    for name in stale:
        _stamp_file(name).write_text(fingerprint(places.ROOT / name), encoding="utf-8")


def fingerprint(requirements: Path) -> str:
    """Changes with the content of the file and with the Python that would use it."""
    return hashlib.sha256(sys.version.encode() + requirements.read_bytes()).hexdigest()


def _stamp_file(name: str) -> Path:
    return places.VENV / f"isocenter-{name}.stamp"


def _stamp(name: str) -> str:
    file = _stamp_file(name)
    return file.read_text(encoding="utf-8") if file.exists() else ""


def _works() -> bool:
    if not places.PYTHON.exists():
        return False
    probe = [str(places.PYTHON), "-c", "import pip"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0
