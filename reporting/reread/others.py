"""Whose names and numbers have no business in a report: looked up for the rules, which only compare words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from reporting.models import Report
from reporting.proofreading.facts import Person
from ris.accounts.models import User
from ris.audit.models import AuditEvent
from ris.orders.models import Order, Referrer, RequestedProcedure
from ris.patients.models import Patient, PatientIdentifier
from worklist.reading.turns import ReadingTurn

SHORTEST, DIGITS, MOST_NUMBERS = 6, 4, 200
SINCE, MOST_PEOPLE = timedelta(hours=12), 300
OPENED: Final = ("report.viewed", "study.opened")
NUMBER = re.compile(r"[^\W_](?:[\w./-]*[^\W_])?")
# Numbers that are something else: days, times, decimals.
NO_NUMBER = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|(?:19|20)\d{6}|\d+\.\d+|\d+/\d+")


def person(patient: Patient) -> Person:
    return Person(patient.family_name, patient.given_name)


def own_names(report: Report) -> tuple[Person, ...]:
    """What the patient is called, in each record that is the same person."""
    return tuple(dict.fromkeys(person(row) for row in Patient.objects.family(report.task.patient)))


def others_of(report: Report, writer: str = "") -> tuple[Person, ...]:
    """Whom else the writers of the report have had before them lately: a paste is from there.

    Of a draft everybody who had its case, in the hours before it was saved last and since; of an addendum or a
    correction its `writer`. Whether they have those cases still does not matter: they had them open.
    """
    readers = {writer} if writer else _writers(report)
    saved_at = None if writer else report.saved_at
    since = (saved_at or timezone.now()) - SINCE
    seen = [*_had(readers, since), *_opened(readers, since)]
    rows = Patient.objects.filter(pk__in=list(dict.fromkeys(seen))[:MOST_PEOPLE], temporary=False)
    rows = rows.exclude(pk__in=Patient.objects.family(report.task.patient)).select_related("merged_into")
    return tuple(dict.fromkeys(person(one) for row in rows.order_by("pk") for one in (row, row.current)))


def _writers(report: Report) -> set[str]:
    had = ReadingTurn.objects.filter(task=report.task_id).values_list("reader", flat=True)
    found = {str(pk) for pk in (*had, report.task.claimed_by_id, report.author_id, report.saved_by_id) if pk}
    return {pk for pk in found if pk.isdecimal()}


def _had(readers: Iterable[str], since: datetime) -> Iterable[int]:
    """Patients of the cases that they had, given back or taken over since or not."""
    lasted = Q(until=None) | Q(until__gte=since)
    turns = ReadingTurn.objects.filter(lasted, reader__in=list(readers)).order_by("-since")
    return turns.values_list("task__patient", flat=True)[:MOST_PEOPLE]


def _opened(readers: Iterable[str], since: datetime) -> Iterable[int]:
    """Patients whose report or images they looked at, without having the case."""
    looks = AuditEvent.objects.filter(
        actor_id__in=list(readers), actor_kind="user", at__gte=since, action__in=OPENED, patient_id__isnull=False
    )
    found = looks.order_by().values_list("patient_id", flat=True).distinct()[:MOST_PEOPLE]
    return [pk for pk in found if pk is not None]


def known_names(report: Report, others: Iterable[Person]) -> tuple[str, ...]:
    """Names of people of whom a report may well speak, and who may be called as a patient is: who referred this one,
    who cares for them, doctors and staff of the house.
    """
    families = {one.family.casefold() for one in others}
    if not families:
        return ()
    orders = Order.objects.filter(procedures__in=report.task.requested_procedures.all()).distinct()
    found = [*orders.values_list("referrer_name", flat=True)]
    found += Patient.objects.family(report.task.patient).values_list("guardian_name", flat=True)
    people = (
        (User.objects.all(), "last_name", "first_name"),
        (Referrer.objects.all(), "family_name", "given_name"),
    )
    for rows, family, given in people:
        alike = rows.annotate(of_family=Lower(family)).filter(of_family__in=families)
        found += [" ".join(names) for names in alike.values_list(given, family)]
    return tuple(dict.fromkeys(name for name in found if name))


def numbers_of_others(report: Report, texts: Iterable[str]) -> frozenset[str]:
    """Patient and accession numbers in the texts that somebody else has, and this patient has not."""
    said = numbers_in(" ".join(texts))
    if not said:
        return frozenset()
    family = Patient.objects.family(report.task.patient)
    held = PatientIdentifier.objects.filter(value__in=said)
    ordered = RequestedProcedure.objects.filter(accession_number__in=said)
    theirs = {*held.exclude(patient__in=family).values_list("value", flat=True)}
    theirs |= {*ordered.exclude(order__patient__in=family).values_list("accession_number", flat=True)}
    own = {*held.filter(patient__in=family).values_list("value", flat=True)}
    own |= {*ordered.filter(order__patient__in=family).values_list("accession_number", flat=True)}
    return frozenset(theirs - own)


def numbers_in(text: str) -> list[str]:
    """What could be a patient's or an exam's number, each once."""
    found = (word for word in NUMBER.findall(text) if len(word) >= SHORTEST and not NO_NUMBER.fullmatch(word))
    return list(dict.fromkeys(word for word in found if sum(map(str.isdigit, word)) >= DIGITS))[:MOST_NUMBERS]
