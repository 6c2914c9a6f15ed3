"""Does this study answer that order? Pure: rows in, a verdict with its reasons out (workflow: DESIGN.md §5.6).

Two tables decide. `ASPECTS` says what is compared, and which difference speaks against an order; `RULES` says, in
order, which equal aspects are evidence: the StudyInstanceUID, the accession number of its issuer, and, as a suggestion
to a person only, patient with day and modality. Whatever a PACS answers is compared again here, value by value; a study
that contradicts the order in patient is never linked by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

SAME, DIFFERS, UNKNOWN = "same", "differs", "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What the RIS knows of a requested procedure. `patient_ids` are (issuer, value) of the patient's family.

    `order` tells procedures apart that share an accession number because their site shares it within an order; `days`
    are those for which the exam is planned or on which it was done, at its site.
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
    accession_issuer: str = ""
    days: frozenset[date] = frozenset()


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
    accession_issuer: str = ""
    day: date | None = None
    linked: bool = False  # and the archive has said the same of the patient ever since


@dataclass(frozen=True, slots=True)
class Verdict:
    """`key` is the procedure to link, or None; `evidence` names the rule; `findings` say why, in words.

    `others` are procedures of the same order under the same accession number: the same images answer them too. `doubt`
    says why a person is needed: "mismatch", "ambiguous", "nothing", or "" when none is.
    """

    key: int | None
    evidence: str
    findings: tuple[str, ...]
    others: tuple[int, ...] = ()
    doubt: str = ""


def _study(seen: Seen, candidate: Candidate) -> str:
    return _equal(seen.study_instance_uid, candidate.study_instance_uid)


def _accession(seen: Seen, candidate: Candidate) -> str:
    """Two issuers may give the same number; it is the same only where they are not known to be two."""
    if _accession_issuer(seen, candidate) == DIFFERS:
        return DIFFERS
    return _equal(seen.accession_number, candidate.accession_number)


def _accession_issuer(seen: Seen, candidate: Candidate) -> str:
    """Of equal numbers only: what issues other numbers tells nothing."""
    if not seen.accession_number or seen.accession_number != candidate.accession_number:
        return UNKNOWN
    return _equal(seen.accession_issuer, candidate.accession_issuer)


def _number(seen: Seen, candidate: Candidate) -> str:
    """A study without a patient number is nobody's: that differs too."""
    if seen.issuer:
        found = (seen.issuer, seen.patient_id) in candidate.patient_ids
    else:
        found = seen.patient_id in {value for _issuer, value in candidate.patient_ids}
    return SAME if found and seen.patient_id else DIFFERS


def _name(seen: Seen, candidate: Candidate) -> str:
    return _equal(seen.family_name, candidate.family_name)


def _born(seen: Seen, candidate: Candidate) -> str:
    return _equal(seen.birth_date, candidate.birth_date)


def _modality(seen: Seen, candidate: Candidate) -> str:
    if not seen.modalities or not candidate.modality:
        return UNKNOWN
    return SAME if candidate.modality in seen.modalities else DIFFERS


def _day(seen: Seen, candidate: Candidate) -> str:
    if seen.day is None or not candidate.days:
        return UNKNOWN
    return SAME if seen.day in candidate.days else DIFFERS


def _equal(one: object, other: object) -> str:
    if not one or not other:
        return UNKNOWN
    return SAME if one == other else DIFFERS


@dataclass(frozen=True, slots=True)
class Aspect:
    """One thing that is compared. `against` says how its difference speaks against an order, "" when it does not.

    `points` are what its agreement is worth to a person who chooses, `lost` what its difference takes. A `person`
    aspect was compared when a study was linked: what the desk corrects since is no doubt.
    """

    key: str
    label: str
    compare: Callable[[Seen, Candidate], str]
    points: int
    lost: int
    against: str = ""
    person: bool = False


ASPECTS: Final = (
    # Devices make UIDs of their own: another one is no sign of another exam.
    Aspect("study", "StudyInstanceUID", _study, 40, 0),
    Aspect("accession", "Accession number", _accession, 40, 20),
    Aspect("issuer", "Issuer of the number", _accession_issuer, 0, 20, "the issuer of the accession number differs"),
    Aspect("number", "Patient number", _number, 40, 40, "the patient number differs"),
    Aspect("born", "Birth date", _born, 20, 20, "the birth date differs", person=True),
    Aspect("name", "Family name", _name, 20, 20, "the family name differs", person=True),
    Aspect("modality", "Modality", _modality, 10, 20, "the modality differs"),
    Aspect("day", "Day", _day, 10, 5),
)
MOST: Final = sum(aspect.points for aspect in ASPECTS)
OTHER_PATIENT: Final = frozenset({"the patient number differs"})
"""With this difference the archive itself says that the images are somebody else's."""
SAME_NUMBER: Final = frozenset(aspect.against for aspect in ASPECTS if aspect.person)
"""With these it calls the person of the same number otherwise: who links them corrects what it says."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Evidence: the aspects that must be the same. Without `links` it is only told to the person who chooses."""

    words: str
    needs: tuple[str, ...]
    links: bool


SAME_UID: Final = "same StudyInstanceUID"
RULES: Final = (
    Rule(SAME_UID, ("study",), links=True),
    Rule("same accession number", ("accession",), links=True),
    Rule("same patient, day and modality", ("number", "day", "modality"), links=False),
)
NOTHING: Final = "no open order has this study's UID or accession number"


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate for a person to choose: `score` is 0 to 100, `compared` has SAME, DIFFERS or UNKNOWN by aspect."""

    key: int
    score: int
    evidence: str
    reasons: tuple[str, ...]
    against: tuple[str, ...]
    compared: Mapping[str, str]


def match(seen: Seen, candidates: Iterable[Candidate]) -> Verdict:
    """Find the one requested procedure that this study answers, with those that share its order and number."""
    known = list(candidates)
    findings: list[str] = []
    for rule in RULES:
        if not rule.links:
            continue
        meant = [one for one in known if _holds(rule, compared(seen, one))]
        findings += [f"{rule.words}, but {why}" for one in meant for why in contradicts(seen, one)]
        fitting = [one for one in meant if not contradicts(seen, one)]
        if fitting and all(_shares_number(one, fitting[0]) for one in fitting):
            return Verdict(fitting[0].key, rule.words, (rule.words,), _sharing(seen, fitting[0], known))
        if fitting:
            words = f"{rule.words} as {len(fitting)} orders: a person must choose"
            return Verdict(None, "", (words,), doubt="ambiguous")
    suggested = _suggested(seen, known)
    if findings:
        return Verdict(None, "", (*findings, *suggested), doubt="mismatch")
    return Verdict(None, "", suggested or (_without(seen, known),), doubt="nothing")


def _without(seen: Seen, known: list[Candidate]) -> str:
    strange = any(_accession_issuer(seen, one) == DIFFERS for one in known)
    return "same accession number, but of another issuer" if strange else NOTHING


def _suggested(seen: Seen, known: list[Candidate]) -> tuple[str, ...]:
    """What the rules that do not link found, of candidates that nothing speaks against."""
    free = [one for one in known if not contradicts(seen, one)]
    return tuple(
        f"{rule.words} as {one.accession_number}: a person must confirm"
        for rule in RULES
        if not rule.links
        for one in sorted(free, key=lambda one: one.key)
        if _holds(rule, compared(seen, one))
    )


def scored(seen: Seen, candidates: Iterable[Candidate]) -> list[Scored]:
    """The candidates for a person, best first; equal ones by their keys."""
    return sorted((_score(seen, one) for one in candidates), key=lambda one: (-one.score, one.key))


def _score(seen: Seen, candidate: Candidate) -> Scored:
    """The share of all that could agree; what is not told gives nothing and takes nothing."""
    found = compared(seen, candidate)
    rules = tuple(rule.words for rule in RULES if _holds(rule, found))
    won = sum(one.points for one in ASPECTS if found[one.key] == SAME)
    won -= sum(one.lost for one in ASPECTS if found[one.key] == DIFFERS)
    against = tuple(contradicts(seen, candidate))
    return Scored(candidate.key, max(0, round(100 * won / MOST)), rules[0] if rules else "", rules, against, found)


def compared(seen: Seen, candidate: Candidate) -> dict[str, str]:
    """SAME, DIFFERS or UNKNOWN by the key of each aspect."""
    return {aspect.key: aspect.compare(seen, candidate) for aspect in ASPECTS}


def contradicts(seen: Seen, candidate: Candidate) -> list[str]:
    """Each way in which the study is not the order's; a wrong patient is the worst bug."""
    return [
        aspect.against
        for aspect in ASPECTS
        if aspect.against and not (aspect.person and seen.linked) and aspect.compare(seen, candidate) == DIFFERS
    ]


def _holds(rule: Rule, found: Mapping[str, str]) -> bool:
    return all(found[key] == SAME for key in rule.needs)


def _shares_number(one: Candidate, other: Candidate) -> bool:
    """The same procedure, or one of the same order to which the site gave the same accession number."""
    return one.key == other.key or (bool(one.order) and _shared(one) == _shared(other))


def _shared(candidate: Candidate) -> tuple[int, str]:
    return candidate.order, candidate.accession_number


def _sharing(seen: Seen, found: Candidate, candidates: list[Candidate]) -> tuple[int, ...]:
    """The others of the order that this study answers too, unless something of it contradicts them."""
    others = [one for one in candidates if one.key != found.key and _shares_number(one, found)]
    return tuple(one.key for one in others if not contradicts(seen, one))
