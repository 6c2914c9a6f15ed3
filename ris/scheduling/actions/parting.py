"""A merge that was taken back: times that were held in the name of both are their own person's again."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from ris.core.actors import Actor
from ris.patients.models import Patient
from ris.scheduling.models import Reservation


def give_back_times(patient: Patient, _by: Actor) -> None:
    """Part of taking a merge back, for the record that stands alone again."""
    own = Patient.objects.family(patient)
    rows = Reservation.objects.filter(main=True, active=True, appointment__patient__in=own)
    for row in rows.exclude(patient=patient).select_for_update(of=("self",)).order_by("pk"):
        _claim_for(row, patient)


def _claim_for(row: Reservation, patient: Patient) -> None:
    """Who was in two places before the merge stays so: then the code alone guards this time, not the database."""
    try:
        with transaction.atomic():
            Reservation.objects.filter(pk=row.pk).update(patient=patient)
    except IntegrityError:
        Reservation.objects.filter(pk=row.pk).update(patient=None)
