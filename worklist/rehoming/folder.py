"""Where objects lie between two places of the archive: files under DATA_DIR, durable before anything counts on them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from django.conf import settings


def folder_of(rehoming_id: int) -> Path:
    place = Path(settings.DATA_DIR) / "rehoming" / str(rehoming_id)
    place.mkdir(parents=True, exist_ok=True)
    return place


def settle(staging: Path, final: Path) -> None:
    """The file appears under its name whole, and stays there after a power loss."""
    staging.rename(final)
    handle = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def clear(rehoming_id: int) -> None:
    shutil.rmtree(folder_of(rehoming_id), ignore_errors=True)
