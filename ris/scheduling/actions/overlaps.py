"""One person in two places: what merging two records brings to light. The later appointment is called back."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from django.db import models, transaction
from django.utils import timezone

from ris import audit
from ris.core.actors import SystemActor
from ris.orders.models import RequestedProcedure
from ris.patients.models import Patient
from ris.scheduling.actions.holding import hold_visits
from ris.scheduling.lifecycle import APPOINTMENT
from ris.scheduling.models import Appointment, CallBack

OVERLAPS = SystemActor("overlaps")
SETTLED = "no longer two at once"


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two appointments of one person at one time. `later` is the one to be changed."""

    earlier: Appointment
    later: Appointment

    @property
    def both(self) -> tuple[Appointment, Appointment]:
        return self.earlier, self.later


def overlaps_among(people: models.QuerySet[Patient]) -> list[Overlap]:
    """What is still to come of these records, taken as one person, and stands in two places at once."""
    rows = Appointment.objects.filter(
        patient__in=people.values("pk"), state__in=APPOINTMENT.groups["coming"], end__gt=timezone.now()
    )
    found = list(rows.select_related("resource__site", "patient", "site").order_by("start", "pk"))
    return [_told_apart(one, other) for one, other in combinations(found, 2) if other.start < one.end]


def _told_apart(one: Appointment, other: Appointment) -> Overlap:
    """Who is here already keeps the place."""
    here = not APPOINTMENT.within(other, "expected")
    return Overlap(other, one) if here else Overlap(one, other)


@transaction.atomic
def settle_overlaps(patient: Patient) -> None:
    """Call back for each later one that has no call-back yet; close those that stand alone again. Safe to repeat."""
    people = Patient.objects.family(patient)
    hold_visits(Appointment.objects.filter(patient__in=people, end__gt=timezone.now()).values_list("pk", flat=True))
    wanted = {pair.later.pk: pair for pair in overlaps_among(people)}
    rows = CallBack.objects.filter(appointment__patient__in=people, overlap=True)
    gone = rows.filter(done_at__isnull=True).exclude(appointment__in=wanted)
    CallBack.objects.filter(pk__in=list(gone.values_list("pk", flat=True))).update(
        done_at=timezone.now(), done_by_name=SETTLED
    )
    rows.filter(appointment__in=wanted, done_by_name=SETTLED).update(done_at=None, done_by_name="")
    for pair in wanted.values():
        _call_back(pair)


def has_overlaps(patient: Patient) -> bool:
    """Whether a call-back of this kind is open for the person."""
    people = Patient.objects.family(patient)
    return CallBack.objects.filter(appointment__patient__in=people, overlap=True, done_at__isnull=True).exists()


def _call_back(pair: Overlap) -> None:
    later, begins = pair.later, pair.earlier.start.astimezone(pair.later.site.zone)
    where = pair.earlier.resource.name if pair.earlier.site_id == later.site_id else "at another site"
    made, new = CallBack.objects.get_or_create(
        appointment=later,
        defaults={
            "site": later.site,
            "reason": f"In two places at once: also {where}, {begins:%H:%M}. Two records were found to be one person.",
            "overlap": True,
            "made_at": timezone.now(),
        },
    )
    if new:
        made.procedures.set(RequestedProcedure.objects.filter(steps__appointment=later).distinct())
        audit.record("call-back.made", made, by=OVERLAPS, patient=later.patient_id, site_id=later.site_id)
