"""The readers, and which one reads an object. A new kind of SR is a new module in `readers` and a line here."""

from __future__ import annotations

from reporting.sr.readers.basic_text import BasicTextReader
from reporting.sr.readers.dose import DoseReader
from reporting.sr.readers.key_objects import KeyObjectReader
from reporting.sr.readers.measurement_report import MeasurementReportReader
from reporting.sr.readers.outline import OutlineReader
from reporting.sr.readers.ultrasound import UltrasoundReader
from reporting.sr.source import Reader, Source

READERS: tuple[Reader, ...] = (
    MeasurementReportReader(),
    UltrasoundReader(),
    DoseReader(),
    KeyObjectReader(),
    BasicTextReader(),
    OutlineReader(),
)


def choose(source: Source, readers: tuple[Reader, ...] = READERS) -> Reader:
    """The reader with the highest score; the first of equals. The outline never declines."""
    scored = [(score, reader) for reader in readers if (score := reader.score(source)) is not None]
    return max(scored, key=lambda pair: pair[0])[1]
