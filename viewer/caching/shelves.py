"""The two shelves of this installation, under DATA_DIR/cache."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from viewer.caching.shelf import Shelf

METADATA_SHARE = 16


def pixels() -> Shelf:
    """Frames and thumbnails."""
    return _shelf(Path(settings.DATA_DIR) / "cache" / "pixels", settings.VIEWER_CACHE_MB * 1024**2)


def metadata() -> Shelf:
    """Checked DICOM JSON, plain and compressed."""
    limit = settings.VIEWER_CACHE_MB * 1024**2 // METADATA_SHARE
    return _shelf(Path(settings.DATA_DIR) / "cache" / "metadata", limit)


@lru_cache(maxsize=8)
def _shelf(place: Path, limit: int) -> Shelf:
    return Shelf(place, limit)
