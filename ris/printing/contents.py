"""From rows of the database to what stands on a paper."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ris.accounts.models import Site
from ris.core.errors import InvalidInput
from ris.core.phrases import Phrases
from ris.notifications.languages import dated, phrases_of
from ris.notifications.models import policy_of
from ris.orders.models import Order, RequestedProcedure
from ris.orders.told import told_in
from ris.patients.models import Patient
from ris.printing.models import Stationery
from ris.printing.papers import Band, Exam, Person, Slip, Tag
from ris.scheduling.invitations import language_of
from ris.scheduling.lifecycle import APPOINTMENT
from ris.scheduling.models import Appointment, ScheduledProcedureStep

Content = Slip | Tag | Band
NAMED = 5


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper to print, and the order that it belongs to."""

    kind: str
    content: Content
    order: Order

    @property
    def fingerprint(self) -> str:
        """The same for two papers that say the same."""
        return hashlib.sha256(f"{self.kind} {self.order.pk} {self.content!r}".encode()).hexdigest()


def stationery_of(site: Site) -> Stationery:
    return Stationery.objects.filter(site=site).first() or Stationery(site=site)


def of_appointment(kind: str, appointment: Appointment) -> list[Paper]:
    """The slip, the labels of all its exams, or one wristband. Raises InvalidInput where nobody will come."""
    requested = _requested_of(appointment)
    if not requested or not APPOINTMENT.within(appointment, "holding"):
        raise InvalidInput("This appointment does not stand any more: there is nothing to print for it.")
    if not appointment.is_of_one_person:
        raise InvalidInput(
            "The exams of this appointment are of two people since their records were parted: cancel it."
        )
    if kind == "slip":
        return [Paper(kind, _slip(appointment, requested), requested[0].order)]
    if kind == "label":
        return [_label(item, appointment.start) for item in requested]
    return [_wristband(requested[0].order, appointment.start)]


def of_appointments(kind: str, appointments: Iterable[Appointment]) -> list[Paper]:
    """The papers of many. Raises InvalidInput that names everybody for whom nothing can be printed, and why."""
    papers, faults = [], []
    for appointment in appointments:
        try:
            papers += of_appointment(kind, appointment)
        except InvalidInput as fault:
            local = appointment.start.astimezone(appointment.site.zone)
            faults.append(f"{local:%H:%M} {appointment.patient.current.display_name}: {fault.message}")
    if faults:
        raise InvalidInput(f"Nothing was printed. Take the tick away and print the others. {_listed(faults)}")
    return papers


def _listed(faults: list[str]) -> str:
    more = f" And {len(faults) - NAMED} more." if len(faults) > NAMED else ""
    return " ".join(faults[:NAMED]) + more


def of_order(kind: str, order: Order) -> list[Paper]:
    """The labels of all exams of an order, or one wristband; when they are booked the paper says for when."""
    if kind == "slip":
        raise InvalidInput("A slip belongs to an appointment. Book the exam first.")
    starts = _starts_of(order)
    if kind == "label":
        return [_label(item, starts.get(item.pk)) for item in _with_exam(order.procedures.all())]
    return [_wristband(order, min(starts.values(), default=None))]


def _requested_of(appointment: Appointment) -> list[RequestedProcedure]:
    return _with_exam(RequestedProcedure.objects.filter(steps__appointment=appointment).distinct())


def _with_exam(rows: Iterable[RequestedProcedure]) -> list[RequestedProcedure]:
    found = RequestedProcedure.objects.filter(pk__in=[row.pk for row in rows])
    return list(found.select_related("procedure", "order__site", "order__patient__merged_into").order_by("pk"))


def _starts_of(order: Order) -> dict[int, datetime]:
    steps = ScheduledProcedureStep.objects.filter(requested_procedure__order=order, start__isnull=False)
    held = steps.filter(appointment__state__in=APPOINTMENT.groups["holding"])
    return {step.requested_procedure_id: step.start for step in held.order_by("-start") if step.start}


def person_of(patient: Patient, site: Site) -> Person:
    patient = patient.current
    number = patient.identifier_at(site)
    return Person(
        name=patient.display_name,
        other_script=patient.ideographic.replace("^", " "),
        birth_date=patient.birth_date.isoformat() if patient.birth_date else "",
        sex=patient.sex,
        number=number.value if number else "",
    )


def _slip(appointment: Appointment, requested: list[RequestedProcedure]) -> Slip:
    site, local = appointment.site, appointment.start.astimezone(appointment.site.zone)
    language = language_of(appointment.patient, policy_of(site))
    phrases = phrases_of(language)
    return Slip(
        site=site.name,
        address=site.address,
        person=person_of(appointment.patient, site),
        day=dated(local, phrases["day-format"], language),
        clock=f"{local:%H:%M}",
        zone=f"{site.time_zone} (UTC{local:%z})",
        room=appointment.resource.name,
        exams=tuple(_exam(item, language, phrases) for item in requested),
        note=stationery_of(site).slip_note.strip(),
        phrases={key: words for key, words in phrases.items() if key.startswith(("slip-", "sex-"))},
    )


def _exam(requested: RequestedProcedure, language: str, phrases: Phrases) -> Exam:
    """In the patient's language where somebody wrote it; the side then behind the name, as a patient says it."""
    (told,) = told_in(language, [requested.procedure])
    name = requested.description
    if told.name != requested.procedure.name:
        name = ", ".join(part for part in (told.name, phrases.get(f"side-{requested.laterality}", "")) if part)
    return Exam(name, requested.accession_number, told.preparation)


def _label(requested: RequestedProcedure, start: datetime | None) -> Paper:
    site = requested.order.site
    when = f"{start.astimezone(site.zone):%d %b %Y %H:%M}" if start else ""
    exam = Exam(requested.description, requested.accession_number)
    return Paper("label", Tag(person_of(requested.order.patient, site), exam, when), requested.order)


def _wristband(order: Order, start: datetime | None) -> Paper:
    site = order.site
    local = (start or order.placed_at).astimezone(site.zone)
    alerts = dict.fromkeys(alert.get_kind_display() for alert in order.patient.active_alerts)
    visit = f"{'visit' if start else 'order'} of {local:%d %b %Y}"
    return Paper("wristband", Band(site.name, person_of(order.patient, site), visit, tuple(alerts)), order)
