"""Head and neck: CT and MR of the brain, thyroid, carotid arteries."""

from __future__ import annotations

from typing import Any

from reporting.templates.starter.words import (
    LEFT,
    RIGHT,
    Coded,
    choice,
    computed,
    dlp,
    length,
    number,
    section,
    sections,
    source,
    template,
    volume,
    yes,
)

CT_HEAD = template(
    "ct-head",
    "CT head",
    "CT",
    "HEAD",
    sections("CT of the head without contrast."),
    dlp(),
    choice(
        "haemorrhage",
        "Haemorrhage",
        (
            ("none", "None"),
            ("intracerebral", "Intracerebral"),
            ("subdural", "Subdural"),
            ("epidural", "Epidural"),
            ("subarachnoid", "Subarachnoid"),
        ),
    ),
    length("haematoma-length", "Haematoma, length", "haematoma length"),
    length("haematoma-width", "Haematoma, width", "haematoma width"),
    length("haematoma-height", "Haematoma, height", "haematoma height"),
    volume("haematoma-volume", "Haematoma, volume", ("haematoma-length", "haematoma-width", "haematoma-height")),
    length("midline", "Midline shift", "midline"),
    number("aspects", "ASPECTS", minimum=0, maximum=10, decimals=0),
    yes("fracture", "Fracture of the skull"),
)

MR_BRAIN = template(
    "mr-brain",
    "MR brain",
    "MR",
    "BRAIN",
    sections("T1, T2, FLAIR, diffusion, susceptibility."),
    yes("restricted", "Restricted diffusion"),
    choice("fazekas", "White matter, Fazekas", tuple((str(grade), str(grade)) for grade in range(4))),
    number("microbleeds", "Microbleeds", minimum=0, decimals=0),
    length("lesion-length", "Largest lesion, length", pick="largest"),
    yes("enhancement", "Enhancement after contrast"),
    length("midline", "Midline shift", "midline"),
)

US_THYROID = template(
    "us-thyroid",
    "Ultrasound thyroid",
    "US",
    "THYROID",
    sections("Ultrasound of the neck.", section("gland", "Gland"), section("findings", "Dominant nodule")),
    *(
        length(f"{side}-{axis}", f"{side.capitalize()} lobe, {axis}", f"{side} lobe {axis}", section="gland")
        for side in ("right", "left")
        for axis in ("length", "width", "depth")
    ),
    *(
        volume(
            f"{side}-volume",
            f"{side.capitalize()} lobe, volume",
            (f"{side}-length", f"{side}-width", f"{side}-depth"),
            section="gland",
        )
        for side in ("right", "left")
    ),
    length("nodule-size", "Largest diameter", "nodule", pick="largest"),
    choice(
        "composition",
        "Composition",
        (
            ("cystic", "Cystic or almost"),
            ("spongiform", "Spongiform"),
            ("mixed", "Mixed cystic and solid"),
            ("solid", "Solid or almost"),
        ),
    ),
    choice(
        "echogenicity",
        "Echogenicity",
        (
            ("anechoic", "Anechoic"),
            ("isoechoic", "Hyper- or isoechoic"),
            ("hypoechoic", "Hypoechoic"),
            ("very-hypoechoic", "Very hypoechoic"),
        ),
    ),
    choice("shape", "Shape", (("wider", "Wider than tall"), ("taller", "Taller than wide"))),
    choice(
        "margin",
        "Margin",
        (
            ("smooth", "Smooth"),
            ("ill-defined", "Ill-defined"),
            ("lobulated", "Lobulated or irregular"),
            ("extension", "Beyond the thyroid"),
        ),
    ),
    yes("macro", "Macrocalcifications"),
    yes("rim", "Rim calcifications"),
    yes("punctate", "Punctate echogenic foci"),
    computed(
        "ti-rads",
        "ACR TI-RADS",
        "tirads",
        {
            "composition": "composition",
            "echogenicity": "echogenicity",
            "shape": "shape",
            "margin": "margin",
            "macro": "macro",
            "rim": "rim",
            "punctate": "punctate",
            "size": "nodule-size",
        },
        section="impression",
    ),
)

PEAK, END = ("LN", "11726-7", "Peak systolic velocity"), ("LN", "11653-3", "End diastolic velocity")
INTERNAL, COMMON = ["SCT:86117002"], ["SCT:32062004"]


def _velocity(key: str, label: str, code: Coded, site: list[str], laterality: list[str]) -> dict[str, Any]:
    sources = [source(code, site=site, laterality=laterality)]
    return number(key, label, "cm/s", "m/s", section=key.split("-", maxsplit=1)[0], minimum=0, sources=sources)


def _side(side: str, laterality: list[str]) -> list[dict[str, Any]]:
    grades = (
        ("none", "None"),
        ("below-50", "Below 50 %"),
        ("50-69", "50 to 69 %"),
        ("70-99", "70 to 99 %"),
        ("occluded", "Occluded"),
    )
    return [
        _velocity(f"{side}-cca", "Common carotid, peak systolic", PEAK, COMMON, laterality),
        _velocity(f"{side}-ica", "Internal carotid, peak systolic", PEAK, INTERNAL, laterality),
        _velocity(f"{side}-edv", "Internal carotid, end diastolic", END, INTERNAL, laterality),
        computed(
            f"{side}-ratio",
            "Ratio internal to common",
            "ratio",
            {"numerator": f"{side}-ica", "denominator": f"{side}-cca"},
            section=side,
            decimals=1,
        ),
        choice(f"{side}-stenosis", "Stenosis of the internal carotid", grades, section=side),
    ]


US_CAROTID = template(
    "us-carotid",
    "Ultrasound carotid arteries",
    "US",
    "CAROTID",
    sections(
        "Duplex ultrasound of the arteries of the neck.",
        section("right", "Right"),
        section("left", "Left"),
        section("findings", "Vertebral arteries and other findings"),
    ),
    *_side("right", RIGHT),
    *_side("left", LEFT),
)

ALL = (CT_HEAD, MR_BRAIN, US_THYROID, US_CAROTID)
