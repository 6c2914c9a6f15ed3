"""The installation's secrets: made once, kept in files that only their owner reads, handed on by name."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

GENERATED = ("SECRET_KEY", "ORTHANC_PASSWORD", "HOOK_SECRET", "SIGNING_P12_PASSWORD")


def ensure(folder: Path, env: Mapping[str, str]) -> dict[str, str]:
    """{`NAME_FILE`: path} for every secret that the environment does not already give; makes those missing."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    names = [name for name in GENERATED if not env.get(name) and not env.get(f"{name}_FILE")]
    return {f"{name}_FILE": str(_ensure_one(folder / name.lower())) for name in names}


def _ensure_one(file: Path) -> Path:
    if file.exists() and file.stat().st_size > 0:
        return file
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as output:
        output.write(secrets.token_urlsafe(48))
        output.flush()
        os.fsync(output.fileno())
    draft.rename(file)
    return file
