"""What was kept of a study is let go of when its objects were changed or hidden.

Nothing old was ever found again: its name stands for the files that the archive has (inventory.py). This is so that the
names of another patient do not lie on a disk until nobody asked for them long enough.
"""

from __future__ import annotations

import contextlib
import mmap
from pathlib import Path

from viewer.caching import shelves


def drop_metadata(study_uid: str) -> int:
    """Remove every answer that speaks of the study, plain and compressed; how many there were."""
    said = f'"{study_uid}"'.encode()
    dropped = 0
    for plain in shelves.metadata().place.glob("*/*.json"):
        if _holds(plain, said):
            for one in (plain, plain.with_suffix(".gz")):
                one.unlink(missing_ok=True)
            dropped += 1
    return dropped


def _holds(path: Path, said: bytes) -> bool:
    with (
        contextlib.suppress(OSError, ValueError),  # gone meanwhile, or empty
        path.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as body,
    ):
        return body.find(said) >= 0
    return False
