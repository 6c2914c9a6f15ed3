"""`manage.py run_dicom_scp` as its own process on the database of the test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from tests.services.server import free_port, running

ROOT = Path(__file__).resolve().parents[2]


def database_url() -> str:
    """The test's database as DATABASE_URL writes it."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}?transaction_mode=IMMEDIATE&timeout=20"
    return f"postgresql://{found['USER']}:{found['PASSWORD']}@{found['HOST']}:{found['PORT']}/{found['NAME']}"


def environment(port: int, **more: str) -> dict[str, str]:
    own = {"DATABASE_URL": database_url(), "DICOM_SCP_PORT": str(port), "PYTHONPATH": str(ROOT)}
    return {**os.environ, **own, "DJANGO_SETTINGS_MODULE": "tests.settings", **more}


@contextmanager
def scp_process(folder: Path, **env: str) -> Iterator[tuple[subprocess.Popen[bytes], int, Path]]:
    """Yields the process, its port and its log."""
    port, log = free_port(), folder / "scp.log"
    command = [sys.executable, str(ROOT / "manage.py"), "run_dicom_scp"]
    with _environ(environment(port, **env)), running(command, log=log, ready=lambda: _says_so(log)) as process:
        yield process, port, log


def _says_so(log: Path) -> bool:
    return "DICOM worklist and MPPS: ISOCENTER" in log.read_text(errors="replace")


@contextmanager
def _environ(wanted: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
