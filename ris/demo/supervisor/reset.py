"""`make demo-reset`: throw the demo's data away."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from ris.demo.supervisor import lock
from ris.demo.supervisor.errors import DemoError

ELSEWHERE = ("DATABASE_URL", "REDIS_URL", "ORTHANC_URL")
MARK = "secrets"


def reset(data: Path, env: Mapping[str, str]) -> str:
    """Empty the data folder of a demo that is not running; returns what was done, in words.

    Raises DemoError while the demo runs, when its data lie in somebody else's database or archive, and for a folder
    that no demo made.
    """
    outside = [name for name in ELSEWHERE if env.get(name)]
    if outside:
        raise DemoError(f"{' and '.join(outside)} is set: demo-reset only empties the demo's own data in {data}.")
    if not data.exists() or not any(data.iterdir()):
        return "There is no demo data; `make demo` makes it."
    if not (data / MARK).is_dir():
        raise DemoError(f"{data} was not made by `make demo`, so it stays as it is.")
    held = lock.take(data)
    try:
        _empty(data)
    finally:
        os.close(held)
    return f"The demo's data in {data} are gone; `make demo` starts over."


def _empty(data: Path) -> None:
    """The mark goes last: a reset that was interrupted can be repeated."""
    entries = [entry for entry in data.iterdir() if entry.name not in (MARK, lock.NAME)]
    for entry in [*entries, data / MARK]:
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    (data / lock.NAME).unlink()
