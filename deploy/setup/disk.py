"""Room on the disk, asked before anything is written."""

from __future__ import annotations

import shutil
from pathlib import Path

from deploy.setup.errors import SetupError

NEEDED_BYTES = 2 * 1024**3


def require_space(folder: Path, needed: int = NEEDED_BYTES) -> None:
    """Raise SetupError when the disk that holds (or will hold) `folder` has fewer than `needed` bytes free."""
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(existing).free
    if free < needed:
        raise SetupError(
            f"The disk that holds {folder} is full: {_gigabytes(free)} free, {_gigabytes(needed)} needed. "
            "Free some space, or set BUILD_DIR and DATA_DIR to folders on another disk."
        )


def _gigabytes(count: int) -> str:
    return f"{count / 1024**3:.1f} GB"
