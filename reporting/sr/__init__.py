"""Reading foreign structured reports: pure functions on bytes, no Django, no network."""

from __future__ import annotations

from reporting.sr.document import SrDocument
from reporting.sr.errors import SrRefused
from reporting.sr.images import ImageGeometry, UltrasoundRegion
from reporting.sr.reading import read, read_json

__all__ = ["ImageGeometry", "SrDocument", "SrRefused", "UltrasoundRegion", "read", "read_json"]
