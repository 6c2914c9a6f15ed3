"""What a performed step says was done: its series and its radiation. Pure: DICOM JSON in, frozen rows out.

What a device writes badly is left out, never refused: the exam was done all the same, and the message is kept.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydicom.datadict import tag_for_keyword

Json = Mapping[str, Any]

SERIES_MAX: Final = 500
EVENTS_MAX: Final = 2000

# PS3.3 C.4.16, Table C.4-16: our name, DICOM keyword, and what brings its unit to that of our name.
DOSE: Final = (
    ("area_dose_product_dgy_cm2", "ImageAndFluoroscopyAreaDoseProduct", 1.0),
    ("fluoroscopy_seconds", "TotalTimeOfFluoroscopy", 1.0),
    ("source_to_detector_mm", "DistanceSourceToDetector", 1.0),
    ("source_to_entrance_mm", "DistanceSourceToEntrance", 1.0),
)
# An item of (0040,030E) Exposure Dose Sequence.
EVENT: Final = (
    ("kvp", "KVP", 1.0),
    ("current_ma", "XRayTubeCurrentInuA", 0.001),
    ("time_ms", "ExposureTime", 1.0),
    ("ctdi_vol_mgy", "CTDIvol", 1.0),
)
EVENT_TEXTS: Final = (
    ("mode", "RadiationMode"),
    ("filter_type", "FilterType"),
    ("filter_material", "FilterMaterial"),
    ("comments", "CommentsOnRadiationDose"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesDone:
    """One item of (0040,0340) Performed Series Sequence; `images` and `other_objects` are how many it names."""

    series_instance_uid: str
    protocol: str = ""
    description: str = ""
    operators: str = ""
    physicians: str = ""
    retrieve_aet: str = ""
    images: int = 0
    other_objects: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseDone:
    """The Radiation Dose Module, each unit in its name; None is what the device did not say."""

    area_dose_product_dgy_cm2: float | None = None
    entrance_dose_mgy: float | None = None
    fluoroscopy_seconds: float | None = None
    exposures: int | None = None
    source_to_detector_mm: float | None = None
    source_to_entrance_mm: float | None = None
    exposed_area_cm: str = ""
    comments: str = ""
    events: tuple[dict[str, Any], ...] = field(default=())


def series_of(attributes: Json) -> tuple[SeriesDone, ...]:
    """Every series once, in the device's order; a UID that comes twice counts with its last item."""
    found = {uid: _series(item, uid) for item in _items(attributes, "PerformedSeriesSequence")[:SERIES_MAX]
             if (uid := _text(item, "SeriesInstanceUID", 64))}  # fmt: skip
    return tuple(found.values())


def dose_of(attributes: Json) -> DoseDone | None:
    """The radiation, or None when the device said nothing of it."""
    values: dict[str, Any] = {name: _scaled(attributes, keyword, factor) for name, keyword, factor in DOSE}
    exposures = _number(attributes, "TotalNumberOfExposures")
    dose = DoseDone(
        **values,
        entrance_dose_mgy=_entrance(attributes),
        exposures=int(exposures) if exposures is not None else None,
        exposed_area_cm=" × ".join(str(one) for one in _values(attributes, "ExposedArea"))[:40],
        comments=_text(attributes, "CommentsOnRadiationDose", 200),
        events=tuple(_event(item) for item in _items(attributes, "ExposureDoseSequence")[:EVENTS_MAX]),
    )
    return None if dose == DoseDone() else dose


def _series(item: Json, uid: str) -> SeriesDone:
    return SeriesDone(
        series_instance_uid=uid,
        protocol=_text(item, "ProtocolName", 64),
        description=_text(item, "SeriesDescription", 64),
        operators=_names(item, "OperatorsName"),
        physicians=_names(item, "PerformingPhysicianName"),
        retrieve_aet=_text(item, "RetrieveAETitle", 16),
        images=len(_items(item, "ReferencedImageSequence")),
        other_objects=len(_items(item, "ReferencedNonImageCompositeSOPInstanceSequence")),
    )


def _entrance(attributes: Json) -> float | None:
    """(0040,8302) in mGy; an older device says (0040,0302) in dGy."""
    exact = _number(attributes, "EntranceDoseInmGy")
    if exact is not None:
        return exact
    return _scaled(attributes, "EntranceDose", 100.0)


def _event(item: Json) -> dict[str, Any]:
    numbers = {name: _scaled(item, keyword, factor) for name, keyword, factor in EVENT}
    texts = {name: _text(item, keyword, 64) for name, keyword in EVENT_TEXTS}
    return {name: value for name, value in {**numbers, **texts}.items() if value not in (None, "")}


def _values(attributes: Json, keyword: str) -> Sequence[Any]:
    element = attributes.get(f"{tag_for_keyword(keyword) or 0:08X}")
    values = element.get("Value") if isinstance(element, Mapping) else None
    return [one for one in values if one is not None] if isinstance(values, list) else []


def _items(attributes: Json, keyword: str) -> list[Json]:
    return [one for one in _values(attributes, keyword) if isinstance(one, Mapping)]


def _text(attributes: Json, keyword: str, longest: int) -> str:
    values = _values(attributes, keyword)
    return str(values[0]).strip()[:longest] if values and not isinstance(values[0], Mapping) else ""


def _names(attributes: Json, keyword: str) -> str:
    """Persons in DICOM's own writing, Family^Given, divided by semicolons."""
    names = (one.get("Alphabetic") or one.get("Ideographic") for one in _items(attributes, keyword))
    return "; ".join(str(name).strip() for name in names if name)[:200]


def _number(attributes: Json, keyword: str) -> float | None:
    """A finite number that is not negative: nothing here can be less than none."""
    values = _values(attributes, keyword)
    try:
        found = float(values[0]) if values else math.nan
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and 0 <= found < 1e12 else None


def _scaled(attributes: Json, keyword: str, factor: float) -> float | None:
    found = _number(attributes, keyword)
    return None if found is None else round(found * factor, 6)
