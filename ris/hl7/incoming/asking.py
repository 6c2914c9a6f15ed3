"""Orders in a message: each ORC with its OBRs, as what is asked for (IHE RAD-2, RAD-3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from ris.hl7.er7.building import One
from ris.hl7.er7.errors import REQUIRED_FIELD_MISSING, SEGMENT_SEQUENCE, TABLE_VALUE_NOT_FOUND
from ris.hl7.er7.message import Segment
from ris.hl7.incoming.arrival import Arrival
from ris.hl7.incoming.fieldmap import Fields
from ris.hl7.incoming.keys import Number
from ris.hl7.incoming.outcomes import OrderAnswer, refused
from ris.hl7.incoming.staying import priority_in, stay_of, wanted_in
from ris.hl7.incoming.tables import SIDES
from ris.orders.actions import OrderDetails
from ris.orders.models import Order, Procedure, RequestedProcedure
from ris.patients.names import to_pn

REASON = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One order of a message. `fields` are all its segments, `parts` those of each OBR.

    `known_by` is the placer's number with its namespace, `sent_as` how ORC-2 has it.
    """

    control: str
    known_by: Number
    sent_as: One
    fields: Fields
    parts: tuple[Fields, ...]

    @property
    def placer(self) -> str:
        return self.known_by.value

    @property
    def filler(self) -> str:
        return self.fields.text("order.filler")

    def observing(self, other: Asked) -> Asked:
        """With the observations of `other` of which it has none itself."""
        own = {one.text(3) for one in self.fields.segments if one.name == "OBX"}
        more = [one for one in other.fields.segments if one.name == "OBX" and one.text(3) not in own]
        return replace(self, fields=self.fields.of(more, self.fields.segments))

    def answer(self, code: str, order: Order | None = None, *, why: str = "") -> OrderAnswer:
        """ORC of our answer, with our numbers where there is an order; `why` nothing was done."""
        if order is None:
            return OrderAnswer(code=code, placer=self.sent_as, filler=self.filler, why=why)
        rows = RequestedProcedure.objects.filter(order=order).select_related("procedure").order_by("pk")
        numbers = tuple((row.accession_number, row.procedure.code) for row in rows)
        return OrderAnswer(code=code, placer=self.sent_as, filler=order.filler_number, accessions=numbers)


def orders_of(arrival: Arrival) -> list[Asked]:
    """The orders; ORCs that follow each other with the same control and placer number are one of several procedures."""
    found: list[list[tuple[Segment, ...]]] = []
    for group in arrival.message.groups("ORC"):
        if found and _same(arrival, found[-1][0], group):
            found[-1].append(group)
        else:
            found.append([group])
    if not found:
        raise refused("There is no ORC: nothing is asked for.", code=SEGMENT_SEQUENCE, location="ORC^1")
    return [_asked(arrival, groups) for groups in found]


def _same(arrival: Arrival, before: tuple[Segment, ...], group: tuple[Segment, ...]) -> bool:
    one, other = (_number(arrival, arrival.over(segments)) for segments in (before, group))
    return before[0].text(1) == group[0].text(1) and one == other and one.value != ""


def _number(arrival: Arrival, fields: Fields) -> Number:
    """The placer's number; of a namespace that is not named, the sender's."""
    issuer = fields.text("order.placer-issuer") or arrival.sender.default_placer_issuer
    return Number(issuer[:64], fields.text("order.placer"))


def _asked(arrival: Arrival, groups: list[tuple[Segment, ...]]) -> Asked:
    visit = tuple(arrival.message.all("PV1"))
    parts = [arrival.over(part, _head(group), visit) for group in groups for part in _parts(group)]
    every = [segment for group in groups for segment in group]
    orc, fields = groups[0][0], arrival.over(every, visit)
    known_by = _number(arrival, fields)
    said = tuple(component[0] for component in orc.field(2)[0]) if orc.field(2) else ("",)
    sent_as = said if said[0].strip() == known_by.value else known_by.value
    return Asked(control=orc.text(1).upper(), known_by=known_by, sent_as=sent_as, fields=fields, parts=tuple(parts))


def _head(group: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """ORC and what stands before the first OBR."""
    first = next((place for place, segment in enumerate(group) if segment.name == "OBR"), len(group))
    return group[:first]


def _parts(group: tuple[Segment, ...]) -> list[tuple[Segment, ...]]:
    starts = [place for place, segment in enumerate(group) if segment.name == "OBR"]
    return [group[start:end] for start, end in pairwise([*starts, len(group)])]


def procedures_of(arrival: Arrival, asked: Asked) -> list[Procedure]:
    """What is to be done, of our catalogue. Raises Refused for what stands in no table."""
    if not asked.parts:
        raise refused("There is no OBR: what is to be done?", code=SEGMENT_SEQUENCE, location="OBR^1")
    return [procedure_of(arrival, part) for part in asked.parts]


def procedure_of(arrival: Arrival, part: Fields) -> Procedure:
    code, location = part.text("order.procedure"), part.location("order.procedure")
    if not code:
        raise refused("No procedure is named.", code=REQUIRED_FIELD_MISSING, location=location)
    ours = arrival.translated("procedure", code) or code
    found = Procedure.objects.filter(active=True, code=ours).first()
    if found is None and part.text("order.procedure-scheme") == "LN":
        found = Procedure.objects.filter(active=True, loinc_code=ours).order_by("pk").first()
    if found is None:
        words = f"This procedure is not in our catalogue. An administrator can translate it for {arrival.sender.name}."
        raise refused(words, code=TABLE_VALUE_NOT_FOUND, location=location)
    return found


def sides_of(arrival: Arrival, asked: Asked, procedures: list[Procedure]) -> list[str]:
    """The side of each procedure, in their order; empty where none is named, or it is no paired one."""
    return [
        arrival.code("side", side, SIDES, part.location("order.side"))
        if procedure.paired and (side := part.text("order.side"))
        else ""
        for procedure, part in zip(procedures, asked.parts, strict=True)
    ]


def sides_kept(procedures: list[Procedure], named: list[str], order: Order) -> list[str]:
    """The sides that are named, and the order's own where a change names none and there is no doubt which."""
    left = list(order.procedures.values_list("procedure_id", "laterality").order_by("pk"))
    pairs = [(procedure.pk, side) for procedure, side in zip(procedures, named, strict=True)]
    for pair in pairs:
        if pair in left:
            left.remove(pair)
    return [side or _side_left(key, pairs, left) for key, side in pairs]


def _side_left(key: int, pairs: list[tuple[int, str]], left: list[tuple[int, str]]) -> str:
    found = [side for one, side in left if one == key]
    return found[0] if len(found) == 1 and pairs.count((key, "")) == 1 else ""


def require_all_exams(asked: Asked, order: Order) -> None:
    """Raises Refused when fewer exams are named than the order has: what becomes of the others is not said."""
    if 0 < len(asked.parts) < order.procedures.count():
        words = "This order is of several exams, and fewer are named. Name all of them, or none to mean the order."
        raise refused(words, code=SEGMENT_SEQUENCE, location="OBR^1")


def changes_of(arrival: Arrival, asked: Asked) -> dict[str, Any]:
    """What the message says of the order's details; what it does not speak of is not in it."""
    changes: dict[str, Any] = wanted_in(arrival, asked.fields) | priority_in(arrival, asked.fields)
    reason, question = _joined(asked.fields.every("order.reason"), "; "), _question(asked)
    if reason is not None and len(reason) > REASON:
        question, reason = "\n".join(filter(None, (reason, question))), f"{reason[: REASON - 1]}…"
    if reason is not None:
        changes["reason"] = reason
    if question is not None:
        changes["clinical_question"] = question
    referrer = to_pn(
        asked.fields.text("referrer.family"),
        asked.fields.text("referrer.given"),
        "",
        asked.fields.text("referrer.prefix"),
    )
    return changes | stay_of(arrival, asked.fields) | ({"referrer_name": referrer[:64]} if referrer else {})


def _question(asked: Asked) -> str | None:
    """OBR-13 and all notes of the order, a line for each repetition."""
    said = asked.fields.every("order.question")
    notes = [line for segment in asked.fields.segments if segment.name == "NTE" for line in segment.texts(3)]
    return _joined(said if said is None and not notes else list(dict.fromkeys([*(said or []), *notes])), "\n")


def _joined(texts: list[str] | None, mark: str) -> str | None:
    """None says nothing, none of them says delete."""
    return None if texts is None else mark.join(texts)


def details_in(arrival: Arrival, asked: Asked) -> OrderDetails:
    """The details of a new order."""
    numbers: dict[str, Any] = {"placer_number": asked.placer, "placer_issuer": asked.known_by.issuer}
    return OrderDetails(**numbers, **changes_of(arrival, asked))
