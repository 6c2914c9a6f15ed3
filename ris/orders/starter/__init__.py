"""A catalogue to begin with: common procedures, with LOINC codes where one exists (docs/licences/LOINC.md).

RadLex and billing codes are left to the site: they come with its own licence, through the import in the admin.
"""

from __future__ import annotations

import csv
from pathlib import Path

from ris.orders.models import Procedure

FILE = Path(__file__).parent / "procedures.csv"
FASTING = "No food for four hours; clear water is allowed. Bring a recent creatinine or eGFR value."
METAL = "Leave metal and cards in the locker. Tell us about implants, pacemakers and pregnancy."


def load_starter_set() -> int:
    """Add the procedures that the catalogue does not have; the others stay. Returns how many were added."""
    known = set(Procedure.objects.values_list("code", flat=True))
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = [_procedure(row) for row in csv.DictReader(file) if row["code"] not in known]
    return len(Procedure.objects.bulk_create(rows))


def _procedure(row: dict[str, str]) -> Procedure:
    contrast = row["contrast"] == "1"
    preparation = [METAL] if row["modality"] == "MR" else []
    if contrast and row["modality"] in {"CT", "MR"}:
        preparation.append(FASTING)
    return Procedure(
        code=row["code"],
        name=row["name"],
        modality=row["modality"],
        body_part=row["body_part"],
        paired=row["paired"] == "1",
        contrast=contrast,
        duration_minutes=int(row["duration_minutes"]),
        loinc_code=row["loinc_code"],
        preparation=" ".join(preparation),
    )
