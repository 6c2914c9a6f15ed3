"""Appointment and Schedule; booking goes through the same action as the day board."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from ris.accounts.models import User
from ris.core.errors import InvalidInput
from ris.fhir.conditional import one_at_a_time, the_one
from ris.fhir.house import house
from ris.fhir.mapping.appointment import (
    STATUSES,
    AppointmentFacts,
    RoomFacts,
    appointment,
    schedule,
    slot_of_key,
)
from ris.fhir.mapping.asking import AskedAppointment, Misread, asked_appointment
from ris.fhir.mapping.datatypes import Json
from ris.fhir.resources.station import Made, RowStation
from ris.fhir.search.parameters import Code, Key, Moment, Named, Person, Reference
from ris.fhir.search.values import LARGEST_ID, Wrong, id_of
from ris.orders.models import RequestedProcedure
from ris.scheduling.actions import Slot, book
from ris.scheduling.lifecycle import APPOINTMENT
from ris.scheduling.models import Appointment, Resource, ScheduledProcedureStep


def facts_of(row: Appointment) -> AppointmentFacts:
    steps = list(row.steps.all())
    return AppointmentFacts(
        key=row.pk,
        state=row.state,
        patient=row.patient.current_id,
        room=(row.resource_id, row.resource.name),
        start=row.start,
        end=row.end,
        requests=list(dict.fromkeys(step.requested_procedure_id for step in steps)),
        exams=list(dict.fromkeys(step.description for step in steps)),
        cancel_reason=row.cancel_reason,
        placed_at=row.placed_at,
        wanted=min((moment for step in steps if (moment := _wanted(step))), default=None),
        holds=APPOINTMENT.within(row, "holding"),
    )


def _wanted(step: ScheduledProcedureStep) -> datetime | None:
    return step.requested_procedure.order.wanted_from


def written(rows: Iterable[Any], _user: User) -> list[Json]:
    return [appointment(facts_of(row), house()) for row in rows]


class Filled(Reference):
    """The Slot is a room and a span: what takes time of that room within it."""

    def one(self, text: str) -> Q:
        found = slot_of_key(id_of(self.name, text, self.targets, house().base))
        if found is None:
            raise Wrong(self.name, "The id of a Slot of this server is expected.")
        room, start, end = found
        return Q(resource=room, start__gte=start, end__lte=end, state__in=APPOINTMENT.groups["holding"])


def _room(system: str | None, value: str) -> Q:
    """As Schedule.actor has it: an identifier of our own system."""
    known = system in (None, house().system("room")) and value.isascii() and value.isdigit()
    return Q(pk=int(value)) if known and 0 < int(value[:20]) <= LARGEST_ID else Q(pk__in=[])


class AppointmentStation(RowStation):
    type = "Appointment"
    needs = "schedule.view"
    what = (
        "A patient's time in a room. Creating one books: `basedOn` names the ServiceRequest, `slot` a free Slot of the "
        "room; `start` and `end` may say which part of it, else the exam begins with the Slot and takes its usual time."
    )
    interactions = ("read", "search-type", "create")
    model = Appointment
    opened = "appointment.opened"
    parameters = (
        Key(name="_id", what="The id."),
        Person(name="patient", what="Whose time it is.", field="patient", element="participant.actor"),
        Person(name="actor", what="The same as patient.", field="patient", element="participant.actor"),
        Moment(name="date", what="When it begins.", field="start", sorts=("start",)),
        Code(
            name="status", what="State.", field="state", codes={code: [ours] for ours, code in STATUSES.items()},
            others=("proposed", "pending", "checked-in", "waitlist"),
        ),
        Reference(
            name="based-on", what="What is done then.", field="steps__requested_procedure",
            targets=("ServiceRequest",), element="basedOn",
        ),
        Filled(name="slot", what="Which Slot it fills, or fills a part of.", targets=("Slot",), element="slot"),
    )  # fmt: skip
    write = written

    def visible(self, user: User) -> models.QuerySet[Any]:
        return Appointment.objects.visible_to(user)

    def whole(self, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        asked = "requested_procedure__order"
        steps = ScheduledProcedureStep.objects.select_related(asked).order_by("pk")
        steps = steps.only("description", "requested_procedure", "appointment", f"{asked}__wanted_from")
        return rows.select_related("patient", "resource").prefetch_related(models.Prefetch("steps", steps)).distinct()

    @transaction.atomic
    def create(self, user: User, data: Any, condition: str) -> Made:
        """Raises Misread, NotPermitted, InvalidInput, Collision."""
        asked = asked_appointment(data)
        requests = _requests(asked, user)
        slot = _slot(asked, requests, user)
        with one_at_a_time("Appointment", condition, asked.requests):
            there = the_one(self, user, condition) or self._standing(user, requests, slot)
            if there:
                return Made(there, new=False)
            made = book(requests, slot=slot, by=user)
            return Made(self.some(user, [str(made.pk)])[0], new=True)

    def _standing(self, user: User, requests: list[RequestedProcedure], slot: Slot) -> Json | None:
        """The same exams booked there at that time already: asked for twice."""
        rows = self.visible(user).filter(resource=slot.resource, start=slot.start, end=slot.end)
        rows = rows.filter(state__in=APPOINTMENT.groups["coming"], steps__requested_procedure__in=requests)
        found = rows.values_list("pk", flat=True).first()
        return next(iter(self.some(user, [str(found)])), None) if found else None


def _requests(asked: AskedAppointment, user: User) -> list[RequestedProcedure]:
    rows = RequestedProcedure.objects.visible_to(user).filter(pk__in=asked.requests).order_by("pk")
    found = list(rows.select_related("procedure", "order__patient", "order__site"))
    if len(found) != len(set(asked.requests)):
        raise Misread({"basedOn": "There is no such ServiceRequest, or it is not yours to see."})
    people = {pk for row in found for pk in (row.order.patient_id, row.order.patient.current_id)}
    if asked.patient is not None and asked.patient not in people:
        raise Misread({"participant": "The ServiceRequest is for another patient."})
    return found


def _slot(asked: AskedAppointment, requests: list[RequestedProcedure], user: User) -> Slot:
    named = slot_of_key(asked.slot)
    rooms = Resource.objects.visible_to(user).filter(active=True).select_related("site")
    room = rooms.filter(pk=named[0]).first() if named else None
    if named is None or room is None:
        raise Misread({"slot": "There is no such Slot, or it is not yours to see."})
    _key, first, last = named
    start = asked.start or first
    minutes = _minutes(asked, start, sum(one.procedure.duration_minutes for one in requests))
    slot = Slot(resource=room, start=start, minutes=minutes)
    if start < first or slot.end > last:
        words = "The time is not within the Slot."
        raise InvalidInput(words, fields={"Appointment.start": words})
    return slot


def _minutes(asked: AskedAppointment, start: datetime, usual: int) -> int:
    return int((asked.end - start).total_seconds() // 60) if asked.end else usual


def room_facts(row: Resource) -> RoomFacts:
    return RoomFacts(key=row.pk, name=row.name, modality=row.modality, site=row.site.name, active=row.active)


def rooms_written(rows: Iterable[Any], _user: User) -> list[Json]:
    return [schedule(room_facts(row), house()) for row in rows]


class ScheduleStation(RowStation):
    type = "Schedule"
    needs = "schedule.view"
    what = "Rooms of your sites with their devices: what a Slot is of."
    model = Resource
    opened = ""
    parameters = (
        Key(name="_id", what="The id."),
        Code(name="active", what="Whether it is in use.", field="active", codes={"true": [True], "false": [False]}),
        Named(name="actor", what="The room, by its identifier: also as `actor:identifier`.", test=_room),
    )
    revincludes = ()
    write = rooms_written

    def visible(self, user: User) -> models.QuerySet[Any]:
        return Resource.objects.visible_to(user)

    def whole(self, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        return rows.select_related("site")

    def note(self, row: Any, user: User, options: Any) -> None:
        """A room is nobody's file."""
