"""The conformance statements, and who draws the tables of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from django.conf import settings

from ris.fhir.conformance import TABLES as FHIR
from ris.hl7.incoming.conformance import TABLES as HL7_IN
from ris.hl7.outgoing.conformance import TABLES as HL7_OUT
from ris.home.conformance.document import Table, markdown
from ris.home.conformance.tables import TABLES as DICOM

FOLDER: Final[Path] = settings.BASE_DIR / "docs" / "conformance"
Rows = tuple[tuple[str, ...], list[tuple[object, ...]]]


def drawn(rows: Mapping[str, Callable[[], Rows]]) -> dict[str, Table]:
    """Tables of parts that know no Markdown."""

    def table(of: Callable[[], Rows]) -> Table:
        return lambda: markdown(*of())

    return {name: table(of) for name, of in rows.items()}


DOCUMENTS: Final[dict[Path, Mapping[str, Table]]] = {
    FOLDER / "dicom.md": DICOM,
    FOLDER / "hl7.md": drawn({**HL7_IN, **HL7_OUT}),
    FOLDER / "fhir.md": drawn(FHIR),
}
