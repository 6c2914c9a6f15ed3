"""Orthanc's names: of patients, studies, series and objects (SHA-1 of their UIDs), and of stored files. Pure."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

NAME = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{8}){4}")
FILE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@lru_cache(maxsize=8192)
def of(*parts: str) -> str:
    """The name of what (patient ID, study UID[, series UID[, SOP instance UID]]) identify together.

    The patient and the study are part of the name, so that no address can name an object of another study.
    """
    digest = hashlib.sha1("|".join(parts).encode(), usedforsecurity=False).hexdigest()
    return "-".join(digest[at : at + 8] for at in range(0, 40, 8))


def is_name(text: str) -> bool:
    return NAME.fullmatch(text) is not None


def is_file(text: str) -> bool:
    return FILE.fullmatch(text) is not None
