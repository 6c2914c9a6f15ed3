"""Whose a study is, as its objects shall say it; and the elements that say so. Nothing else of an object is touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from ris.dicom.rewriting import Element, Head, Syntax
from worklist.mwl.charset import fit, is_known
from worklist.mwl.encoding import value_bytes
from worklist.mwl.style import Style

CHARSET: Final = 0x00080005
ACCESSION, ISSUER_OF_ACCESSION = 0x00080050, 0x00080051
NAME, PATIENT_ID, ISSUER, QUALIFIERS = 0x00100010, 0x00100020, 0x00100021, 0x00100024
BIRTH_DATE, SEX = 0x00100030, 0x00100040
OTHER_IDS, OTHER_NAMES, OTHER_IDS_SEQUENCE = 0x00101000, 0x00101001, 0x00101002
ORIGINAL: Final = 0x04000561
# Retired, and wrong as soon as their group is changed (PS3.5 §7.2).
GROUP_LENGTHS: Final = (0x00080000, 0x00100000, 0x04000000)
PERSON: Final = (NAME, PATIENT_ID, ISSUER, QUALIFIERS, BIRTH_DATE, SEX, OTHER_IDS, OTHER_NAMES, OTHER_IDS_SEQUENCE)
EXAM: Final = (ACCESSION, ISSUER_OF_ACCESSION)
WANTED: Final = (CHARSET, *GROUP_LENGTHS, *EXAM, *PERSON, ORIGINAL)

MODIFIED, MODIFIED_AT, BY_SYSTEM, SOURCE, WHY = 0x04000550, 0x04000562, 0x04000563, 0x04000564, 0x04000565
ITEM: Final = b"\xfe\xff\x00\xe0"
ITEM_BIG: Final = b"\xff\xfe\xe0\x00"
DELIMITER: Final = 8  # bytes of a sequence delimitation item
SYSTEM: Final = b"ISOCENTER"


@dataclass(frozen=True, slots=True)
class Identity:
    """`name` is a DICOM PN, `birth_date` YYYYMMDD. `accession` None leaves the accession number as it is."""

    patient_id: str
    issuer: str = ""
    name: str = ""
    birth_date: str = ""
    sex: str = ""
    accession: str | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Occasion:
    """When and why attributes are changed; `reason` is CORRECT or COERCE (PS3.3 C.12.1), `source` may be empty."""

    at: datetime
    reason: str = "CORRECT"
    source: str = ""


def replacements(
    identity: Identity, head: Head, occasion: Occasion, also: Mapping[int, bytes | None] = MappingProxyType({})
) -> dict[int, bytes | None]:
    """What to put in for which element, with the old values in the Original Attributes Sequence; {} when all fits.

    `also` are further elements that shall stand there. The same arguments give the same bytes, so that a job that is
    done again makes the same object again.
    """
    wanted = {**_wanted(identity, head), **also}
    made = {tag: element for tag, element in wanted.items() if element != head.elements.get(tag)}
    if not made:
        return {}
    lengths = {tag: None for tag in GROUP_LENGTHS if tag in head.elements}
    return {**made, **lengths, ORIGINAL: _original(made, head, occasion)}


def _wanted(identity: Identity, head: Head) -> dict[int, bytes | None]:
    style = style_of(head)
    texts = [
        (NAME, "PN", identity.name),
        (PATIENT_ID, "LO", identity.patient_id),
        (BIRTH_DATE, "DA", identity.birth_date),
    ]
    texts.append((SEX, "CS", identity.sex))
    if identity.accession is not None:
        texts.append((ACCESSION, "SH", identity.accession))
    found: dict[int, bytes | None] = {tag: element_of(tag, vr, text, head, style) for tag, vr, text in texts}
    found[ISSUER] = element_of(ISSUER, "LO", identity.issuer, head, style) if identity.issuer else None
    gone = (QUALIFIERS, OTHER_IDS, OTHER_NAMES, OTHER_IDS_SEQUENCE)
    found |= dict.fromkeys(gone)
    if identity.accession is not None:
        found[ISSUER_OF_ACCESSION] = None
    return found


def element_of(tag: int, vr: str, text: str, head: Head, style: Style) -> bytes:
    """An element with this text as the object writes text; as it stands there already where that says the same."""
    value = value_bytes(vr, (fit(text, style.charset),), style)
    old = head.values.get(tag)
    if old is not None and old.rstrip(b" \0") == value.rstrip(b" \0"):
        return head.elements[tag]
    return Element(tag, vr.encode(), value).encoded(head.syntax)


def style_of(head: Head) -> Style:
    """How this object writes text; one that names no set, or one that nobody knows, holds ASCII only."""
    named = head.values.get(CHARSET, b"").decode("ascii", "replace").strip(" \0")
    terms = tuple(term.strip() for term in named.split("\\"))
    charset = "\\".join(terms) if any(terms) and is_known(terms) else "ISO_IR 6"
    return Style.of(charset, transliterate=True, max_lengths={}, implicit=head.syntax.implicit)


def _original(made: Mapping[int, bytes | None], head: Head, occasion: Occasion) -> bytes:
    """The Original Attributes Sequence with one more item: what stood there before (PS3.3 C.12.1.1.9)."""
    syntax = head.syntax
    before = b"".join(head.elements[tag] for tag in sorted(made) if tag in head.elements)
    item = b"".join(
        element.encoded(syntax)
        for element in (
            Element(MODIFIED, b"SQ", _item(before, syntax)),
            Element(MODIFIED_AT, b"DT", f"{occasion.at:%Y%m%d%H%M%S.%f%z}".encode()),
            Element(BY_SYSTEM, b"LO", SYSTEM),
            Element(SOURCE, b"LO", occasion.source.encode("ascii", "replace")[:64]),
            Element(WHY, b"CS", occasion.reason.encode()),
        )
    )
    return Element(ORIGINAL, b"SQ", _items(head) + _item(item, syntax)).encoded(syntax)


def _items(head: Head) -> bytes:
    held = head.values.get(ORIGINAL, b"")
    return held[:-DELIMITER] if ORIGINAL in head.undefined else held


def _item(body: bytes, syntax: Syntax) -> bytes:
    return (ITEM_BIG if syntax.big else ITEM) + len(body).to_bytes(4, "big" if syntax.big else "little") + body


def taken_back(record: Mapping[str, str | None]) -> dict[int, bytes | None]:
    """What `recorded` kept, as replacements."""
    return {int(tag, 16): None if raw is None else bytes.fromhex(raw) for tag, raw in record.items()}


def recorded(tags: Iterable[int], head: Head) -> dict[str, str | None]:
    """What stands at these tags now, as JSON can carry it."""
    return {f"{tag:08X}": head.elements[tag].hex() if tag in head.elements else None for tag in tags}
