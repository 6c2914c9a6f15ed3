"""`make check`: every rule of the house that a machine can hold us to."""

from __future__ import annotations

import os
import secrets
import subprocess
import time
from collections.abc import Mapping, Sequence

from deploy.setup import places
from deploy.setup.screen import say

CODE = ("ris", "worklist", "reporting", "viewer", "tests", "deploy", "manage.py")
LOCAL_SETTINGS = ("DATABASE_URL", "REDIS_URL", "ORTHANC_URL", "DEMO", "DEBUG", "DATA_DIR")


def run_all() -> int:
    """Run every check, all of them even when one fails; 0 when none did."""
    failed = [name for name, command, env in every_check() if not _passes(name, command, env)]
    say(f"Failed: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


def every_check() -> list[tuple[str, list[str], Mapping[str, str]]]:
    """(name, command, environment) of each check."""
    manage = [str(places.PYTHON), "manage.py"]
    development = {**plain_environment(), "DEBUG": "1"}
    return [
        ("ruff check", [tool("ruff"), "check", "."], plain_environment()),
        ("ruff format", [tool("ruff"), "format", "--check", "."], plain_environment()),
        ("mypy", [tool("mypy"), *CODE], development),
        ("import-linter", [tool("lint-imports")], development),
        ("migrations", [*manage, "makemigrations", "--check", "--dry-run"], development),
        ("deploy checks", [*manage, "check", "--deploy", "--fail-level", "WARNING"], production_like()),
        ("architecture", [str(places.PYTHON), "-m", "pytest", "-q", "tests/architecture"], plain_environment()),
    ]


def reformat() -> int:
    """Sort imports, apply ruff's safe fixes, format."""
    fixed = subprocess.call([tool("ruff"), "check", "--fix", "--quiet", "."], cwd=places.ROOT)
    formatted = subprocess.call([tool("ruff"), "format", "."], cwd=places.ROOT)
    return fixed or formatted


def tool(name: str) -> str:
    return str(places.VENV / "bin" / name)


def plain_environment() -> dict[str, str]:
    """Ours without what a person may have set for a running installation."""
    return {name: value for name, value in os.environ.items() if name not in LOCAL_SETTINGS}


def production_like() -> dict[str, str]:
    """What a clinic's server would set; the secrets are of this run only."""
    return {
        **plain_environment(),
        "PUBLIC_URL": "https://ris.example.org",
        "ALLOWED_HOSTS": "ris.example.org",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "HOOK_SECRET": secrets.token_urlsafe(32),
        "ORTHANC_PASSWORD": secrets.token_urlsafe(32),
        "SIGNING_P12_PASSWORD": secrets.token_urlsafe(32),
        "DATABASE_URL": "postgresql://ris@db.example.org/ris",
        "REDIS_URL": "redis://cache.example.org/0",
        "ORTHANC_URL": "http://archive.example.org:8042",
    }


def _passes(name: str, command: Sequence[str], env: Mapping[str, str]) -> bool:
    say(f"== {name}")
    began = time.monotonic()
    code = subprocess.call(command, cwd=places.ROOT, env=env)
    say(f"== {name}: {'ok' if code == 0 else f'FAILED ({code})'} in {time.monotonic() - began:.0f} s")
    return code == 0
