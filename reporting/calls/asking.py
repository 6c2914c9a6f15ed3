"""The reports that a caller may mean: by accession number, by a number of the patient, else by name.

Who holds a paper that was withdrawn must hear it, and who waits for a final report that there is none yet: such reports
are listed too, and never opened unasked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import models

from reporting.finding.people import likenesses, nearest, written_of
from reporting.models import Report, outside
from reporting.moved.reading import told_of_moves
from ris.accounts.models import User
from ris.orders.models import RequestedProcedure
from ris.patients.finding.likeness import EXACT
from ris.patients.models import Patient, PatientIdentifier

MOST = 20


@dataclass(frozen=True, slots=True)
class Way:
    """Reports to look for, and whose what was typed may be; `similar` where the name is only like it."""

    chosen: models.Q
    people: frozenset[int]
    similar: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What was found; `sure` when only one person and one report can be meant; `similar` when no name is just so.

    `reports` are final; `others` were withdrawn, or are preliminary.
    """

    reports: list[Report]
    sure: bool = False
    similar: bool = False
    others: list[Report] = field(default_factory=list)


def reports_for(words: str, user: User) -> Asked:
    """The first way that finds any counts; the newest report first."""
    if not words:
        return Asked([])
    rows = told_of_moves(Report.objects.visible_to(user).filter(outside("shown")))
    rows = rows.select_related("task__patient__merged_into", "site", "template").order_by("-pk")
    for way in _ways(words, user):
        named = rows.filter(way.chosen).distinct()
        found, others = list(named.released()[:MOST]), list(named.exclude(outside("released"))[:MOST])
        if found or others:
            sure = len(found) == 1 and not others and len(way.people) == 1 and not way.similar
            return Asked(found, sure, way.similar, others)
    return Asked([])


def _ways(words: str, user: User) -> Iterator[Way]:
    """A number that two people have, be it of an exam or their own, is surely nobody's."""
    numbered = PatientIdentifier.objects.filter(value__iexact=words).values_list("patient", flat=True)
    examined = RequestedProcedure.objects.filter(accession_number__iexact=words).values_list("order__patient")
    people = _people(Patient.objects.filter(models.Q(pk__in=numbered) | models.Q(pk__in=examined)))
    yield Way(models.Q(task__requested_procedures__accession_number__iexact=words), people)
    yield Way(written_of(numbered), people)
    likely = likenesses(words, user)
    named = frozenset(pk for pk, likeness in likely.items() if likeness == EXACT)
    yield Way(written_of(sorted(named)), named)
    yield Way(written_of(nearest(likely)), frozenset(likely), similar=True)


def _people(records: models.QuerySet[Patient]) -> frozenset[int]:
    return frozenset(person.current_id for person in records.only("merged_into"))
