"""The final reports that a caller may mean: by accession number, by a number of the patient, else by name."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models

from reporting.finding.people import alike, written_of
from reporting.models import Report
from ris.accounts.models import User
from ris.patients.models import PatientIdentifier

MOST = 20


def reports_for(words: str, user: User) -> list[Report]:
    """The first way that finds any counts; the newest report first."""
    if not words:
        return []
    rows = Report.objects.visible_to(user).released().select_related("task__patient__merged_into", "site", "template")
    rows = rows.order_by("-pk")
    for chosen in _ways(words, user):
        if found := list(rows.filter(chosen).distinct()[:MOST]):
            return found
    return []


def _ways(words: str, user: User) -> Iterator[models.Q]:
    yield models.Q(task__requested_procedures__accession_number__iexact=words)
    yield written_of(PatientIdentifier.objects.filter(value__iexact=words).values_list("patient", flat=True))
    yield written_of(alike(words, user))
