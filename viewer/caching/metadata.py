"""Checked DICOM JSON of one study or its series, kept as long as the archive has the same files of the study.

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
from viewer.grammar import Dicomweb, Endpoint, upstream_query
from viewer.grants import Grant

_LISTS = frozenset({Endpoint.STUDIES, Endpoint.STUDY_SERIES})
_CACHED = frozenset({Endpoint.STUDY_METADATA, Endpoint.SERIES_METADATA}) | _LISTS
LEVEL = 3
FORM = "2"  # another when the same rows are told otherwise: what was kept before is not found any more
_disk = ThreadPoolExecutor(2, "metadata")


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it is on the shelf; `compressed` when it is gzip."""

    body: bytes
    compressed: bool


def is_cached(asked: Dicomweb) -> bool:
    """Metadata, and what is listed of one study that is named."""
    return asked.endpoint in _CACHED and len(asked.studies) == 1 and asked.query.patient_id is None


def name_of(inventory: Inventory, asked: Dicomweb, grant: Grant, *, key_objects: bool) -> str:
    """Changes with every file that comes to the study or leaves it, and with what is (not) to be shown of it."""
    facts = [FORM, asked.endpoint, asked.series, str(key_objects), *sorted(grant.hidden)]
    if asked.endpoint in _LISTS:
        facts += [upstream_query(asked), grant.description]
    kind = "|".join(facts)
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
