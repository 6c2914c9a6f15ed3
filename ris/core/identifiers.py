"""Identifiers that leave the house: DICOM UIDs, accession numbers, AE titles (PS3.5 §6.2, §9)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

UID_MAX = 64
SHORT_STRING_MAX = 16
UID_PATTERN = re.compile(r"[0-9]+(?:\.[0-9]+)*")
AE_TITLE_PATTERN = re.compile(r"[A-Z0-9_\-]{1,16}")
ACCESSION_PATTERN = re.compile(r"[A-Za-z0-9._\-/]{1,16}")

_sources: dict[str, Callable[[], tuple[str, str]]] = {}


def use_installation(source: Callable[[], tuple[str, str]]) -> None:
    """Register where (UID root, installation id) come from; accounts does so when it is ready."""
    _sources["installation"] = source


def uid(kind: str, *parts: object) -> str:
    """A deterministic UID for one thing of this installation, at most 64 characters.

    The same kind and parts always give the same UID, so that a repeated delivery repeats the identifier
    (PS3.5 §B.2: UUID-derived decimal under 2.25). Never feed it a file's hash.
    """
    root, installation = _sources["installation"]()
    seed = "\x1f".join([installation, kind, *(str(part) for part in parts)])
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:16], "big")
    return f"{root}.{number}"[:UID_MAX]


def is_uid(value: str) -> bool:
    """PS3.5 §9.1: digits and dots, at most 64 characters, no leading zero in a component."""
    if len(value) > UID_MAX or not UID_PATTERN.fullmatch(value):
        return False
    return all(part == "0" or not part.startswith("0") for part in value.split("."))


def is_ae_title(value: str) -> bool:
    return AE_TITLE_PATTERN.fullmatch(value) is not None


def is_accession(value: str) -> bool:
    """Safe as a key at any peer: no wildcard, no backslash, at most 16 characters (SH)."""
    return ACCESSION_PATTERN.fullmatch(value) is not None
