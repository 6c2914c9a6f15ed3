"""Coded concepts: compared by scheme and value, never by meaning; old SNOMED-RT codes are read as SNOMED CT."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydicom.sr._snomed_dict import mapping

# Three designators were used for SNOMED-RT style codes (PS3.16 §8.1).
SNOMED_RT = frozenset({"SRT", "SNM3", "99SDM"})


@dataclass(frozen=True, slots=True)
class Code:
    """A code; equal to another when scheme and value are. `written` keeps what the object said, if it differs."""

    scheme: str
    value: str
    name: str = field(default="", compare=False)
    written: tuple[str, str] | None = field(default=None, compare=False)

    def as_json(self) -> dict[str, Any]:
        return {"scheme": self.scheme, "code": self.value, "name": self.name}


def code(scheme: str, value: str, name: str = "") -> Code:
    """The code, with an SNOMED-RT code replaced by its SNOMED CT synonym (PS3.16 annex O)."""
    if scheme in SNOMED_RT:
        synonym = mapping["SRT"].get(value)
        if synonym:
            return Code("SCT", synonym, name, written=(scheme, value))
    return Code(scheme, value, name)


LENGTH = Code("SCT", "410668003", "Length")
LONG_AXIS = Code("SCT", "103339001", "Long axis")
SHORT_AXIS = Code("SCT", "103340004", "Short axis")
MAJOR_AXIS = Code("SCT", "131187009", "Major axis")
MINOR_AXIS = Code("SCT", "131188004", "Minor axis")
DIAMETER = Code("SCT", "81827009", "Diameter")
RADIUS = Code("SCT", "131190003", "Radius")
WIDTH = Code("SCT", "103355008", "Width")
DEPTH = Code("SCT", "131197000", "Depth")
PERPENDICULAR_AXIS = Code("SCT", "131189007", "Perpendicular axis")
DISTANCE = Code("DCM", "121206", "Distance")
HEIGHT = Code("DCM", "121207", "Height")
PATH_LENGTH = Code("DCM", "121211", "Path length")
PERIMETER = Code("SCT", "131191004", "Perimeter")
CIRCUMFERENCE = Code("SCT", "74551000", "Circumference")
AREA = Code("SCT", "42798000", "Area")
AREA_OF_REGION = Code("SCT", "131184002", "Area of defined region")
ANGLE = Code("SCT", "1483009", "Angle")
COBB_ANGLE = Code("SCT", "285285000", "Cobb angle")
VOLUME = Code("SCT", "118565006", "Volume")
VOLUMES = tuple(Code("DCM", str(value), "Volume") for value in range(121216, 121223))  # estimated, PS3.16 CID 7472
STANDARD_DEVIATION = Code("SCT", "386136009", "Standard deviation")

FINDING = Code("DCM", "121071", "Finding")
FINDING_SITE = Code("SCT", "363698007", "Finding site")
LATERALITY = Code("SCT", "272741003", "Laterality")
METHOD = Code("SCT", "370129005", "Measurement method")
SELECTION = Code("DCM", "121404", "Selection status")
DERIVATION = Code("DCM", "121401", "Derivation")
COMMENT = Code("DCM", "121106", "Comment")
TRACKING_IDENTIFIER = Code("DCM", "112039", "Tracking identifier")
TRACKING_UID = Code("DCM", "112040", "Tracking unique identifier")
PERSON_OBSERVER = Code("DCM", "121008", "Person observer name")
DEVICE_OBSERVER = Code("DCM", "121013", "Device observer name")
MEASUREMENT_REPORT = Code("DCM", "126000", "Imaging measurement report")
MEASUREMENT_GROUP = Code("DCM", "125007", "Measurement group")
LABEL = Code("DCM", "111010", "Center")
