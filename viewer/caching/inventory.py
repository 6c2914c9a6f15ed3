"""Which files the archive has of a study at this moment: what makes everything cached of it valid, or not.

Orthanc names each stored file anew, so that a file's name stands for its content: an object that was deleted and
stored again, moved to another patient or corrected has another name, and nothing cached under the old one is found.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from viewer.caching import names

FRESH_SECONDS = 2.0
STUDIES_MAX = 256
FACTS_MAX = 64 * 1024
LIST_MAX = 256 * 1024 * 1024


class Native(Protocol):
    """How the archive's own REST is read: the body of a 200, None for anything else."""

    async def native(self, path: str, limit: int) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class Inventory:
    """The stored files of one study by Orthanc's names of their objects; `mark` stands for all of them."""

    patient_id: str
    study: str
    files: Mapping[str, str]
    mark: str

    def file_of(self, series: str, instance: str) -> tuple[str, str] | None:
        """(Orthanc's name of an object, name of its file), or None when the study has no such object."""
        one = names.of(self.patient_id, self.study, series, instance)
        return (one, self.files[one]) if one in self.files else None


@dataclass(slots=True)
class _Known:
    """What was found, from which facts, and when that was last confirmed."""

    facts: bytes = b""
    inventory: Inventory | None = None
    confirmed: float = -FRESH_SECONDS
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Inventories:
    """Those of one event loop: confirmed at most every FRESH_SECONDS, by one question for all who wait."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], _Known] = OrderedDict()

    def lately(self, patient_id: str, study: str) -> Inventory | None:
        """Without asking anybody: the one that was confirmed just now."""
        known = self._known.get((patient_id, study))
        fresh = known is not None and time.monotonic() - known.confirmed < FRESH_SECONDS
        return known.inventory if known is not None and fresh else None

    async def of(self, archive: Native, patient_id: str, study: str) -> Inventory | None:
        """None when the archive is no Orthanc, or does not know the study under this patient ID."""
        known = self._known.setdefault((patient_id, study), _Known())
        self._known.move_to_end((patient_id, study))
        while len(self._known) > STUDIES_MAX:
            self._known.popitem(last=False)
        async with known.lock:
            if time.monotonic() - known.confirmed >= FRESH_SECONDS:
                await _confirm(archive, known, patient_id, study)
        return known.inventory


async def _confirm(archive: Native, known: _Known, patient_id: str, study: str) -> None:
    """Small facts first; the list of files only when they changed."""
    began, place = time.monotonic(), f"/studies/{names.of(patient_id, study)}"
    facts = await _facts(archive, place)
    if facts is None:
        known.facts, known.inventory = b"", None
    elif facts != known.facts or known.inventory is None:
        known.inventory = _read(await archive.native(f"{place}/instances", LIST_MAX), patient_id, study)
        known.facts = facts
    known.confirmed = began


async def _facts(archive: Native, place: str) -> bytes | None:
    """How many, how large, changed when."""
    parts = await asyncio.gather(
        archive.native(f"{place}/statistics", FACTS_MAX), archive.native(f"{place}/metadata/LastUpdate", FACTS_MAX)
    )
    return None if None in parts else b"\n".join(part for part in parts if part is not None)


def _read(body: bytes | None, patient_id: str, study: str) -> Inventory | None:
    try:
        rows = json.loads(body or b"")
        files = {str(row["ID"]): str(row["FileUuid"]) for row in rows}
    except (ValueError, KeyError, TypeError):
        return None
    if not all(names.is_name(one) and names.is_file(file) for one, file in files.items()):
        return None
    everything = "\n".join(sorted(f"{one} {file}" for one, file in files.items()))
    mark = hashlib.sha256(f"{patient_id}\n{study}\n{everything}".encode()).hexdigest()
    return Inventory(patient_id, study, files, mark)
