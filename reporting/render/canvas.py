"""The document around the pages: its properties, its page numbers, and the place of its signature."""

from __future__ import annotations

from datetime import datetime

from reportlab.pdfbase.pdfdoc import PDFDictionary
from reportlab.pdfgen.canvas import Canvas

from reporting.render.archival import Properties, mark_archival
from reporting.render.content import ReportContent
from reporting.render.masthead import draw_page_numbers
from reporting.render.words import words
from ris.core.typeset.fonts import FontSet

PRODUCER = "Isocenter RIS"
DIGEST_KEYWORD = "content-sha256:"
SIGNATURE_PLACE = "signature"  # the named destination whose rectangle the signature field takes


class ReportCanvas(Canvas):
    """Fills in what is known only at the end: the number of pages and the document's properties."""

    def __init__(self, *args: object, content: ReportContent, fonts: FontSet, **options: object) -> None:
        super().__init__(*args, **options)
        self.content, self.fonts = content, fonts

    def mark_signature_place(self, left: float, bottom: float, right: float, top: float) -> None:
        """Name a rectangle of this page, in points from its lower left corner (ISO 32000-1 §12.3.2.3)."""
        self.bookmarkPage(SIGNATURE_PLACE, fit="FitR", left=left, bottom=bottom, right=right, top=top)
        self._doc.Catalog.Dests = PDFDictionary({SIGNATURE_PLACE: self._bookmarkReference(SIGNATURE_PLACE)})

    def save(self) -> None:
        draw_page_numbers(self, self.getPageNumber() - 1, self.content, self.fonts)
        self._describe()
        super().save()

    def _describe(self) -> None:
        """Document properties: the accession, never a name, since titles show up in window lists and logs."""
        content, labels = self.content, words(self.content.language)
        said = Properties(
            title=f"{labels.report} {', '.join(content.exam.accession_numbers)}",
            subject=f"{labels.kinds[content.kind]}, {labels.version} {content.version_number}",
            author=content.site.name,
            keywords=f"{DIGEST_KEYWORD}{content.content_sha256}" if content.content_sha256 else "",
            producer=PRODUCER,
            at=content.signature.signed_at if content.signature else None,
        )
        self.setTitle(said.title)
        self.setSubject(said.subject)
        self.setAuthor(said.author)
        self.setCreator(said.producer)
        self.setProducer(said.producer)
        self.setKeywords(said.keywords)
        mark_archival(self, said)
        self.setViewerPreference("DisplayDocTitle", "true")
        if content.signature is not None:
            instant = _pdf_date(content.signature.signed_at)
            self.setDateFormatter(lambda *_now: instant)


def _pdf_date(instant: datetime) -> str:
    """ISO 32000-1 §7.9.4: D:YYYYMMDDHHmmSS+HH'mm'."""
    offset = instant.strftime("%z")
    return f"D:{instant:%Y%m%d%H%M%S}{offset[:3]}'{offset[3:5]}'"
