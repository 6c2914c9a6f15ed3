"""Which parts of the body an exam is about: DICOM Body Part Examined (PS3.16 Annex L) to the lexicons' regions."""

from __future__ import annotations

from reporting.proofreading.lexicon.form import Lexicon
from reporting.proofreading.text import Sentence, by_first_word

REACH_AFTER, REACH_BEFORE = 4, 5
LEG = frozenset({"HIP", "FEMUR", "KNEE", "TIBIA", "ANKLE", "FOOT", "GROIN", "VESSEL"})
ARM = frozenset({"SHOULDER", "CLAVICLE", "HUMERUS", "ELBOW", "FOREARM", "WRIST", "HAND", "VESSEL"})
ABOUT: dict[str, frozenset[str]] = {
    "KNEE": frozenset({"KNEE", "FEMUR", "TIBIA"}),
    "PATELLA": frozenset({"KNEE"}),
    "HIP": frozenset({"HIP", "FEMUR", "GROIN"}),
    "FEMUR": frozenset({"FEMUR", "HIP", "KNEE"}),
    "THIGH": frozenset({"FEMUR", "HIP", "KNEE"}),
    "TIBIA": frozenset({"TIBIA", "KNEE", "ANKLE"}),
    "ANKLE": frozenset({"ANKLE", "FOOT", "TIBIA"}),
    "FOOT": frozenset({"FOOT", "ANKLE"}),
    "CALCANEUS": frozenset({"FOOT", "ANKLE"}),
    "TOE": frozenset({"FOOT"}),
    "LEG": LEG,
    "EXTREMITY": LEG | ARM,
    "SHOULDER": frozenset({"SHOULDER", "HUMERUS", "CLAVICLE", "AXILLA"}),
    "SCAPULA": frozenset({"SHOULDER"}),
    "CLAVICLE": frozenset({"CLAVICLE", "SHOULDER"}),
    "HUMERUS": frozenset({"HUMERUS", "SHOULDER", "ELBOW"}),
    "ELBOW": frozenset({"ELBOW", "HUMERUS", "FOREARM"}),
    "FOREARM": frozenset({"FOREARM", "ELBOW", "WRIST"}),
    "WRIST": frozenset({"WRIST", "HAND", "FOREARM"}),
    "HAND": frozenset({"HAND", "WRIST"}),
    "FINGER": frozenset({"HAND"}),
    "THUMB": frozenset({"HAND"}),
    "ARM": ARM,
    "BREAST": frozenset({"BREAST", "AXILLA"}),
    "AXILLA": frozenset({"AXILLA", "BREAST"}),
    "CHEST": frozenset({"CHEST"}),
    "LUNG": frozenset({"CHEST"}),
    "RIB": frozenset({"CHEST"}),
    "KIDNEY": frozenset({"KIDNEY"}),
    "EYE": frozenset({"ORBIT"}),
    "ORBIT": frozenset({"ORBIT"}),
    "EAR": frozenset({"EAR"}),
    "IAC": frozenset({"EAR"}),
    "THYROID": frozenset({"THYROID"}),
    "CAROTID": frozenset({"CAROTID"}),
    "NECK": frozenset({"NECK", "THYROID", "CAROTID"}),
    "SIJOINT": frozenset({"SACROILIAC"}),
    "PELVIS": frozenset({"PELVIS", "HIP", "SACROILIAC", "GROIN"}),
    "OVARY": frozenset({"OVARY"}),
    "TESTIS": frozenset({"TESTIS"}),
    "SCROTUM": frozenset({"TESTIS"}),
    "ZYGOMA": frozenset({"SINUS"}),
    "MANDIBLE": frozenset({"SINUS"}),
}


def named_near(sentence: Sentence, first: int, last: int, lexicon: Lexicon) -> frozenset[str]:
    """The regions of the word that a side belongs to: the next noun of anatomy behind it, else the last before it."""
    after = range(last, min(last + REACH_AFTER, len(sentence.words)))
    before = range(first - 1, max(first - REACH_BEFORE, 0) - 1, -1)
    for at in (*_until(sentence, after), *_until(sentence, before)):
        if regions := regions_at(sentence, at, lexicon):
            return regions
    return frozenset()


def regions_in(sentence: Sentence, lexicon: Lexicon) -> frozenset[str]:
    """Every region that is named anywhere."""
    return frozenset().union(*(regions_at(sentence, at, lexicon) for at in range(len(sentence.words))))


def regions_at(sentence: Sentence, at: int, lexicon: Lexicon) -> frozenset[str]:
    word = sentence.words[at]
    found = []
    for region, names in lexicon.regions.items():
        whole, begun = by_first_word(names)
        near = (*whole.get(word, ()), *begun.get(word[0], ()))
        if any(sentence.stands_at(name, at) for name in near):
            found.append(region)
    return frozenset(found)


def _until(sentence: Sentence, places: range) -> list[int]:
    """The places up to the first comma or colon."""
    stop = next((index for index, at in enumerate(places) if sentence.words[at] in {",", ":", ";"}), len(places))
    return list(places)[:stop]
