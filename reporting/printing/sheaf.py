"""Several PDFs as one, each page as it is; those of a reprint carry a mark. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    PdfObject,
    StreamObject,
    pdf_name,
)
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter

MARK_FONT = "/IsocenterMark"
SIZE = 15.0
MARGIN = 26.0
WIDE = 0.62
"""The mean width of a capital of Helvetica Bold, in parts of its size."""


def sheaf(papers: Sequence[tuple[bytes, str]]) -> bytes:
    """All pages of (PDF, mark) in their order; `mark` is printable ASCII, "" for an original."""
    writer = PdfFileWriter()
    for body, mark in papers:
        reader = PdfFileReader(BytesIO(body))
        for number in range(int(reader.root["/Pages"]["/Count"])):
            _take(writer, reader, number, mark)
    target = BytesIO()
    writer.write(target)
    return target.getvalue()


def _take(writer: PdfFileWriter, reader: PdfFileReader, number: int, mark: str) -> None:
    """One page, without what could be filled in or clicked: paper has neither."""
    reference, inherited = reader.find_page_for_modification(number)
    page = reference.get_object()
    box = [float(side) for side in (page["/MediaBox"] if "/MediaBox" in page else page["/Parent"]["/MediaBox"])]
    resources = _own(writer.import_object(page.get("/Resources", inherited)))
    contents = _streams(writer, writer.import_object(page.raw_get("/Contents")))
    if mark:
        fonts = DictionaryObject(_own(resources.get("/Font", DictionaryObject())))
        fonts[pdf_name(MARK_FONT)] = _helvetica()
        resources[pdf_name("/Font")] = fonts
        before = writer.add_object(StreamObject(stream_data=b"q"))
        contents = [before, *contents, writer.add_object(_stamp(mark, box))]
    writer.insert_page(PageObject(contents=ArrayObject(contents), media_box=box, resources=resources))


def _own(found: PdfObject) -> DictionaryObject:
    """A copy that may be added to, of a dictionary or of what stands for one."""
    held = found.get_object() if isinstance(found, IndirectObject) else found
    return DictionaryObject({key: held.raw_get(key) for key in held}) if isinstance(held, DictionaryObject) else held


def _streams(writer: PdfFileWriter, contents: PdfObject) -> list[PdfObject]:
    held = contents.get_object() if isinstance(contents, IndirectObject) else contents
    if isinstance(held, ArrayObject):
        return list(held)
    return [contents if isinstance(contents, IndirectObject) else writer.add_object(contents)]


def _helvetica() -> DictionaryObject:
    names = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica-Bold"}
    return DictionaryObject({pdf_name(key): pdf_name(value) for key, value in names.items()})


def _stamp(mark: str, box: list[float]) -> StreamObject:
    """Centred at the head of the page, after what the page drew."""
    if not mark.isascii() or not mark.isprintable() or set(mark) & set("()\\"):
        raise ValueError("a mark is plain ASCII")
    left = (box[0] + box[2] - len(mark) * SIZE * WIDE) / 2
    place = f"{left:.1f} {box[3] - MARGIN:.1f} Td"
    return StreamObject(stream_data=f"Q q BT {MARK_FONT} {SIZE} Tf 0.72 0.1 0.1 rg {place} ({mark}) Tj ET Q".encode())
