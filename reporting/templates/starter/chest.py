"""Chest: CT, lung cancer screening, radiograph."""

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
    short_axis,
    source,
    template,
    yes,
)

CT_CHEST = template(
    "ct-chest",
    "CT chest",
    "CT",
    "CHEST",
    sections("Helical CT of the chest."),
    length("lesion-length", "Largest lesion, length", pick="largest"),
    short_axis("node-short", "Largest lymph node, short axis", "lymph node", "node", pick="largest"),
    choice(
        "effusion", "Pleural effusion", (("none", "None"), ("right", "Right"), ("left", "Left"), ("both", "Both sides"))
    ),
    choice(
        "emphysema", "Emphysema", (("none", "None"), ("mild", "Mild"), ("moderate", "Moderate"), ("severe", "Severe"))
    ),
    choice(
        "calcium",
        "Coronary calcification",
        (("none", "None"), ("mild", "Mild"), ("moderate", "Moderate"), ("severe", "Severe")),
    ),
    length("aorta", "Ascending aorta, diameter", "aorta", "ascending aorta"),
    dlp(),
)

SCREENING = template(
    "ct-lung-screening",
    "CT lung cancer screening",
    "CT",
    "LUNG",
    sections(
        "Low-dose helical CT of the chest without contrast.",
        section("findings", "Findings"),
        section("nodule", "Most suspicious nodule"),
    ),
    dlp(),
    choice(
        "nodule-kind",
        "Kind",
        (("solid", "Solid"), ("part-solid", "Part-solid"), ("ground-glass", "Ground-glass")),
        section="nodule",
    ),
    choice(
        "nodule-status",
        "Status",
        (("baseline", "Baseline"), ("new", "New"), ("growing", "Growing"), ("stable", "Stable")),
        section="nodule",
    ),
    length("nodule-size", "Mean diameter", "nodule", section="nodule", help="Mean of long and short axis."),
    length("nodule-solid", "Mean diameter of the solid part", "solid part", section="nodule"),
    computed(
        "lung-rads",
        "Lung-RADS",
        "lungrads",
        {"nodule": "nodule-kind", "status": "nodule-status", "size": "nodule-size", "solid": "nodule-solid"},
        section="impression",
        help="A proposal from the fields above. Modifier S and special cases are yours.",
    ),
    day("next-scan", "Next CT", section="impression"),
)

DX_CHEST = template(
    "dx-chest",
    "Chest radiograph",
    "DX",
    "CHEST",
    sections("Two views, standing."),
    number(
        "dap",
        "Dose area product, total",
        "Gy.m2",
        section="technique",
        minimum=0,
        decimals=7,
        sources=[source(("DCM", "113722", "Dose area product total"))],
    ),
    yes("consolidation", "Consolidation"),
    choice(
        "effusion", "Pleural effusion", (("none", "None"), ("right", "Right"), ("left", "Left"), ("both", "Both sides"))
    ),
    choice(
        "pneumothorax", "Pneumothorax", (("none", "None"), ("right", "Right"), ("left", "Left"), ("both", "Both sides"))
    ),
    length("heart", "Heart, widest", "heart", detector_plane=True),
    length("thorax", "Thorax, widest", "thorax", detector_plane=True),
    computed(
        "ctr",
        "Cardiothoracic ratio",
        "ratio",
        {"numerator": "heart", "denominator": "thorax"},
        decimals=2,
        help="Of two lengths on one image, so the magnification cancels.",
    ),
)

ALL = (CT_CHEST, SCREENING, DX_CHEST)
