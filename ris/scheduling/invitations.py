"""An appointment as words and as a calendar file, from its rows."""

from __future__ import annotations

from dataclasses import replace
from email.utils import parseaddr

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from ris.core.identifiers import uid
from ris.notifications.languages import dated, phrases_of
from ris.notifications.models import MessagePolicy, policy_of
from ris.orders.models import RequestedProcedure
from ris.orders.told import Told, told_in
from ris.patients.actions import declining_token
from ris.patients.models import Patient
from ris.scheduling import ics
from ris.scheduling.lifecycle import APPOINTMENT
from ris.scheduling.models import Appointment
from ris.scheduling.wording import Facts, mail, zone_mark


def language_of(patient: Patient, policy: MessagePolicy) -> str:
    """The person's own, else the site's."""
    return patient.current.language or policy.language


def facts_of(appointment: Appointment, kind: str) -> Facts:
    """What a message of this kind tells, in the patient's language; never more than site and exams allow."""
    site, policy = appointment.site, policy_of(appointment.site)
    language = language_of(appointment.patient, policy)
    phrases, exams = phrases_of(language), _exams_of(appointment, language)
    open_exams = [exam for exam in exams if not exam.is_discreet]
    told = [exam.preparation for exam in open_exams if exam.preparation] if policy.tell_preparation else []
    local = appointment.start.astimezone(site.zone)
    return Facts(
        kind=kind,
        when=dated(local, phrases["when-format"], language) + zone_mark(appointment.start, site.time_zone),
        zone=site.time_zone,
        place=site.name,
        room=appointment.resource.name if policy.tell_room and len(open_exams) == len(exams) else "",
        address=site.address,
        preparation=tuple(dict.fromkeys(told)),
        withheld=len(told) < len([exam for exam in exams if exam.preparation]),
        exams=tuple(exam.name for exam in open_exams if policy.name_exam or exam.is_named),
        contact=policy.contact,
        stop_link=settings.PUBLIC_URL.rstrip("/")
        + reverse("patients:decline-messages", args=[declining_token(appointment.patient)]),
        phrases=phrases,
    )


def _exams_of(appointment: Appointment, language: str) -> list[Told]:
    """What is done in an appointment, each once, in the patient's language where somebody wrote it."""
    requested = RequestedProcedure.objects.filter(steps__appointment=appointment).select_related("procedure")
    return told_in(language, [item.procedure for item in requested.distinct().order_by("pk")])


def invitation_of(appointment: Appointment, *, attendee: str = "") -> ics.Invitation:
    """The calendar's view of it, told as much as a message tells."""
    kind = "confirmation" if APPOINTMENT.within(appointment, "holding") else "cancellation"
    facts = facts_of(appointment, kind)
    address = ", ".join(line.strip() for line in facts.address.splitlines() if line.strip())
    return ics.Invitation(
        uid=f"{uid('calendar', appointment.pk)}@isocenter",
        sequence=appointment.sequence,
        start=appointment.start,
        end=appointment.end,
        stamp=timezone.now(),
        zone=facts.zone,
        summary=", ".join(facts.exams) or f"{facts.phrases['appointment']}, {facts.place}",
        location=", ".join(part for part in (facts.room, facts.place, address) if part),
        description=mail(replace(facts, stop_link="")),
        organizer=parseaddr(settings.DEFAULT_FROM_EMAIL)[1] if attendee else "",
        attendee=attendee,
        cancelled=kind == "cancellation",
    )
