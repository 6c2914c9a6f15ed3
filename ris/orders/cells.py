"""What has many rows, in one cell of the catalogue's table: billing codes, and the parts of an exam. Pure text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ris.dicom.models import MODALITIES

PART = re.compile(
    r"(?P<name>[^:]+):(?P<modality>[A-Z]{2})\*(?P<minutes>[0-9]{1,4})"
    r"(?: needs (?P<needs>[-a-zA-Z0-9_]+))?"
    r"(?: wait (?P<least>[0-9]{1,5})(?P<range>-(?P<most>[0-9]{1,5})?)?)?(?P<beside> beside)?"
)
LONGEST_NAME, LONGEST_NEED, MOST_MINUTES = 24, 40, 32767
HOW = "write NAME:MODALITY*MINUTES and, as needed, needs SKILL wait 120-240 beside; several parted by a semicolon."
NONE = "-"


@dataclass(frozen=True, slots=True)
class PartCell:
    """One part of an exam as a cell says it; times in minutes, `gap_max_minutes` None for no limit."""

    name: str
    modality: str
    duration_minutes: int
    required_capability: str = ""
    gap_min_minutes: int = 0
    gap_max_minutes: int | None = None
    beside: bool = False

    def __str__(self) -> str:
        words = [f"{self.name}:{self.modality}*{self.duration_minutes}"]
        if self.required_capability:
            words.append(f"needs {self.required_capability}")
        if self.gap_min_minutes or self.gap_max_minutes is not None:
            most = "" if self.gap_max_minutes is None else self.gap_max_minutes
            words.append(f"wait {self.gap_min_minutes}-{most}")
        return " ".join([*words, "beside"] if self.beside else words)


def parts_of(text: str) -> list[PartCell]:
    """The parts in order; none for "-". Raises ValueError that names the bad one."""
    if text.strip() == NONE:
        return []
    parts = [_part(piece.strip()) for piece in text.split(";") if piece.strip()]
    if parts and parts[0].beside:
        raise ValueError(f"Part “{parts[0].name}”: the first part is beside nothing.")
    return parts


def _part(piece: str) -> PartCell:
    found = PART.fullmatch(piece)
    if found is None or found["modality"] not in dict(MODALITIES):
        raise ValueError(f"Part “{piece[:40]}”: {HOW}")
    least = int(found["least"] or 0)
    most = least if found["least"] and found["range"] is None else int(found["most"]) if found["most"] else None
    part = PartCell(
        name=found["name"].strip(), modality=found["modality"], duration_minutes=int(found["minutes"]),
        required_capability=found["needs"] or "", gap_min_minutes=least, gap_max_minutes=most,
        beside=bool(found["beside"]),
    )  # fmt: skip
    if fault := _fault_of(part):
        raise ValueError(f"Part “{piece[:40]}”: {fault}")
    return part


def _fault_of(part: PartCell) -> str:
    if not 0 < len(part.name) <= LONGEST_NAME or len(part.required_capability) > LONGEST_NEED:
        return f"a name has {LONGEST_NAME} characters at most, what it needs {LONGEST_NEED}."
    if (
        not 0 < part.duration_minutes <= MOST_MINUTES
        or max(part.gap_min_minutes, part.gap_max_minutes or 0) > MOST_MINUTES
    ):
        return f"it takes 1 to {MOST_MINUTES} minutes, and waits no longer."
    if part.gap_max_minutes is not None and part.gap_max_minutes < part.gap_min_minutes:
        return "the longest wait is shorter than the shortest."
    return ""


def billing_of(text: str) -> dict[tuple[str, str], int]:
    """{(scheme, code): quantity} from "CPT:73560*1; EBM:34230*2"; raises ValueError that names the bad part."""
    found = {}
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        scheme, colon, rest = part.partition(":")
        code, star, quantity = rest.partition("*")
        number = quantity.strip() if star else "1"
        if not (colon and scheme.strip() and code.strip() and number.isdecimal() and 0 < int(number) < 1000):
            raise ValueError(f"Billing “{part[:40]}”: write SCHEME:CODE*QUANTITY, several parted by a semicolon.")
        if len(scheme.strip()) > 16 or len(code.strip()) > 32:
            raise ValueError(f"Billing “{part[:40]}”: a scheme has 16 characters at most, a code 32.")
        found[scheme.strip(), code.strip()] = int(number)
    return found
