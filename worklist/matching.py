"""Does this study answer that order? Pure: rows in, a verdict with its reasons out (workflow: DESIGN.md §5.6).

Evidence in order: StudyInstanceUID; accession number with the patient. Whatever a PACS answers is compared again here,
value by value; a study that contradicts the order in patient is never linked by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What the RIS knows of a requested procedure. `patient_ids` are (issuer, value) of the patient's family.

    `order` tells procedures apart that share an accession number because their site shares it within an order.
    """

    key: int
    site_id: int
    study_instance_uid: str
    accession_number: str
    patient_ids: frozenset[tuple[str, str]]
    family_name: str
    birth_date: date | None
    modality: str
    order: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the archive says of a study. `family_name` is folded (no accents, lower case)."""

    study_instance_uid: str
    accession_number: str
    patient_id: str
    issuer: str
    family_name: str
    birth_date: date | None
    modalities: frozenset[str]
    linked: bool = False  # and the archive has said the same of the patient ever since


@dataclass(frozen=True, slots=True)
class Verdict:
    """`key` is the procedure to link, or None; `evidence` names the rule; `findings` say why, in words.

    `others` are procedures of the same order under the same accession number: the same images answer them too.
    """

    key: int | None
    evidence: str
    findings: tuple[str, ...]
    others: tuple[int, ...] = ()


def match(seen: Seen, candidates: Iterable[Candidate]) -> Verdict:
    """Find the one requested procedure that this study answers, with those that share its order and number."""
    known = list(candidates)
    findings: list[str] = []
    for rule, agrees in RULES:
        fitting = []
        for candidate in known:
            if not agrees(seen, candidate):
                continue
            contradictions = contradicts(seen, candidate)
            findings.extend(f"{rule}, but {why}" for why in contradictions)
            if not contradictions:
                fitting.append(candidate)
        if fitting and all(_shares_number(one, fitting[0]) for one in fitting):
            return Verdict(fitting[0].key, rule, (rule,), _sharing(seen, fitting[0], known))
        if fitting:
            return Verdict(None, "", (f"{rule} as {len(fitting)} orders: a person must choose",))
    return Verdict(None, "", tuple(findings) or ("no open order has this study's UID or accession number",))


def _shares_number(one: Candidate, other: Candidate) -> bool:
    """The same procedure, or one of the same order to which the site gave the same accession number."""
    return one.key == other.key or (bool(one.order) and _shared(one) == _shared(other))


def _shared(candidate: Candidate) -> tuple[int, str]:
    return candidate.order, candidate.accession_number


def _sharing(seen: Seen, found: Candidate, candidates: list[Candidate]) -> tuple[int, ...]:
    """The others of the order that this study answers too, unless something of it contradicts them."""
    others = [one for one in candidates if one.key != found.key and _shares_number(one, found)]
    return tuple(one.key for one in others if not contradicts(seen, one))


def same_uid(seen: Seen, candidate: Candidate) -> bool:
    return seen.study_instance_uid == candidate.study_instance_uid


def same_accession(seen: Seen, candidate: Candidate) -> bool:
    return bool(seen.accession_number) and seen.accession_number == candidate.accession_number


RULES = (("same StudyInstanceUID", same_uid), ("same accession number", same_accession))


def contradicts(seen: Seen, candidate: Candidate) -> list[str]:
    """Each way in which the study's patient is not the order's; a wrong patient is the worst bug.

    The person of a linked study was compared when it was linked: a name that the desk corrected since is no doubt.
    """
    found = []
    if not _same_patient_id(seen, candidate):
        found.append("the patient number differs")
    if not seen.linked:
        found += _unlike(seen, candidate)
    if seen.modalities and candidate.modality not in seen.modalities:
        found.append("the modality differs")
    return found


def _unlike(seen: Seen, candidate: Candidate) -> list[str]:
    found = []
    if seen.birth_date and candidate.birth_date and seen.birth_date != candidate.birth_date:
        found.append("the birth date differs")
    if seen.family_name and candidate.family_name and seen.family_name != candidate.family_name:
        found.append("the family name differs")
    return found


def _same_patient_id(seen: Seen, candidate: Candidate) -> bool:
    if seen.issuer:
        return (seen.issuer, seen.patient_id) in candidate.patient_ids
    return seen.patient_id in {value for _issuer, value in candidate.patient_ids}
