"""How near two body parts are to each other, for somebody who compares exams. Data and one function; pure.

Parts are the terms of the catalogue (`Procedure.body_part`, DICOM CID 4 in capitals). A part lies in another, or is a
neighbour of one; what is neither is of no interest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

WHOLE_BODY: Final = "WHOLEBODY"

WITHIN: Final = {
    "BRAIN": "HEAD", "SKULL": "HEAD", "FACE": "HEAD", "ORBIT": "FACE", "SINUS": "FACE", "NOSE": "FACE", "JAW": "FACE",
    "TMJ": "JAW", "EAR": "HEAD", "THYROID": "NECK", "CAROTID": "NECK", "LARYNX": "NECK",
    "LUNG": "CHEST", "HEART": "CHEST", "RIB": "CHEST", "STERNUM": "CHEST", "ESOPHAGUS": "CHEST",
    "LIVER": "ABDOMEN", "GALLBLADDER": "LIVER", "PANCREAS": "ABDOMEN", "SPLEEN": "ABDOMEN", "KIDNEY": "ABDOMEN",
    "SMALLBOWEL": "ABDOMEN", "COLON": "ABDOMEN", "STOMACH": "ABDOMEN",
    "BLADDER": "PELVIS", "PROSTATE": "PELVIS", "UTERUS": "PELVIS", "TESTIS": "PELVIS", "GROIN": "PELVIS",
    "CSPINE": "SPINE", "TSPINE": "SPINE", "LSPINE": "SPINE", "SSPINE": "SPINE", "SIJOINT": "PELVIS",
    "SHOULDER": "ARM", "HUMERUS": "ARM", "ELBOW": "ARM", "FOREARM": "ARM", "WRIST": "ARM", "HAND": "ARM",
    "CLAVICLE": "SHOULDER", "SCAPULA": "SHOULDER", "FINGER": "HAND", "THUMB": "HAND",
    "FEMUR": "LEG", "KNEE": "LEG", "PATELLA": "KNEE", "ANKLE": "LEG", "FOOT": "LEG", "TOE": "FOOT", "CALCANEUS": "FOOT",
}  # fmt: skip

NEIGHBOURS: Final = {
    ("HEAD", "NECK"): 0.3, ("HEAD", "CSPINE"): 0.2, ("NECK", "CSPINE"): 0.4, ("NECK", "CHEST"): 0.3,
    ("CHEST", "ABDOMEN"): 0.4, ("CHEST", "TSPINE"): 0.35, ("CHEST", "BREAST"): 0.3, ("CHEST", "SHOULDER"): 0.15,
    ("ABDOMEN", "PELVIS"): 0.6, ("ABDOMEN", "LSPINE"): 0.35, ("KIDNEY", "BLADDER"): 0.7, ("PELVIS", "LSPINE"): 0.25,
    ("PELVIS", "SSPINE"): 0.5, ("PELVIS", "HIP"): 0.7, ("SIJOINT", "LSPINE"): 0.45, ("SIJOINT", "SSPINE"): 0.7,
    ("CSPINE", "TSPINE"): 0.5, ("TSPINE", "LSPINE"): 0.5, ("LSPINE", "SSPINE"): 0.7, ("CSPINE", "LSPINE"): 0.3,
    ("HIP", "FEMUR"): 0.6, ("FEMUR", "KNEE"): 0.4, ("KNEE", "ANKLE"): 0.1, ("ANKLE", "FOOT"): 0.6,
    ("HUMERUS", "SHOULDER"): 0.5, ("HUMERUS", "ELBOW"): 0.4, ("ELBOW", "FOREARM"): 0.5, ("FOREARM", "WRIST"): 0.5,
    ("WRIST", "HAND"): 0.6, ("CAROTID", "BRAIN"): 0.5, ("HEART", "LUNG"): 0.6, ("RIB", "LUNG"): 0.5,
}  # fmt: skip

SAME, HOLDS, WHOLE, FURTHER = 1.0, 0.85, 0.75, 0.8
SIBLINGS: Final = {"HEAD": 0.45, "FACE": 0.5, "NECK": 0.4, "CHEST": 0.4, "ABDOMEN": 0.5, "PELVIS": 0.45, "LIVER": 0.6}
"""Two parts of one: the liver and the pancreas interest each other, the knee and the foot do not."""

SYNONYMS: Final = {
    "THORAX": "CHEST",
    "SPINE LUMBAR": "LSPINE",
    "HEAD/NECK": "NECK",
    "EXTREMITY": "",
    "TESTES": "TESTIS",
}


def nearness(one: str, other: str) -> float:
    """From 0 (nothing to do with each other) to 1 (the same part); unknown parts are near to their own kind only."""
    one, other = (SYNONYMS.get(part.strip().upper(), part.strip().upper()) for part in (one, other))
    if not one or not other:
        return 0.0
    if one == other:
        return SAME
    if WHOLE_BODY in (one, other):
        return WHOLE
    ours, theirs = list(_chain(one)), list(_chain(other))
    if one in theirs or other in ours:
        return HOLDS
    return max(_siblings(ours, theirs), _neighbours(ours, theirs))


def _chain(part: str) -> Iterator[str]:
    """The part, what it lies in, and so on."""
    while part:
        yield part
        part = WITHIN.get(part, "")


def _siblings(ours: list[str], theirs: list[str]) -> float:
    shared = next((part for part in ours if part in theirs), "")
    return SIBLINGS.get(shared, 0.0)


def _neighbours(ours: list[str], theirs: list[str]) -> float:
    """The best of all pairs; each step out of a part makes it less."""
    best = 0.0
    for up, one in enumerate(ours):
        for across, other in enumerate(theirs):
            near = NEIGHBOURS.get((one, other), NEIGHBOURS.get((other, one), 0.0))
            best = max(best, near * FURTHER ** (up + across))
    return best
