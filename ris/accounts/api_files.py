"""Files over the API: what a client may ask for besides JSON, how files come in, and how they are described."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any, Final

from drf_spectacular.types import OpenApiTypes
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

PDF: Final = {(200, "application/pdf"): OpenApiTypes.BINARY}


class BytesRenderer(BaseRenderer):
    """Lets a client ask for a file as what it is; the bytes stay as they are."""

    def render(self, data: Any, *_: Any) -> bytes:
        return bytes(data)


class PdfRenderer(BytesRenderer):
    media_type, format = "application/pdf", "pdf"


class JpegRenderer(BytesRenderer):
    media_type, format = "image/jpeg", "jpg"


class PngRenderer(BytesRenderer):
    media_type, format = "image/png", "png"


class ZipRenderer(BytesRenderer):
    media_type, format = "application/zip", "zip"


class CalendarRenderer(BytesRenderer):
    media_type, format = "text/calendar", "ics"


class CsvRenderer(BytesRenderer):
    media_type, format = "text/csv", "csv"


class StreamParser(BaseParser):
    """The body itself, to be read piece by piece by who has a limit for it; never kept in memory."""

    media_type = "application/octet-stream"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        return stream
