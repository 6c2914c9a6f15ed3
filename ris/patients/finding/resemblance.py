"""Who may be registered already, said before somebody is registered twice.

Two kinds of answers, never mixed: records that are perhaps the same person, and people who only look alike: newborns
without a name, twins, strangers with one birthday and family name. The second kind is a warning to take care.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from django.utils import timezone

from ris.accounts.models import User
from ris.patients.finding.keys import day_key, words_of
from ris.patients.finding.likeness import kinship
from ris.patients.finding.query import Query
from ris.patients.finding.ranges import Prefix, patients_under
from ris.patients.finding.search import BORN_ROWS, PAGE, by_name
from ris.patients.finding.spelling import slips_between
from ris.patients.models import Patient, PatientQuerySet

NEWBORN_WORDS = frozenset({"baby", "newborn", "neonate", "twin", "triplet"})
NEWBORN_DAYS = 28
SAME, SIMILAR, RELATED = 0.95, 0.7, 0.9
MOST = 8


class Described(Protocol):
    """What is known of a person: PatientData, or a record."""

    @property
    def family_name(self) -> str: ...
    @property
    def given_name(self) -> str: ...
    @property
    def birth_date(self) -> date | None: ...
    @property
    def sex(self) -> str: ...
    @property
    def phone(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Match:
    """A record that resembles: how sure, in words (`weight` orders them), and why."""

    patient: Patient
    weight: int
    verdict: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resemblance:
    """`probable` may be the same person; `beware` are others who are easily taken for them."""

    probable: list[Match] = field(default_factory=list)
    beware: list[Match] = field(default_factory=list)

    @property
    def keys(self) -> list[int]:
        return sorted(match.patient.pk for match in [*self.probable, *self.beware])


def resembling(person: Described, user: User, *, besides: Iterable[int] = ()) -> Resemblance:
    """Records that the user may see and that resemble; unidentified people resemble nobody."""
    found = Resemblance()
    for other in _candidates(person, user).exclude(pk__in=besides):
        match = _probable(person, other)
        if match is not None:
            found.probable.append(match)
        elif (warning := _beware(person, other)) is not None:
            found.beware.append(warning)
    for matches in (found.probable, found.beware):
        matches.sort(key=lambda match: (-match.weight, match.patient.pk))
        del matches[MOST:]
    return found


def _candidates(person: Described, user: User) -> PatientQuerySet:
    """Born that day, or of nearly that name, at the user's sites."""
    sites = user.sites_where("patient.view")
    words = words_of([person.family_name, person.given_name])
    found: set[int] = set()
    if words:
        found |= set(by_name(Query("", (), tuple(words[:2]), ()), sites, PAGE))
    if person.birth_date is not None:
        found |= patients_under([Prefix(f"{day_key(person.birth_date)} ", BORN_ROWS)], sites)
    rows = Patient.objects.filter(pk__in=found, temporary=False, merged_into__isnull=True)
    return rows.prefetch_related("identifiers")


def _probable(person: Described, other: Patient) -> Match | None:
    if _is_newborn(person) or _is_newborn(other):
        return None
    family, given = _names(person, other)
    born, days = person.birth_date, other.birth_date
    same_day = born is not None and born == days
    if _contradict(person, other) and given < SAME:
        return None
    if same_day and min(family, given) >= SAME:
        return Match(
            other, 4, "Almost certainly the same person", _reasons(person, other, "same name and date of birth")
        )
    if same_day and min(family, given) >= SIMILAR / 1.4 and max(family, given) >= SIMILAR:
        return Match(other, 3, "Probably the same person", _reasons(person, other, "similar name, same date of birth"))
    if min(family, given) < SAME or not given:
        return None
    if born is None or days is None:
        return Match(
            other, 2, "Possibly the same person", _reasons(person, other, "same name; a date of birth is missing")
        )
    if _one_slip(born, days):
        reasons = _reasons(person, other, "same name; the dates of birth differ by one slip")
        return Match(other, 2, "Possibly the same person", reasons)
    return None


def _beware(person: Described, other: Patient) -> Match | None:
    if person.birth_date is None or person.birth_date != other.birth_date:
        return None
    family, _given = _names(person, other)
    newborn = _is_newborn(person) or _is_newborn(other)
    if newborn and family >= SIMILAR:
        return Match(other, 2, "A newborn of the same day", ("perhaps a twin: compare the mother and the wristband",))
    if family >= RELATED:
        return Match(other, 1, "Same family name and birthday, another person", ("perhaps a twin or sibling",))
    return None


def _names(person: Described, other: Patient) -> tuple[float, float]:
    """Likeness of the family names and of the given names; also when the two were put into each other's field."""
    straight = (_likeness(person.family_name, other.family_name), _likeness(person.given_name, other.given_name))
    turned = (_likeness(person.family_name, other.given_name), _likeness(person.given_name, other.family_name))
    return max(straight, turned, key=min)


def _likeness(one: str, other: str) -> float:
    """1 the same words in any order, 0 nothing alike; newborns' "Baby of" is left out."""
    words, others = (_telling(name) for name in (one, other))
    if not words or not others:
        return 0.5 if words != others else 1.0
    fewer, rest = sorted((words, others), key=len)
    return sum(max(max(kinship(word, own), kinship(own, word)) for own in rest) for word in fewer) / len(fewer)


def _telling(name: str) -> list[str]:
    return [word for word in words_of([name])[:3] if word not in NEWBORN_WORDS and word not in {"of", "boy", "girl"}]


def _is_newborn(person: Described) -> bool:
    """Named as one, or born within four weeks: two such records of one day and family may be twins."""
    if NEWBORN_WORDS & set(words_of([person.family_name, person.given_name])):
        return True
    born = person.birth_date
    return born is not None and 0 <= (timezone.localdate() - born).days <= NEWBORN_DAYS


def _contradict(person: Described, other: Patient) -> bool:
    return bool(person.sex and other.sex) and person.sex != other.sex


def _one_slip(born: date, other: date) -> bool:
    turned = (born.year, born.day, born.month) == (other.year, other.month, other.day)
    return turned or slips_between(day_key(born), day_key(other), most=1) == 1


def _reasons(person: Described, other: Patient, first: str) -> tuple[str, ...]:
    reasons = [first]
    if _contradict(person, other):
        reasons.append("but another sex")
    if person.phone and person.phone == other.phone:
        reasons.append("same phone")
    return tuple(reasons)
