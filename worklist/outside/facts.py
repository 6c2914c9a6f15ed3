"""What the header of a foreign object says, as text; odd letters are no exception.

Pure. Nothing is built of the file: its elements are stepped over (ris.dicom.rewriting), so that no content harms us.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydicom.charset import convert_encodings, decode_bytes

from ris.core.identifiers import is_uid
from ris.dicom.rewriting import CannotRewrite, Head, head
from worklist.mwl.charset import is_known

CHARSET: Final = 0x00080005
SOP_CLASS, SOP_UID = 0x00080016, 0x00080018
STUDY_UID, SERIES_UID = 0x0020000D, 0x0020000E
FIELDS: Final = {
    "study_date": 0x00080020,
    "accession": 0x00080050,
    "modality": 0x00080060,
    "institution": 0x00080080,
    "description": 0x00081030,
    "series_description": 0x0008103E,
    "patient_name": 0x00100010,
    "patient_id": 0x00100020,
    "issuer": 0x00100021,
    "birth_date": 0x00100030,
    "sex": 0x00100040,
    "body_part": 0x00180015,
    "laterality": 0x00200060,
}
UIDS: Final = {"sop_class": SOP_CLASS, "sop_uid": SOP_UID, "study_uid": STUDY_UID, "series_uid": SERIES_UID}
DIRECTORY: Final = "1.2.840.10008.1.3.10"
LONGEST: Final = 120
DELIMITERS: Final = {0x1B, 0x5C, 0x5E, 0x3D}
ESCAPE: Final = b"\x1b"
LOST: Final = "\N{REPLACEMENT CHARACTER}"


class NotAnObject(ValueError):
    """The file is DICOM but nothing that could be stored; the message is for people."""


def facts_of(path: Path) -> dict[str, str]:
    """Fields and UIDs by name; `charset_doubt` says that letters could not be read. NotAnObject, CannotRewrite."""
    found = head(path, [CHARSET, *FIELDS.values(), *UIDS.values()])
    uids = {name: found.values.get(tag, b"").decode("ascii", "replace").strip(" \0") for name, tag in UIDS.items()}
    if any(not is_uid(uid) for uid in uids.values()):
        raise NotAnObject("it does not name itself, its series and its study")
    texts, doubt = _texts(found)
    return {**texts, **uids, "charset_doubt": "yes" if doubt else ""}


def _texts(found: Head) -> tuple[dict[str, str], bool]:
    encodings, known = _encodings(found.values.get(CHARSET, b""))
    raw = {name: found.values.get(tag, b"") for name, tag in FIELDS.items()}
    texts = {name: _decoded(value, encodings) for name, value in raw.items()}
    odd = any(not value.isascii() for value in raw.values())
    return texts, (odd and not known) or any(LOST in text for text in texts.values())


def _encodings(charset: bytes) -> tuple[list[str], bool]:
    """Python's names of the sets, and whether the file named ones that we know."""
    terms = tuple(term.strip() for term in charset.decode("ascii", "replace").strip(" \0").split("\\"))
    if not any(terms) or not is_known(terms):
        return ["latin_1"], False
    return convert_encodings(list(terms)), True


def _decoded(value: bytes, encodings: list[str]) -> str:
    """Text without control characters; letters of an undeclared set are read as UTF-8 if they are that."""
    raw = value.strip(b" \0")
    text = _strictly(raw, encodings)
    if LOST in text or (not raw.isascii() and encodings[0] in {"iso8859", "latin_1"}):
        text = _as_utf8(raw) or text
    return "".join(letter for letter in text if letter.isprintable())[:LONGEST].strip()


def _strictly(raw: bytes, encodings: list[str]) -> str:
    try:
        if ESCAPE in raw:
            return str(decode_bytes(raw, encodings, DELIMITERS))
        return raw.decode(encodings[0])
    except (UnicodeError, LookupError, ValueError, UserWarning):
        return raw.decode("utf-8", "replace")


def _as_utf8(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return ""


def is_directory(path: Path) -> bool:
    """Whether a DICOM file is a DICOMDIR, which has no UIDs of an image (PS3.10 §8.6)."""
    with path.open("rb") as file:
        return DIRECTORY.encode() in file.read(1024)


__all__ = ["CannotRewrite", "NotAnObject", "facts_of", "is_directory"]
