"""Checked DICOM JSON of a study or series, kept as long as the archive has the same files of the study.

What was kept had passed all checks, for the same patient ID: whoever is granted the study may get it.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from viewer.caching import shelves
from viewer.caching.inventory import Inventory
from viewer.grammar import Dicomweb, Endpoint

CACHED = frozenset({Endpoint.STUDY_METADATA, Endpoint.SERIES_METADATA})
LEVEL = 3
_disk = ThreadPoolExecutor(2, "metadata")


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it is on the shelf; `compressed` when it is gzip."""

    body: bytes
    compressed: bool


def name_of(inventory: Inventory, asked: Dicomweb, *, key_objects: bool, hidden: frozenset[str] = frozenset()) -> str:
    """Changes with every file that comes to the study or leaves it, and with what is not to be shown of it."""
    kind = "|".join([asked.endpoint, asked.series, str(key_objects), *sorted(hidden)])
    return inventory.mark[:32] + "-" + hashlib.sha256(kind.encode()).hexdigest()[:32]


async def find(name: str, *, compressed: bool) -> Kept | None:
    suffix = ".gz" if compressed else ".json"
    body = await asyncio.get_running_loop().run_in_executor(_disk, shelves.metadata().get, name + suffix)
    return Kept(body, compressed) if body is not None else None


async def keep(name: str, body: bytes, *, compressed: bool) -> Kept:
    """Put both forms on the shelf; returns the wanted one."""
    packed = await asyncio.get_running_loop().run_in_executor(_disk, _put, name, body)
    return Kept(packed if compressed else body, compressed)


def _put(name: str, body: bytes) -> bytes:
    packed = gzip.compress(body, LEVEL, mtime=0)
    shelves.metadata().put(f"{name}.json", body)
    shelves.metadata().put(f"{name}.gz", packed)
    return packed
