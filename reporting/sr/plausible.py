"""Sizes that no such part of a body has: a slip of the mouse or of a unit that the drawing itself repeats.

The limits are generous on purpose: beyond them a number is a mistake, below them it is the radiologist's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reporting.sr import codes
from reporting.sr.codes import Code
from reporting.sr.document import Group, Value
from reporting.sr.images import ImageGeometry
from reporting.sr.units import BASE, DIMENSIONS, Dimension, Unit

LONGEST = 2500.0
"""Millimetres; no line in a person is longer."""

ANY_BODY = ("body", LONGEST)

BY_SITE: dict[str, tuple[str, float]] = {  # SNOMED CT -> name, longest line within it in mm
    "69748006": ("thyroid", 200.0),
    "41216001": ("prostate", 200.0),
    "15497006": ("ovary", 400.0),
    "35039007": ("uterus", 400.0),
    "64033007": ("kidney", 400.0),
    "28231008": ("gallbladder", 300.0),
    "15776009": ("pancreas", 400.0),
    "78961009": ("spleen", 500.0),
    "10200004": ("liver", 500.0),
    "39607008": ("lung", 500.0),
    "12738006": ("brain", 300.0),
    "76752008": ("breast", 400.0),
    "59441001": ("lymph node", 300.0),
    "72696002": ("knee", 500.0),
    "69105007": ("carotid artery", 300.0),
    "80891009": ("heart", 400.0),
    "81745001": ("eye", 100.0),
    "69536005": ("head", 500.0),
    "45048000": ("neck", 500.0),
    "51185008": ("chest", 800.0),
    "85562004": ("hand", 400.0),
    "56459004": ("foot", 500.0),
}
BY_BODY_PART: dict[str, tuple[str, float]] = {  # Body Part Examined (PS3.16 annex L)
    "HEAD": ("head", 500.0),
    "BRAIN": ("brain", 300.0),
    "NECK": ("neck", 500.0),
    "THYROID": ("thyroid", 200.0),
    "CHEST": ("chest", 800.0),
    "BREAST": ("breast", 400.0),
    "ABDOMEN": ("abdomen", 1000.0),
    "PELVIS": ("pelvis", 800.0),
    "PROSTATE": ("prostate", 200.0),
    "KNEE": ("knee", 500.0),
    "HAND": ("hand", 400.0),
    "FOOT": ("foot", 500.0),
    "HEART": ("heart", 400.0),
    "KIDNEY": ("kidney", 400.0),
    "LIVER": ("liver", 500.0),
    "UTERUS": ("uterus", 400.0),
    "SHOULDER": ("shoulder", 600.0),
    "ELBOW": ("elbow", 500.0),
    "WRIST": ("wrist", 400.0),
    "ANKLE": ("ankle", 500.0),
}
BY_CONCEPT: dict[Code, tuple[str, float]] = {  # what devices measure under a name of its own (PS3.16 CID 12005, 12201)
    Code("LN", "11820-8"): ("biparietal diameter", 150.0),
    Code("LN", "11851-3"): ("occipitofrontal diameter", 180.0),
    Code("LN", "11984-2"): ("head circumference", 500.0),
    Code("LN", "11979-2"): ("abdominal circumference", 500.0),
    Code("LN", "11963-6"): ("femur length", 120.0),
    Code("LN", "11957-8"): ("crown rump length", 150.0),
    Code("LN", "33069-6"): ("nuchal translucency", 40.0),
    Code("LN", "29436-3"): ("left ventricle", 150.0),
    Code("LN", "29438-9"): ("left ventricle", 150.0),
    Code("LN", "18154-5"): ("ventricular septum", 60.0),
    Code("LN", "18152-9"): ("ventricular wall", 60.0),
}
LARGEST_ANGLE = 360.0
DENSEST = (-2000.0, 40_000.0)  # Hounsfield units, with room for metal and for sums
POWER: dict[Dimension, int] = {"length": 1, "area": 2, "volume": 3}


def doubted(group: Group, images: Mapping[str, ImageGeometry], *, of_bodies: bool = True) -> Group:
    """The group, with every number flagged that its part of the body cannot have.

    `of_bodies`: what has the unit of a length, an area or a volume is one of a body, whatever its code is; a dose
    report's are of tables and tubes.
    """
    name, longest = _limit(group, images)
    values = (_unsigned(value) for value in group.values) if of_bodies else group.values
    return replace(group, values=tuple(_doubted(value, name, longest, of_bodies=of_bodies) for value in values))


def _unsigned(value: Value) -> Value:
    """A device's length, area or volume by a code of its own cannot be below nothing either."""
    number, unit = value.number.value, value.checked.unit
    if number is None or number >= 0 or value.concept in DIMENSIONS or unit.dimension in (None, "angle"):
        return value
    words = f"{value.concept.name} {value.number.written} {unit.code} is negative."
    return replace(value, checked=value.checked.flagged("negative", words))


def _limit(group: Group, images: Mapping[str, ImageGeometry]) -> tuple[str, float]:
    """By the finding site, else by the body part of the image, else by any body."""
    if group.site is not None and group.site.scheme == "SCT" and group.site.value in BY_SITE:
        return BY_SITE[group.site.value]
    image = images.get(group.reference.sop_instance_uid) if group.reference else None
    return BY_BODY_PART.get(image.body_part if image else "", ANY_BODY)


def _doubted(value: Value, name: str, longest: float, *, of_bodies: bool) -> Value:
    problem = _problem(value, name, longest, of_bodies=of_bodies)
    return replace(value, checked=value.checked.flagged("implausible", problem)) if problem else value


def _problem(value: Value, name: str, longest: float, *, of_bodies: bool) -> str:
    number, unit = value.number.value, value.checked.unit
    if number is None:
        return ""
    said = f"{value.concept.name} {value.number.written} {unit.code}"
    if unit.code == "[hnsf'U]" and not DENSEST[0] <= number <= DENSEST[1]:
        return f"{said} is no density of a body."
    dimension = DIMENSIONS.get(value.concept)
    if dimension is None:
        return _by_unit(said, number, unit, BY_CONCEPT.get(value.concept, ANY_BODY)) if of_bodies else ""
    if unit.dimension != dimension or unit.factor is None:
        return ""
    if dimension == "length" and number == 0:
        return f"{said} measures nothing."
    return _too_large(said, dimension, abs(number) * unit.factor, _larger(value, name, longest))


def _by_unit(said: str, number: float, unit: Unit, limit: tuple[str, float]) -> str:
    """By its unit, never by its site: a velocity time integral is a length too, longer than the heart that it is of."""
    if unit.dimension in (None, "angle") or unit.factor is None:
        return ""
    return _too_large(said, unit.dimension, abs(number) * unit.factor, limit)


def _larger(value: Value, name: str, longest: float) -> tuple[str, float]:
    """The way round something is longer than the way across it."""
    around = value.concept in (codes.PERIMETER, codes.CIRCUMFERENCE)
    return name, longest * 4 if around else longest


def _too_large(said: str, dimension: Dimension, size: float, limit: tuple[str, float]) -> str:
    name, longest = limit
    if dimension == "angle":
        return f"{said} is more than a full turn." if size > LARGEST_ANGLE else ""
    most = longest ** POWER[dimension]
    if size <= most:
        return ""
    return f"{said} is more than a {name} can measure ({most:g} {BASE[dimension]})."
