"""Knee, obstetrics, breast, and the plain one for everything else."""

from __future__ import annotations

from reporting.templates.scores import BIRADS
from reporting.templates.starter.words import (
    choice,
    computed,
    day,
    length,
    number,
    section,
    sections,
    source,
    template,
    yes,
)

TEARS = (
    ("intact", "Intact"),
    ("degenerated", "Degenerated"),
    ("partial", "Partial tear"),
    ("complete", "Complete tear"),
)
MR_KNEE = template(
    "mr-knee",
    "MR knee",
    "MR",
    "KNEE",
    sections("Proton density with and without fat saturation in three planes."),
    choice("medial-meniscus", "Medial meniscus", TEARS),
    choice("lateral-meniscus", "Lateral meniscus", TEARS),
    choice("acl", "Anterior cruciate ligament", TEARS),
    choice("pcl", "Posterior cruciate ligament", TEARS),
    choice("mcl", "Medial collateral ligament", TEARS),
    choice("lcl", "Lateral collateral ligament", TEARS),
    choice("cartilage", "Cartilage, worst grade", tuple((str(grade), f"Grade {grade}") for grade in range(5))),
    choice("effusion", "Joint effusion", (("none", "None"), ("small", "Small"), ("large", "Large"))),
    yes("oedema", "Oedema of the bone marrow"),
    length("lesion-length", "Largest lesion, length", pick="largest"),
)


def _biometry(key: str, label: str, code: str) -> dict[str, object]:
    return number(
        key, label, "mm", "cm", section="biometry", minimum=0, decimals=1, sources=[source(("LN", code, label))]
    )


HEART_RATE = source(("LN", "11948-7", "Fetal heart rate"))
US_OB = template(
    "us-ob",
    "Ultrasound obstetric",
    "US",
    "UTERUS",
    sections(
        "Transabdominal ultrasound of the pregnancy.",
        section("biometry", "Biometry"),
        section("findings", "Fetus and surroundings"),
    ),
    day("last-period", "First day of the last period", section="biometry"),
    _biometry("bpd", "Biparietal diameter", "11820-8"),
    _biometry("hc", "Head circumference", "11984-2"),
    _biometry("ac", "Abdominal circumference", "11979-2"),
    _biometry("fl", "Femur length", "11963-6"),
    computed(
        "hc-ac", "Head to abdomen", "ratio", {"numerator": "hc", "denominator": "ac"}, section="biometry", decimals=2
    ),
    number(
        "efw",
        "Estimated fetal weight",
        "g",
        section="biometry",
        minimum=0,
        decimals=0,
        sources=[source(("LN", "11727-5", "Estimated weight"))],
    ),
    number(
        "heart-rate",
        "Fetal heart rate",
        "{H.B.}/min",
        minimum=0,
        decimals=0,
        sources=[source(("LN", "11948-7", "Fetal heart rate"))],
    ),
    choice(
        "presentation", "Presentation", (("cephalic", "Cephalic"), ("breech", "Breech"), ("transverse", "Transverse"))
    ),
    choice(
        "placenta",
        "Placenta",
        (
            ("anterior", "Anterior"),
            ("posterior", "Posterior"),
            ("fundal", "Fundal"),
            ("low", "Low-lying"),
            ("praevia", "Praevia"),
        ),
    ),
    choice("fluid", "Amniotic fluid", (("normal", "Normal"), ("little", "Too little"), ("much", "Too much"))),
)

DENSITY = (
    ("a", "A: almost entirely fatty"),
    ("b", "B: scattered fibroglandular"),
    ("c", "C: heterogeneously dense"),
    ("d", "D: extremely dense"),
)
CATEGORIES = tuple((value, f"{value}: {words}") for value, words in BIRADS.items())
MAMMOGRAPHY = template(
    "mg-breast",
    "Mammography",
    "MG",
    "BREAST",
    sections(
        "Digital mammography of both breasts in two planes.",
        section("findings", "Findings"),
        section("right", "Right breast"),
        section("left", "Left breast"),
    ),
    choice("density", "Density", DENSITY, required=True),
    length("right-lesion", "Largest lesion", "right", section="right", detector_plane=True),
    choice("right-birads", "BI-RADS, right", CATEGORIES, section="right", required=True),
    length("left-lesion", "Largest lesion", "left", section="left", detector_plane=True),
    choice("left-birads", "BI-RADS, left", CATEGORIES, section="left", required=True),
    computed("birads", "BI-RADS", "birads", {"right": "right-birads", "left": "left-birads"}, section="impression"),
)

GENERAL = template(
    "general",
    "General report",
    "",
    "",
    sections(""),
    length("length", "Length", pick="largest"),
)

ALL = (MR_KNEE, US_OB, MAMMOGRAPHY, GENERAL)
