"""How much may be brought at once."""

from __future__ import annotations

from typing import Final

from worklist.outside.zips import Limits

PART_MAX: Final = 16 * 1024 * 1024
"""Bytes of one request: a browser sends a large file in parts."""
DELIVERY: Final = Limits(files=20_000, bytes=20 * 1024**3)
PDF_MAX: Final = 50 * 1024 * 1024
DIRECTORY_MAX: Final = 64 * 1024 * 1024
NAMED: Final = 8
"""So many left-out files are named; of the others only the number is said."""
