"""What ultrasound machines measure: OB-GYN, vascular and echocardiography (PS3.16 TID 5000, 5100, 5200, 5220, 5300)."""

from __future__ import annotations

from reporting.sr.readers.sections import sections
from reporting.sr.source import Source, Understood

TEMPLATES = frozenset({"5000", "5100", "5200", "5220", "5300"})
TITLES = frozenset(
    {
        ("DCM", "125000"),  # OB-GYN Ultrasound Procedure Report
        ("DCM", "125100"),  # Vascular Ultrasound Procedure Report
        ("DCM", "125200"),  # Adult Echocardiography Procedure Report
        ("DCM", "125195"),  # Pediatric Cardiac Ultrasound Report
        ("DCM", "125196"),  # Fetal Cardiac Ultrasound Report
        ("DCM", "125303"),  # Simplified Adult Echo Procedure Report
    }
)


class UltrasoundReader:
    name = "ultrasound"

    def score(self, source: Source) -> int | None:
        title = source.root.name
        known = title is not None and (title.scheme, title.value) in TITLES
        return 100 if known or source.header.template in TEMPLATES else None

    def read(self, source: Source) -> Understood:
        """Each number with the site, side, method and fetus that its containers name, and how it was chosen."""
        return Understood(groups=tuple(sections(source)))
