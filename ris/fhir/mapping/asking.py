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
    if data.get("priority", "routine") not in OURS:
        raise Misread({"priority": f"One of {', '.join(OURS)}."})
    return AskedRequest(
        patient=_key(data.get("subject"), "Patient", "subject"),
        site=_site(data, house),
        codes=tuple(_codes(data, house)),
        placer=_placer(data, house),
        priority=OURS[data.get("priority", "routine")],
        reason="; ".join(_words(one) for one in _listed(data, "reasonCode")),
        question="\n".join(_text(one, "text") for one in _listed(data, "note")),
        referrer=_text(data.get("requester") or {}, "display"),
        side=_side(data),
        visit=_visit(data, house),
        wanted=_wanted(data),
    )


def asked_appointment(data: Any) -> AskedAppointment:
    """Raises Misread."""
    _require(data, "Appointment", {"status": {"booked"}})
    requests = tuple(_key(one, "ServiceRequest", "basedOn") for one in _listed(data, "basedOn"))
    slots = [_text(one, "reference").rpartition("/")[2] for one in _listed(data, "slot")]
    if not requests:
        raise Misread({"basedOn": "Name the ServiceRequest that is to be done then."})
    if len(slots) != 1 or not slots[0]:
        raise Misread({"slot": "Name one Slot: it says which room."})
    people = [one.get("actor") for one in _listed(data, "participant") if _is_patient(one.get("actor"))]
    return AskedAppointment(
        requests=requests,
        slot=slots[0],
        start=_moment(data, "start"),
        end=_moment(data, "end"),
        patient=_key(people[0], "Patient", "participant") if people else None,
    )


def _require(data: Any, kind: str, fixed: Mapping[str, set[str]]) -> None:
    if not isinstance(data, dict) or data.get("resourceType") != kind:
        raise Misread({"resourceType": f"A {kind} is expected here."})
    if refused := [name for name in MODIFIERS if data.get(name)]:
        raise Misread(dict.fromkeys(refused, "This changes the meaning, and we do not know how to keep it."))
    wrong = {name: f"Only {', '.join(good)} can be made." for name, good in fixed.items() if data.get(name) not in good}
    if wrong:
        raise Misread(wrong)


def _listed(data: Json, name: str) -> list[Json]:
    found = data.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Misread({name: "A list of objects is expected."})
    return found


def _text(data: Any, name: str) -> str:
    found = data.get(name, "") if isinstance(data, dict) else None
    if not isinstance(found, str):
        raise Misread({name: "A text is expected."})
    return found.strip()


def _key(data: Any, kind: str, name: str) -> int:
    found, _, key = _text(data or {}, "reference").rpartition("/")
    if not (found == kind or found.endswith(f"/{kind}")) or not (key.isascii() and key.isdigit() and len(key) < 19):
        raise Misread({name: f"A reference as {kind}/12 is expected."})
    return int(key)


def _is_patient(actor: Any) -> bool:
    return isinstance(actor, dict) and "Patient/" in str(actor.get("reference", ""))


def _moment(data: Json, name: str) -> datetime | None:
    text = _text(data, name)
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise Misread({name: "An instant is expected, as 2027-03-05T10:00:00+01:00."}) from None
    if found is not None and found.tzinfo is None:
        raise Misread({name: "Give the offset too, as in 2027-03-05T10:00:00+01:00."})
    return found


def _wanted(data: Json) -> datetime | None:
    """When it is wanted at the earliest: occurrence[x] as a dateTime, a Period's start, a Timing's first event."""
    period, timing = (data.get(f"occurrence{kind}") or {} for kind in ("Period", "Timing"))
    events = timing.get("event") if isinstance(timing, dict) else None
    said = {
        "occurrenceDateTime": data.get("occurrenceDateTime"),
        "occurrencePeriod": period.get("start") if isinstance(period, dict) else period,
        "occurrenceTiming": min(map(str, events)) if isinstance(events, list) and events else None,
    }
    return next((_date_time(text, name) for name, text in said.items() if text is not None), None)


def _date_time(text: object, name: str) -> datetime:
    """A dateTime (R4 §2.24.0.1): a year, month or day begins on the site's clock; a time has an offset."""
    found = DATE_TIME.fullmatch(text) if isinstance(text, str) else None
    fault = Misread({name: "A dateTime is expected, as 2027-03-05, or 2027-03-05T10:00:00+01:00."})
    if found is None:
        raise fault
    try:
        return datetime.fromisoformat(found[0] if found["time"] else f"{found[0]}-01-01"[:10])
    except ValueError:
        raise fault from None


def _site(data: Json, house: House) -> str:
    """The performer that is one of our sites."""
    for one in _listed(data, "performer"):
        named = one.get("identifier")
        if isinstance(named, dict) and named.get("system") == house.system("site"):
            return _text(named, "value")
    return ""


def _codes(data: Json, house: House) -> Iterator[tuple[str, str]]:
    """Our own code decides; LOINC helps where the catalogue has it once."""
    code = data.get("code")
    listed = _listed(code, "coding") if isinstance(code, dict) else []
    codings = [(_text(one, "system"), _text(one, "code")) for one in listed]
    known = [found for system in (house.system("procedure"), LOINC) for found in codings if found[0] == system]
    if not known:
        raise Misread({"code": f"A coding of {house.system('procedure')} or of LOINC is expected."})
    yield from known


def _placer(data: Json, house: House) -> Placer:
    """The number that is typed as the placer's, or is of our system of such numbers; else the first of theirs."""
    known = [one for one in _listed(data, "identifier") if _text(one, "value")]
    ways: tuple[Callable[[Json], bool], ...] = (
        lambda one: "PLAC" in _types(one),
        lambda one: _is_of(one, house.system("placer")),
        lambda one: not _types(one) & OUR_NUMBERS and not _is_of(one, f"{house.base}/sid", DICOM_UID),
    )
    found = next((one for way in ways for one in known if way(one)), None)
    if found is None:
        return Placer()
    return Placer(_text(found, "value"), issuer_in(house, "placer", _text(found, "system")))


def _types(number: Json) -> set[str]:
    """Its types of HL7 table 0203."""
    kind = number.get("type")
    return {_text(each, "code") for each in _listed(kind, "coding")} if isinstance(kind, dict) else set()


def _is_of(number: Json, *systems: str) -> bool:
    system = _text(number, "system")
    return any(system == one or system.startswith(f"{one}/") for one in systems)


def _visit(data: Json, house: House) -> Visit:
    """The number of the encounter: a logical reference; a literal one leads to another server, which is not asked."""
    named = data.get("encounter")
    found = named.get("identifier") if isinstance(named, dict) else None
    if found is None:
        return Visit()
    return visit_in(_text(found, "system"), _text(found, "value"), house)


def _words(concept: Json) -> str:
    """The text of a concept, else what its codes are called."""
    if text := _text(concept, "text"):
        return text
    return ", ".join(_text(one, "display") or _text(one, "code") for one in _listed(concept, "coding"))


def _side(data: Json) -> str:
    for one in _listed(data, "bodySite"):
        for each in _listed(one, "coding"):
            if each.get("code") in SIDE_CODES:
                return SIDE_CODES[each["code"]]
        words = _text(one, "text").casefold()
        for word, side in SIDES.items():
            if words == word or words.startswith(f"{word} "):
                return side
    return ""
