"""What PDF/A-2b asks of a file beside its pages (ISO 19005-2 §6.2.2, §6.6): a colour space, and metadata in XMP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from xml.sax.saxutils import escape

from PIL import ImageCms
from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFStream, PDFString
from reportlab.pdfgen.canvas import Canvas

SRGB = "sRGB IEC61966-2.1"
ICC_DATE = slice(24, 36)
XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<pdf:Keywords>{keywords}</pdf:Keywords><pdf:Producer>{producer}</pdf:Producer><xmp:CreatorTool>{producer}</xmp:CreatorTool>
{dates}</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


@dataclass(frozen=True)
class Properties:
    """The document's properties, as they also stand in its Info dictionary."""

    title: str
    subject: str
    author: str
    keywords: str
    producer: str
    at: datetime | None


def mark_archival(canvas: Canvas, properties: Properties) -> None:
    """Name the colour space and add the metadata; what is embedded on the pages is the drawing's own affair."""
    document = canvas._doc  # noqa: SLF001  the only way to the catalog
    profile = _embedded(document, _srgb(), {"N": 3})
    intent = PDFDictionary(
        {
            "Type": PDFName("OutputIntent"),
            "S": PDFName("GTS_PDFA1"),
            "OutputConditionIdentifier": PDFString(SRGB),
            "Info": PDFString(SRGB),
            "DestOutputProfile": profile,
        }
    )
    catalog = document.Catalog
    catalog.__NoDefault__ = [*catalog.__NoDefault__, "OutputIntents"]
    catalog.OutputIntents = PDFArray([intent])
    named = {"Type": PDFName("Metadata"), "Subtype": PDFName("XML")}
    catalog.Metadata = _embedded(document, _xmp(properties).encode(), named)


def _embedded(document: object, content: bytes, dictionary: dict[str, object]) -> object:
    stream = PDFStream(PDFDictionary(dictionary), content, filters=[])
    return document.Reference(stream)  # type: ignore[attr-defined]


@cache
def _srgb() -> bytes:
    """The ICC profile; the day on which it was made is left out, so that equal reports have equal bytes."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[ICC_DATE] = bytes.fromhex("07d0 0001 0001 0000 0000 0000")
    return bytes(profile)


def _xmp(said: Properties) -> str:
    when = said.at.isoformat(timespec="seconds") if said.at else ""
    dates = f"<xmp:CreateDate>{when}</xmp:CreateDate><xmp:ModifyDate>{when}</xmp:ModifyDate>" if when else ""
    words = {name: escape(getattr(said, name)) for name in ("title", "subject", "author", "keywords", "producer")}
    return XMP.format(**words, dates=dates)
