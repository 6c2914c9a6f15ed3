"""The final reports that a caller may mean: by accession number, by a number of the patient, else by name."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.utils import timezone

from reporting.models import Report
from ris.accounts.models import User
from ris.patients.finding.query import read as read_name
from ris.patients.finding.search import by_name
from ris.patients.models import Patient, PatientIdentifier

MOST = 20
MOST_PEOPLE = 5


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
    owners = PatientIdentifier.objects.filter(value__iexact=words).values_list("patient", flat=True)
    yield _of(owners[:MOST_PEOPLE])
    scores = by_name(read_name(words, timezone.localdate()), user.sites_where("report.view"), MOST_PEOPLE)
    yield _of(sorted(scores, key=lambda pk: (-scores[pk], pk))[:MOST_PEOPLE])


def _of(patients: models.QuerySet[PatientIdentifier, int] | list[int]) -> models.Q:
    """Reports of these people, under every record that is theirs."""
    people = Patient.objects.filter(pk__in=list(patients))
    heads = [person.merged_into_id or person.pk for person in people]
    return models.Q(task__patient__in=heads) | models.Q(task__patient__merged_into__in=heads)
