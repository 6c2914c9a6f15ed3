"""A migrated SQLite database that installations under test begin with: the migrations run once, not for each."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "build" / "migrated"


def lay(target: Path) -> None:
    """The migrated database at `target`, where one was kept; `migrate` runs after it all the same."""
    if _kept().exists():
        _copy(_kept(), target)


def keep(source: Path) -> None:
    """Keep what `migrate` made, for the next. Of two who keep at once one wins, and both are right."""
    if _kept().exists():
        return
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in KEPT.glob("*.sqlite3"):
        old.unlink(missing_ok=True)
    own = _kept().with_suffix(f".{os.getpid()}")
    _copy(source, own)
    own.rename(_kept())


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)


def _kept() -> Path:
    """Its name changes with every migration."""
    found = hashlib.sha256()
    for path in sorted(ROOT.glob("*/**/migrations/*.py")):
        if ".venv" not in path.parts and "build" not in path.parts:
            found.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return KEPT / f"{found.hexdigest()[:20]}.sqlite3"
