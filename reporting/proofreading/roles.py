"""What a section of a report is for, however its template calls it. Pure.

An MRRT file's sections have ids of their own ("s3", "T010"); the code in its head, else the title, says what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from reporting.proofreading.text import fold

ROLES = {
    "impression": "the impression: must say something",
    "findings": "findings",
    "comparison": "the comparison: begins with earlier exams",
    "technique": "the technique: written from the exam's record",
    "indication": "what was asked: not read as findings",
}
# LOINC (PS3.16 CID 7001, IHE RAD-128), DICOM's own headings (CID 7001), RadLex's names of report sections.
CODES = {
    "19005-8": "impression", "121072": "impression", "121073": "impression", "121076": "impression",
    "121077": "impression", "RID13170": "impression",
    "59776-5": "findings", "18782-3": "findings", "121070": "findings", "121071": "findings", "RID28486": "findings",
    "18834-2": "comparison", "121066": "comparison", "121068": "comparison", "RID28483": "comparison",
    "55111-9": "technique", "121064": "technique", "121065": "technique", "RID28482": "technique",
    "18785-6": "indication", "55752-0": "indication", "11329-0": "indication", "121060": "indication",
    "121062": "indication", "121109": "indication", "RID13166": "indication",
}  # fmt: skip
WORDS = {
    "impression": "impression impressions conclusion conclusions assessment summary opinion "
    "beurteilung fazit zusammenfassung schlussfolgerung bewertung",
    "findings": "finding findings befund befunde",
    "comparison": "comparison comparisons priors vergleich voraufnahme voraufnahmen voruntersuchung "
    "voruntersuchungen vorbefund vorbefunde",
    "technique": "technique techniques protocol technik untersuchungstechnik untersuchungsprotokoll aufnahmetechnik",
    "indication": "indication indications history question clinical fragestellung anamnese indikation klinische "
    "klinischer klinik",
}
ROLE_OF_WORD = {word: role for role, words in WORDS.items() for word in words.split()}
# Beside these an impression is still one of the whole report; "assessment of the left ventricle" is not.
BESIDE = frozenset(
    ["the", "of", "and", "overall", "final", "radiological", "radiologist", "s", "imaging", "report", "study", "exam"]
)
OLD = frozenset(("prior", "previous"))
EXAMS = frozenset(
    ["study", "studies", "exam", "exams", "examination", "examinations", "imaging", "images", "report", "reports"]
)
# A comparison of two sides is none with earlier exams.
OF_NOW = frozenset(["of", "between", "der", "des", "zwischen"])
PIECES = re.compile(r"\b(?:and|und|with|mit)\b|[,/&:;+()]")
WORD = re.compile(r"[^\W\d_]+")


def role_of(section: Mapping[str, Any]) -> str:
    """One of ROLES, or "": by its key, else by its code, else by its title. {"key", "title", "code"?: {"code"}}."""
    code = (section.get("code") or {}).get("code", "")
    by_name = ROLE_OF_WORD.get(fold(str(section.get("key", ""))), "")
    return by_name or CODES.get(str(code).upper(), "") or role_of_title(str(section.get("title", "")))


def role_of_title(title: str) -> str:
    """Of a title with two, the one that leaves nothing unread: impression, then findings, then the first."""
    found = [role for piece in PIECES.split(fold(title)) if (role := _of_piece(WORD.findall(piece)))]
    if found[:1] == ["indication"]:
        return "indication"
    return next((role for role in ("impression", "findings") if role in found), found[0] if found else "")


def key_of(sections: Iterable[Mapping[str, Any]], role: str) -> str:
    """The key of the section with this role: the one that is called so, else the first; "" when none has it."""
    keys = [str(section["key"]) for section in sections if role_of(section) == role]
    return role if role in keys else next(iter(keys), "")


def _of_piece(words: list[str]) -> str:
    said = [word for word in words if word not in BESIDE]
    roles = [ROLE_OF_WORD[word] for word in said if word in ROLE_OF_WORD]
    first = "comparison" if _names_old_exams(words) else ROLE_OF_WORD.get(said[0], "") if said else ""
    if "impression" in roles and first != "indication":
        return "impression" if {ROLE_OF_WORD.get(word) for word in said} <= {"impression", "findings"} else ""
    return "" if first == "comparison" and OF_NOW & set(words[1:2]) else first


def _names_old_exams(words: list[str]) -> bool:
    return any(one in OLD and after in EXAMS for one, after in pairwise(words))
