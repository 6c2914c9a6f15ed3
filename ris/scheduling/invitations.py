"""An appointment as words and as a calendar file, from its rows."""

from __future__ import annotations

from dataclasses import replace
from email.utils import parseaddr

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from ris.core.identifiers import uid
from ris.notifications.models import policy_of
from ris.orders.models import RequestedProcedure
from ris.patients.actions import declining_token
from ris.scheduling import ics
from ris.scheduling.lifecycle import APPOINTMENT
from ris.scheduling.models import Appointment
from ris.scheduling.wording import Facts, mail


def facts_of(appointment: Appointment, kind: str) -> Facts:
    """What a message of this kind tells."""
    site, policy = appointment.site, policy_of(appointment.site)
    requested = RequestedProcedure.objects.filter(steps__appointment=appointment).select_related("procedure")
    procedures = list(dict.fromkeys(item.procedure for item in requested.distinct().order_by("pk")))
    return Facts(
        kind=kind,
        start=appointment.start,
        zone=site.time_zone,
        place=site.name,
        room=appointment.resource.name,
        address=site.address,
        preparation=tuple(dict.fromkeys(item.preparation.strip() for item in procedures if item.preparation.strip())),
        exams=tuple(item.name for item in procedures) if policy.name_exam else (),
        contact=policy.contact,
        stop_link=settings.PUBLIC_URL.rstrip("/")
        + reverse("patients:decline-messages", args=[declining_token(appointment.patient.current)]),
    )


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
        summary=", ".join(facts.exams) or f"Appointment, {facts.place}",
        location=", ".join(part for part in (facts.room, facts.place, address) if part),
        description=mail(replace(facts, stop_link="")),
        organizer=parseaddr(settings.DEFAULT_FROM_EMAIL)[1] if attendee else "",
        attendee=attendee,
        cancelled=kind == "cancellation",
    )
