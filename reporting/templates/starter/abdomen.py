"""Abdomen and pelvis: CT, follow-up of tumours, ultrasound, prostate."""

from __future__ import annotations

from reporting.templates.starter.words import (
    choice,
    computed,
    day,
    dlp,
    length,
    number,
    section,
    sections,
    source,
    template,
    text,
    volume,
)

GRADES = (("none", "None"), ("mild", "Mild"), ("moderate", "Moderate"), ("severe", "Severe"))
CT_ABDOMEN = template(
    "ct-abdomen",
    "CT abdomen",
    "CT",
    "ABDOMEN",
    sections(
        "Helical CT of the abdomen and pelvis, portal venous phase.",
        section("findings", "Findings"),
        section("organs", "Liver, spleen, kidneys"),
    ),
    dlp(),
    length("lesion-length", "Largest lesion, length", pick="largest"),
    number(
        "liver-density",
        "Liver, attenuation",
        "[hnsf'U]",
        section="organs",
        sources=[source(("SCT", "373098007", "Mean"), labels=["liver"])],
    ),
    length("spleen", "Spleen, length", "spleen", section="organs"),
    choice("hydronephrosis-right", "Hydronephrosis, right", GRADES, section="organs"),
    choice("hydronephrosis-left", "Hydronephrosis, left", GRADES, section="organs"),
    length("aorta", "Abdominal aorta, diameter", "aorta", "abdominal aorta"),
)

TARGETS = [
    row
    for at in range(1, 6)
    for row in (
        length(f"target-{at}", f"Target {at}", f"target {at}", section="targets"),
        text(f"target-{at}-site", f"Target {at}, where", section="targets"),
    )
]
RECIST = template(
    "ct-recist",
    "CT follow-up by RECIST 1.1",
    "CT",
    "TUMOR",
    sections(
        "Helical CT of the chest, abdomen and pelvis, portal venous phase.",
        section("targets", "Target lesions"),
        section("findings", "Non-target lesions and other findings"),
    ),
    dlp(),
    *TARGETS,
    computed(
        "sum",
        "Sum of diameters",
        "sum",
        {f"part-{at}": f"target-{at}" for at in range(1, 6)},
        section="targets",
        units=["mm"],
        help="At most five lesions, two of an organ; the short axis of a lymph node.",
    ),
    number("baseline", "Sum at baseline", "mm", section="targets", minimum=0),
    number("nadir", "Smallest sum so far", "mm", section="targets", minimum=0),
    day("baseline-day", "Day of the baseline", section="targets"),
    computed(
        "change",
        "Change since baseline",
        "change",
        {"now": "sum", "before": "baseline"},
        section="targets",
        units=["%"],
    ),
    computed(
        "response",
        "Response of target lesions",
        "recist",
        {"now": "sum", "baseline": "baseline", "nadir": "nadir"},
        section="impression",
        help="Of the target lesions only: new and non-target lesions are yours to weigh.",
    ),
)

US_ABDOMEN = template(
    "us-abdomen",
    "Ultrasound abdomen",
    "US",
    "ABDOMEN",
    sections("Transabdominal ultrasound.", section("findings", "Findings"), section("kidneys", "Kidneys")),
    length("liver", "Liver, mid-clavicular line", "liver"),
    choice("steatosis", "Steatosis", GRADES),
    length("bile-duct", "Common bile duct", "bile duct", "cbd", decimals=1),
    choice(
        "gallbladder",
        "Gallbladder",
        (("normal", "Normal"), ("stones", "Stones"), ("inflamed", "Signs of inflammation"), ("absent", "Removed")),
    ),
    length("spleen", "Spleen, length", "spleen"),
    length("kidney-right", "Right kidney, length", "right kidney", section="kidneys"),
    length("kidney-left", "Left kidney, length", "left kidney", section="kidneys"),
    length("aorta", "Abdominal aorta, diameter", "aorta"),
)

SUSPICION = tuple((str(score), f"PI-RADS {score}") for score in range(1, 6))
MR_PROSTATE = template(
    "mr-prostate",
    "MR prostate",
    "MR",
    "PROSTATE",
    sections(
        "Multiparametric MR of the prostate at 3 T: T2, diffusion, dynamic contrast.",
        section("gland", "Gland"),
        section("findings", "Most suspicious lesion"),
        section("stage", "Beyond the gland"),
    ),
    length("prostate-length", "Length", "prostate length", section="gland"),
    length("prostate-width", "Width", "prostate width", section="gland"),
    length("prostate-height", "Height", "prostate height", section="gland"),
    volume("prostate-volume", "Volume", ("prostate-length", "prostate-width", "prostate-height"), section="gland"),
    number("psa", "PSA", "ng/mL", section="gland", minimum=0, decimals=1),
    computed(
        "psa-density",
        "PSA density",
        "ratio",
        {"numerator": "psa", "denominator": "prostate-volume"},
        section="gland",
        units=["ng/mL/mL"],
        decimals=2,
    ),
    choice(
        "zone",
        "Zone",
        (("peripheral", "Peripheral zone"), ("transition", "Transition zone"), ("anterior", "Anterior stroma")),
    ),
    length("lesion-length", "Size", "lesion", pick="largest"),
    choice("t2", "T2 score", tuple((str(s), str(s)) for s in range(1, 6))),
    choice("dwi", "Diffusion score", tuple((str(s), str(s)) for s in range(1, 6))),
    choice("pi-rads", "PI-RADS", SUSPICION, section="impression"),
    choice(
        "extension",
        "Extension through the capsule",
        (("no", "No"), ("suspected", "Suspected"), ("yes", "Yes")),
        section="stage",
    ),
)

ALL = (CT_ABDOMEN, RECIST, US_ABDOMEN, MR_PROSTATE)
