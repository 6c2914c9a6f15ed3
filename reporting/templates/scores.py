"""Published classifications as data: a table each, with its source. They help; whoever signs decides.

A rule that finds no row says nothing: an empty field is better than a wrong category.
"""

from __future__ import annotations

from typing import Final, NamedTuple

# ACR BI-RADS Atlas, 5th edition: assessment categories.
BIRADS: Final[dict[str, str]] = {
    "0": "incomplete, further imaging or earlier images needed",
    "1": "negative",
    "2": "benign",
    "3": "probably benign, short-interval follow-up",
    "4": "suspicious, tissue diagnosis",
    "4A": "low suspicion, tissue diagnosis",
    "4B": "moderate suspicion, tissue diagnosis",
    "4C": "high suspicion, tissue diagnosis",
    "5": "highly suggestive of malignancy, tissue diagnosis",
    "6": "known malignancy, proven by biopsy",
}
# In increasing order of abnormality, as the atlas orders them for an overall assessment.
BIRADS_ORDER: Final = ("1", "2", "3", "6", "0", "4", "4A", "4B", "4C", "5")

# ACR TI-RADS white paper, 2017: points by feature, keyed by the option's value.
TIRADS: Final[dict[str, dict[str, int]]] = {
    "composition": {"cystic": 0, "spongiform": 0, "mixed": 1, "solid": 2},
    "echogenicity": {"anechoic": 0, "isoechoic": 1, "hypoechoic": 2, "very-hypoechoic": 3},
    "shape": {"wider": 0, "taller": 3},
    "margin": {"smooth": 0, "ill-defined": 0, "lobulated": 2, "extension": 3},
}
TIRADS_FOCI: Final = {"macro": 1, "rim": 2, "punctate": 3}


class ThyroidLevel(NamedTuple):
    """A level from `low` to `high` points; biopsy and follow-up from these sizes in mm on (None: not)."""

    low: int
    high: int
    level: str
    words: str
    biopsy: float | None
    follow: float | None


TIRADS_LEVELS: Final = (
    ThyroidLevel(0, 0, "TR1", "benign", None, None),
    ThyroidLevel(2, 2, "TR2", "not suspicious", None, None),
    ThyroidLevel(3, 3, "TR3", "mildly suspicious", 25, 15),
    ThyroidLevel(4, 6, "TR4", "moderately suspicious", 15, 10),
    ThyroidLevel(7, 99, "TR5", "highly suspicious", 10, 5),
)


class Nodule(NamedTuple):
    """A row of Lung-RADS v2022: a nodule of this kind with `low` <= size < `high` mm; a part-solid one by its parts."""

    kind: str
    status: str
    low: float
    high: float
    solid_low: float
    solid_high: float
    category: str


ANY: Final = 1e9
# ACR Lung-RADS v2022. Solid and ground-glass by mean diameter; part-solid by total, then by its solid part.
LUNGRADS: Final = (
    Nodule("solid", "baseline", 0, 6, 0, ANY, "2"),
    Nodule("solid", "baseline", 6, 8, 0, ANY, "3"),
    Nodule("solid", "baseline", 8, 15, 0, ANY, "4A"),
    Nodule("solid", "baseline", 15, ANY, 0, ANY, "4B"),
    Nodule("solid", "new", 0, 4, 0, ANY, "2"),
    Nodule("solid", "new", 4, 6, 0, ANY, "3"),
    Nodule("solid", "new", 6, 8, 0, ANY, "4A"),
    Nodule("solid", "new", 8, ANY, 0, ANY, "4B"),
    Nodule("solid", "growing", 0, 8, 0, ANY, "4A"),
    Nodule("solid", "growing", 8, ANY, 0, ANY, "4B"),
    Nodule("part-solid", "baseline", 0, 6, 0, ANY, "2"),
    Nodule("part-solid", "baseline", 6, ANY, 0, 6, "3"),
    Nodule("part-solid", "baseline", 6, ANY, 6, 8, "4A"),
    Nodule("part-solid", "baseline", 6, ANY, 8, ANY, "4B"),
    Nodule("part-solid", "new", 0, 6, 0, ANY, "3"),
    Nodule("part-solid", "new", 6, ANY, 0, 4, "4A"),
    Nodule("part-solid", "new", 6, ANY, 4, ANY, "4B"),
    Nodule("part-solid", "growing", 0, ANY, 0, 4, "4A"),
    Nodule("part-solid", "growing", 0, ANY, 4, ANY, "4B"),
    Nodule("ground-glass", "baseline", 0, 30, 0, ANY, "2"),
    Nodule("ground-glass", "new", 0, 30, 0, ANY, "2"),
    Nodule("ground-glass", "growing", 0, 30, 0, ANY, "2"),
    Nodule("ground-glass", "stable", 0, ANY, 0, ANY, "2"),
    Nodule("ground-glass", "baseline", 30, ANY, 0, ANY, "3"),
    Nodule("ground-glass", "new", 30, ANY, 0, ANY, "3"),
    Nodule("ground-glass", "growing", 30, ANY, 0, ANY, "3"),
)
LUNGRADS_WORDS: Final = {
    "2": "benign, screening CT in 12 months",
    "3": "probably benign, CT in 6 months",
    "4A": "suspicious, CT in 3 months; PET/CT may be considered for a solid part of 8 mm and more",
    "4B": "very suspicious, diagnostic work-up",
}

# RECIST 1.1 (Eisenhauer et al. 2009) §4.3.1: target lesions.
RECIST_PARTIAL: Final = -30.0
RECIST_PROGRESS: Final = 20.0
RECIST_PROGRESS_MM: Final = 5.0
