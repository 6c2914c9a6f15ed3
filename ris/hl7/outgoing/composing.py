"""An event becomes messages: one row for each destination that is to hear of it, in one transaction, once."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from reporting.models import ReportVersion
from ris.core.identifiers import uid
from ris.events.errors import DeliveryError
from ris.events.models import Event
from ris.hl7.er7.building import timestamp
from ris.hl7.er7.errors import Unwritable
from ris.hl7.outgoing import assigned, facts, visits
from ris.hl7.outgoing.draft import Draft
from ris.hl7.outgoing.late import REFUSED_LATE, refusals
from ris.hl7.outgoing.late_visits import VISIT_REFUSED, refused_visits
from ris.hl7.outgoing.messages import orders, oru, siu
from ris.hl7.outgoing.messages.finished import Envelope, finished
from ris.hl7.outgoing.messages.parts import Person
from ris.hl7.outgoing.messages.tables import (
    APPOINTMENT_NEWS,
    ORDER_NEWS,
    REPLACED,
    REPORT_EVENTS,
    UNFINISHED,
    OrderNews,
)
from ris.hl7.outgoing.models import NOBODY, Destination, OutgoingMessage
from ris.hl7.outgoing.replacing import replacements
from ris.orders.lifecycle import ORDER
from ris.orders.models import RequestedProcedure
from ris.scheduling.lifecycle import STEP
from ris.scheduling.models import Appointment

log = logging.getLogger(__name__)

EVENTS = tuple(dict.fromkeys([*REPORT_EVENTS, *ORDER_NEWS, REPLACED, *APPOINTMENT_NEWS, REFUSED_LATE, VISIT_REFUSED]))


def compose(event: Event) -> None:
    """Write what each destination of the event's site is to be told. Runs as often as one likes; writes once.

    For one that is switched off it is written too, and waits; for one that is closed nothing is.
    """
    for destination in Destination.objects.filter(site=event.site_id, closed=False).select_related("site"):
        try:
            _compose_for(destination, event)
        except (LookupError, TypeError, ValueError) as error:
            log.exception("event %s cannot be written for destination %s", event.pk, destination.pk)
            said = f"No message could be written for {destination}: {type(error).__name__}."
            raise DeliveryError(said, permanent=True) from error


@transaction.atomic
def _compose_for(destination: Destination, event: Event) -> None:
    for draft in drafts(destination, event):
        control_id = control_id_of(destination, event, draft)
        if not OutgoingMessage.objects.filter(control_id=control_id).exists():
            _keep(destination, event, draft, control_id)


def _keep(destination: Destination, event: Event, draft: Draft, control_id: str) -> OutgoingMessage:
    """A message that cannot be written in the destination's character set is kept too, parked, so that it is seen."""
    body, state, error = b"", "queued", ""
    try:
        body = written(destination, draft, control_id)
    except Unwritable as problem:
        state, error = "parked", str(problem)
        log.warning("message %s cannot be written for destination %s", control_id, destination.pk)
    return OutgoingMessage.objects.create(
        destination=destination,
        event=event,
        kind=draft.kind,
        trigger=draft.trigger,
        subject=draft.subject,
        patient_id=draft.patient.current.pk if draft.patient else NOBODY,
        person=facts.kept(draft.person),
        control_id=control_id,
        body=body,
        charset=destination.charset,
        state=state,
        last_error=error,
        next_at=timezone.now(),
    )


def written(destination: Destination, draft: Draft, control_id: str) -> bytes:
    """The bytes of a draft. Raises Unwritable."""
    envelope = Envelope(
        sending=(destination.sending_application, destination.sending_facility),
        receiving=(destination.receiving_application, destination.receiving_facility),
        charset=destination.charset,
        processing=destination.processing,
    )
    at = timezone.now().astimezone(destination.site.zone)
    return finished(draft.trigger, draft.segments, envelope, control_id=control_id, at=at)


def control_id_of(destination: Destination, event: Event, draft: Draft) -> str:
    """MSH-10, at most 20 characters (§2.15.9.10): of installation, destination, event and exam, always the same."""
    number = int(
        uid("hl7-message", destination.pk, event.pk, draft.kind, draft.key or draft.subject).rpartition(".")[2]
    )
    return "I" + base64.b32encode(number.to_bytes(16, "big")).decode("ascii")[:19]


def drafts(destination: Destination, event: Event) -> Iterator[Draft]:
    """What this destination is to be told of this event."""
    for kind, tell in TELLERS:
        if destination.wants(kind):
            yield from tell(destination, event)


def _report(destination: Destination, event: Event) -> Iterator[Draft]:
    """One ORU for each accession number that the version answers."""
    if event.kind not in REPORT_EVENTS:
        return
    version = ReportVersion.objects.select_related("report__task__patient", "report__site").get(
        pk=event.payload["version_id"]
    )
    if version.kind == "preliminary" and not destination.preliminary:
        return
    said = facts.said_in(version, with_pdf=destination.pdf)
    patient = version.report.task.patient
    for accession, exams in facts.exams_of(version).items():
        person: Person | None = facts.person_of(patient, version.report.site)
        if version.kind == "withdrawal":
            person = _sent_for(destination, version, accession)
        if person is not None:
            segments = oru.report(person, exams, said)
            yield Draft("report", "ORU^R01", accession, patient, person, segments)


def _sent_for(destination: Destination, version: ReportVersion, accession: str) -> Person | None:
    """A withdrawal names the patient as the report did that it takes back; who never got that hears nothing."""
    earlier = OutgoingMessage.objects.filter(
        destination=destination, kind="report", subject=accession, event__target_id=str(version.report_id)
    )
    last = earlier.order_by("event_id").last()
    return Person(**last.person) if last else None


def _order(destination: Destination, event: Event) -> Iterator[Draft]:
    """One status message for each requested procedure that the event is about; none to who did it."""
    if event.kind not in ORDER_NEWS or (event.kind == assigned.ASKED and not destination.department_orders):
        return
    if visits.did_itself(destination, event):
        return
    for requested in _procedures(event):
        news = _news(event, requested)
        if news is None:
            continue
        order, at = requested.order, timestamp(event.at.astimezone(destination.site.zone))
        person = facts.person_of(order.patient, order.site)
        segments = orders.status(destination.order_form, person, facts.exam_of(requested), news, at)
        accession, key = requested.accession_number, str(requested.pk)
        yield Draft("order", destination.order_form, accession, order.patient, person, segments, key)


def _news(event: Event, requested: RequestedProcedure) -> OrderNews | None:
    """What to tell; None when another event tells more: a cancelled order needs no "waits for a new time".

    An order that came with a placer's number is known there.
    """
    news = ORDER_NEWS[event.kind]
    if event.kind == assigned.ASKED and requested.order.placer_number:
        return None
    if event.kind == "appointment.cancelled" and requested.order.state not in ORDER.groups["bookable"]:
        return None
    if event.kind == "step.completed":
        live = requested.steps.filter(state__in=STEP.groups["live"])
        return UNFINISHED if live.exists() else news
    return news


def _procedures(event: Event) -> list[RequestedProcedure]:
    rows = RequestedProcedure.objects.select_related("order__patient", "order__site", "order__referrer", "procedure")
    return list(rows.filter(**PROCEDURES[event.kind.partition(".")[0]](event)).distinct().order_by("pk"))


def _of_order(event: Event) -> dict[str, Any]:
    return {"order": event.target_id}


def _of_step(event: Event) -> dict[str, Any]:
    return {"steps": event.target_id}


def _of_appointment(event: Event) -> dict[str, Any]:
    """Those that are done in it; of one that is cancelled by now those that were."""
    of_it = Event.objects.filter(target_kind=event.target_kind, target_id=event.target_id)
    ended = of_it.filter(kind="appointment.cancelled").order_by("-pk").first()
    if ended is not None and ended.payload.get("procedures"):
        return {"pk__in": ended.payload["procedures"]}
    return {"steps__appointment": event.target_id}


PROCEDURES: dict[str, Callable[[Event], dict[str, Any]]] = {
    "order": _of_order,
    "step": _of_step,
    "appointment": _of_appointment,
}


def _appointment(destination: Destination, event: Event) -> Iterator[Draft]:
    if event.kind not in APPOINTMENT_NEWS or visits.did_itself(destination, event):
        return
    news = APPOINTMENT_NEWS[event.kind]
    rows = Appointment.objects.select_related("patient", "site", "resource")
    appointment = rows.get(pk=event.target_id)
    exams = [facts.exam_of(requested) for requested in _procedures(event)]
    if not exams:
        return
    placer = visits.own_number(destination, appointment)
    visit = facts.visit_of(appointment, exams, news.status, placer=placer)
    person = facts.person_of(appointment.patient, appointment.site)
    yield Draft(
        "appointment", f"SIU^{news.event}", visit.number, appointment.patient, person, siu.schedule(person, visit)
    )


Teller = Callable[[Destination, Event], Iterator[Draft]]
TELLERS: Final[tuple[tuple[str, Teller], ...]] = (
    ("report", _report),
    ("order", _order),
    ("order", replacements),
    ("order", refusals),
    ("appointment", _appointment),
    ("appointment", refused_visits),
)
