"""What the archive answered, checked and made ours (security.md rules 3 and 5). Pure.

A row of another study than the granted one is dropped and counted; every address of the archive becomes one of ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from viewer.grammar import BULK, FRAMES, UID

STUDY_UID, SERIES_UID, SOP_UID = "0020000D", "0020000E", "00080018"
PATIENT_ID, DESCRIPTION, MODALITY, RETRIEVE_URL = "00100020", "00081030", "00080060", "00081190"
SOP_CLASS, DOCUMENT_LENGTH = "00080016", "00420015"
PDF_CLASS = "1.2.840.10008.5.1.4.1.1.104.1"
KEY_OBJECTS = "KO"
# What the grammar answers: an object, its bulk data, its frames. Whole studies and series are not retrieved at once.
_PLACE = re.compile(rf"/studies/({UID})(/series/{UID}/instances/{UID}(?:/bulk/{BULK}|/frames/{FRAMES})?)$")

Row = dict[str, Any]


class MalformedAnswerError(ValueError):
    """The archive sent something that is not DICOM JSON."""


@dataclass(frozen=True, slots=True)
class Granted:
    """What is known of a granted study: the archive's patient ID, and the description that the RIS keeps."""

    patient_id: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """The rows that may leave, and how many named a study (or patient) that was not granted."""

    rows: list[Row]
    foreign: int


def read_rows(body: bytes) -> list[Row]:
    """The list of datasets of a QIDO or metadata answer; an empty body is an empty list (204)."""
    try:
        found = json.loads(body) if body else []
    except (ValueError, RecursionError) as error:
        raise MalformedAnswerError("The archive's answer is not JSON.") from error
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise MalformedAnswerError("The archive's answer is not a list of datasets.")
    return found


def value(row: Mapping[str, Any], tag: str) -> str:
    """The first value of an element as text, or empty."""
    element = row.get(tag)
    values = element.get("Value") if isinstance(element, dict) else None
    first = values[0] if isinstance(values, list) and values else None
    return "" if first is None or isinstance(first, dict) else str(first)


def check(rows: list[Row], granted: Mapping[str, Granted]) -> Checked:
    """Keep the rows of granted studies. A row that names another patient than the granted study's is foreign too."""
    kept = [row for row in rows if _belongs(row, granted)]
    return Checked(kept, len(rows) - len(kept))


def _belongs(row: Row, granted: Mapping[str, Granted]) -> bool:
    grant = granted.get(value(row, STUDY_UID))
    if grant is None:
        return False
    return PATIENT_ID not in row or value(row, PATIENT_ID).strip() == grant.patient_id


def described(rows: list[Row], granted: Mapping[str, Granted]) -> list[Row]:
    """Study rows with the description that the RIS knows, where an SR without one made the archive forget it."""
    for row in rows:
        known = granted[value(row, STUDY_UID)].description
        if known and not value(row, DESCRIPTION):
            row[DESCRIPTION] = {"vr": "LO", "Value": [known]}
    return rows


def without_key_objects(rows: list[Row]) -> list[Row]:
    """OHIF shows a key object series as a row with a warning that cannot be opened; it is not offered to it."""
    return [row for row in rows if value(row, MODALITY) != KEY_OBJECTS]


def without_series(rows: list[Row], hidden: frozenset[str]) -> list[Row]:
    """The documents of reports that were withdrawn stay in the archive, and out of sight."""
    return [row for row in rows if value(row, SERIES_UID) not in hidden] if hidden else rows


def localised(rows: list[Row], root: str) -> list[Row]:
    """Every BulkDataURI and RetrieveURL under `root` of our own origin, where it is answered; others are left out."""
    for row in rows:
        study = value(row, STUDY_UID)
        waiting: list[Any] = [row]
        while waiting:
            one = waiting.pop()
            if isinstance(one, list):
                waiting += one
            elif isinstance(one, dict):
                _localise(one, study, root)
                waiting += one.values()
    return rows


def _localise(one: dict[str, Any], study: str, root: str) -> None:
    if "BulkDataURI" in one:
        address = _ours(one["BulkDataURI"], study, root)
        one.pop("BulkDataURI") if address is None else one.update(BulkDataURI=address)
    urls = one.get(RETRIEVE_URL)
    if isinstance(urls, dict):
        values = urls.get("Value")
        found = [_ours(url, study, root) for url in values] if isinstance(values, list) else []
        kept = [url for url in found if url is not None]
        one.pop(RETRIEVE_URL) if not kept else one.update({RETRIEVE_URL: {"vr": "UR", "Value": kept}})


def _ours(address: object, study: str, root: str) -> str | None:
    found = _PLACE.search(address) if isinstance(address, str) else None
    return f"{root}/studies/{study}{found[2]}" if found and found[1] == study else None
