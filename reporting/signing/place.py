"""Where on the page the signature field goes: the rectangle that the rendering named for it."""

from __future__ import annotations

from typing import NamedTuple

from pyhanko.pdf_utils.rw_common import PdfHandler

SIGNATURE_PLACE = "/signature"
RECTANGLE = "/FitR"


class Place(NamedTuple):
    """A page, counted from 0, and a rectangle on it in points: left, bottom, right, top."""

    page: int
    box: tuple[int, int, int, int]


def signature_place(pdf: PdfHandler) -> Place | None:
    """The named destination `signature` as a place (ISO 32000-1 §12.3.2.2); None where there is none."""
    if "/Dests" not in pdf.root or SIGNATURE_PLACE not in pdf.root["/Dests"]:
        return None
    destination = pdf.root["/Dests"][SIGNATURE_PLACE]
    if destination[1] != RECTANGLE:
        return None
    page = destination.raw_get(0).reference
    left, bottom, right, top = (round(destination[edge]) for edge in range(2, 6))
    numbers = range(int(pdf.root["/Pages"]["/Count"]))
    number = next((one for one in numbers if pdf.find_page_for_modification(one)[0].reference == page), None)
    return None if number is None else Place(number, (left, bottom, right, top))
