"""What others ask for: a ServiceRequest or an Appointment, read strictly as far as we act on it.

Elements that we do not keep are left out, as the answer shows; one that would change the meaning is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ris.fhir.mapping.datatypes import DICOM_UID, LOINC, House, Json, Placer, Visit, issuer_in, visit_in

OURS: Final = {"stat": "STAT", "urgent": "HIGH", "asap": "HIGH", "routine": "ROUTINE"}
SIDES: Final = {"right": "R", "left": "L", "both sides": "B", "bilateral": "B"}
# A side as SNOMED CT codes it (DICOM CID 244).
SIDE_CODES: Final = {"24028007": "R", "7771000": "L", "51440002": "B"}
DATE_TIME: Final = re.compile(
    r"[0-9]{4}(-[0-9]{2}(-[0-9]{2}(?P<time>T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2}))?)?)?"
)
# Of what is booked or wanted: another year is a mistake, and near the ends of the calendar zones cannot be told.
YEARS: Final = range(1900, 2200)
# Numbers that the filler gives out (HL7 table 0203): whoever sends them back names none of theirs.
OUR_NUMBERS: Final = frozenset({"FILL", "ACSN"})
MODIFIERS: Final = ("modifierExtension", "implicitRules", "doNotPerform", "asNeededBoolean", "asNeededCodeableConcept")


class Misread(Exception):
    """The resource cannot be used: `faults` names each element and what is wrong with it."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("The resource cannot be used.")
        self.faults = dict(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRequest:
    """`codes`: (system, code) of what is asked for, our own first; `site` is empty where none is named.

    `wanted` without a zone is of the site's clock.
    """

    patient: int
    site: str
    codes: tuple[tuple[str, str], ...]
    placer: Placer
    priority: str
    reason: str
    question: str
    referrer: str
    side: str
    visit: Visit
    wanted: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAppointment:
    requests: tuple[int, ...]
    slot: str
    start: datetime | None
    end: datetime | None
    patient: int | None


def asked_request(data: Any, house: House) -> AskedRequest:
    """Raises Misread."""
    _require(data, "ServiceRequest", {"status": {"active"}, "intent": {"order"}})
    priority = _text(data, "priority") or "routine"
    if priority not in OURS:
        raise Misread({"priority": f"One of {', '.join(OURS)}."})
    return AskedRequest(
        patient=_key(_part(data, "subject"), "Patient", "subject"),
        site=_site(data, house),
        codes=tuple(_codes(data, house)),
        placer=_placer(data, house),
        priority=OURS[priority],
        reason="; ".join(_words(one, "reasonCode") for one in _listed(data, "reasonCode")),
        question="\n".join(_text(one, "text", "note") for one in _listed(data, "note")),
        referrer=_text(_part(data, "requester"), "display", "requester"),
        side=_side(data),
        visit=_visit(data, house),
        wanted=_wanted(data),
    )


def asked_appointment(data: Any) -> AskedAppointment:
    """Raises Misread."""
    _require(data, "Appointment", {"status": {"booked"}})
    requests = tuple(_key(one, "ServiceRequest", "basedOn") for one in _listed(data, "basedOn"))
    slots = [_text(one, "reference", "slot").rpartition("/")[2] for one in _listed(data, "slot")]
    if not requests:
        raise Misread({"basedOn": "Name the ServiceRequest that is to be done then."})
    if len(slots) != 1 or not slots[0]:
        raise Misread({"slot": "Name one Slot: it says which room."})
    actors = [_part(one, "actor", "participant") for one in _listed(data, "participant")]
    people = [one for one in actors if "Patient/" in _text(one, "reference", "participant.actor")]
    return AskedAppointment(
        requests=requests,
        slot=slots[0],
        start=_moment(data, "start"),
        end=_moment(data, "end"),
        patient=_key(people[0], "Patient", "participant.actor") if people else None,
    )


def _require(data: Any, kind: str, fixed: Mapping[str, set[str]]) -> None:
    if not isinstance(data, dict) or data.get("resourceType") != kind:
        raise Misread({"resourceType": f"A {kind} is expected here."})
    if refused := [name for name in MODIFIERS if data.get(name)]:
        raise Misread(dict.fromkeys(refused, "This changes the meaning, and we do not know how to keep it."))
    wrong = {name: f"Only {', '.join(good)} can be made." for name, good in fixed.items() if _other(data, name, good)}
    if wrong:
        raise Misread(wrong)


def _other(data: Json, name: str, good: set[str]) -> bool:
    found = data.get(name)
    return not isinstance(found, str) or found not in good


def _listed(data: Json, name: str, within: str = "") -> list[Json]:
    """`within`: where `data` stands, as the fault names it; the same below."""
    found = data.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Misread({_path(within, name): "A list of objects is expected."})
    return found


def _part(data: Json, name: str, within: str = "") -> Json:
    """An element that has elements; empty where it is not there."""
    found = data.get(name)
    if found is not None and not isinstance(found, dict):
        raise Misread({_path(within, name): "An object is expected."})
    return found or {}


def _text(data: Json, name: str, within: str = "") -> str:
    found = data.get(name)
    if found is not None and not isinstance(found, str):
        raise Misread({_path(within, name): "A text is expected."})
    return (found or "").strip()


def _texts(data: Json, name: str, within: str) -> list[str]:
    found = data.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise Misread({_path(within, name): "A list of texts is expected."})
    return found


def _path(within: str, name: str) -> str:
    return f"{within}.{name}" if within else name


def _key(data: Json, kind: str, name: str) -> int:
    found, _, key = _text(data, "reference", name).rpartition("/")
    if not (found == kind or found.endswith(f"/{kind}")) or not (key.isascii() and key.isdigit() and len(key) < 19):
        raise Misread({name: f"A reference as {kind}/12 is expected."})
    return int(key)


def _moment(data: Json, name: str) -> datetime | None:
    text = _text(data, name)
    try:
        found = _of_this_age(datetime.fromisoformat(text)) if text else None
    except ValueError:
        raise Misread({name: "An instant is expected, as 2027-03-05T10:00:00+01:00."}) from None
    if found is not None and found.tzinfo is None:
        raise Misread({name: "Give the offset too, as in 2027-03-05T10:00:00+01:00."})
    return found


def _of_this_age(moment: datetime) -> datetime:
    """Raises ValueError for one that no calendar of another zone may have."""
    if moment.year not in YEARS:
        raise ValueError(moment.year)
    return moment


def _wanted(data: Json) -> datetime | None:
    """When it is wanted at the earliest: occurrence[x] as a dateTime, a Period's start, a Timing's first event."""
    period, timing = _part(data, "occurrencePeriod"), _part(data, "occurrenceTiming")
    events = _texts(timing, "event", "occurrenceTiming")
    said = {
        "occurrenceDateTime": data.get("occurrenceDateTime"),
        "occurrencePeriod.start": period.get("start"),
        "occurrenceTiming.event": min(events, default=None),
    }
    return next((_date_time(text, name) for name, text in said.items() if text is not None), None)


def _date_time(text: object, name: str) -> datetime:
    """A dateTime (R4 §2.24.0.1): a year, month or day begins on the site's clock; a time has an offset."""
    found = DATE_TIME.fullmatch(text) if isinstance(text, str) else None
    fault = Misread({name: "A dateTime is expected, as 2027-03-05, or 2027-03-05T10:00:00+01:00."})
    if found is None:
        raise fault
    try:
        return _of_this_age(datetime.fromisoformat(found[0] if found["time"] else f"{found[0]}-01-01"[:10]))
    except ValueError:
        raise fault from None


def _site(data: Json, house: House) -> str:
    """The performer that is one of our sites."""
    for one in _listed(data, "performer"):
        named = _part(one, "identifier", "performer")
        if named.get("system") == house.system("site"):
            return _text(named, "value", "performer.identifier")
    return ""


def _codes(data: Json, house: House) -> Iterator[tuple[str, str]]:
    """Our own code decides; LOINC helps where the catalogue has it once."""
    where = "code.coding"
    listed = _listed(_part(data, "code"), "coding", "code")
    codings = [(_text(one, "system", where), _text(one, "code", where)) for one in listed]
    known = [found for system in (house.system("procedure"), LOINC) for found in codings if found[0] == system]
    if not known:
        raise Misread({"code": f"A coding of {house.system('procedure')} or of LOINC is expected."})
    yield from known


def _placer(data: Json, house: House) -> Placer:
    """The number that is typed as the placer's, or is of our system of such numbers; else the first of theirs."""
    known = [one for one in _listed(data, "identifier") if _text(one, "value", "identifier")]
    ways: tuple[Callable[[Json], bool], ...] = (
        lambda one: "PLAC" in _types(one),
        lambda one: _is_of(one, house.system("placer")),
        lambda one: not _types(one) & OUR_NUMBERS and not _is_of(one, f"{house.base}/sid", DICOM_UID),
    )
    found = next((one for way in ways for one in known if way(one)), None)
    if found is None:
        return Placer()
    return Placer(_text(found, "value"), issuer_in(house, "placer", _text(found, "system", "identifier")))


def _types(number: Json) -> set[str]:
    """Its types of HL7 table 0203."""
    listed = _listed(_part(number, "type", "identifier"), "coding", "identifier.type")
    return {_text(each, "code", "identifier.type.coding") for each in listed}


def _is_of(number: Json, *systems: str) -> bool:
    system = _text(number, "system", "identifier")
    return any(system == one or system.startswith(f"{one}/") for one in systems)


def _visit(data: Json, house: House) -> Visit:
    """The number of the encounter: a logical reference; a literal one leads to another server, which is not asked."""
    found, where = _part(_part(data, "encounter"), "identifier", "encounter"), "encounter.identifier"
    if not found:
        return Visit()
    return visit_in(_text(found, "system", where), _text(found, "value", where), house)


def _words(concept: Json, where: str) -> str:
    """The text of a concept, else what its codes are called."""
    if text := _text(concept, "text", where):
        return text
    below = f"{where}.coding"
    listed = _listed(concept, "coding", where)
    return ", ".join(_text(one, "display", below) or _text(one, "code", below) for one in listed)


def _side(data: Json) -> str:
    for one in _listed(data, "bodySite"):
        for each in _listed(one, "coding", "bodySite"):
            if (code := _text(each, "code", "bodySite.coding")) in SIDE_CODES:
                return SIDE_CODES[code]
        words = _text(one, "text", "bodySite").casefold()
        for word, side in SIDES.items():
            if words == word or words.startswith(f"{word} "):
                return side
    return ""
