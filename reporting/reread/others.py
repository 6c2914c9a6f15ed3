"""Whose names and numbers have no business in a report: looked up for the rules, which only compare words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone

from reporting.models import Report
from reporting.proofreading.facts import Person
from ris.orders.models import RequestedProcedure
from ris.patients.models import Patient, PatientIdentifier
from worklist.models import ReadingTask

SHORTEST, DIGITS, MOST_NUMBERS = 6, 4, 200
SINCE, MOST_CASES = timedelta(hours=12), 100
NUMBER = re.compile(r"[^\W_](?:[\w./-]*[^\W_])?")
# Numbers that are something else: days, times, decimals.
NO_NUMBER = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|(?:19|20)\d{6}|\d+\.\d+|\d+/\d+")


def person(patient: Patient) -> Person:
    return Person(patient.family_name, patient.given_name)


def others_of(report: Report) -> tuple[Person, ...]:
    """Who else the same reader has had before them today: a paste is from there."""
    reader = report.task.claimed_by_id
    if reader is None:
        return ()
    cases = ReadingTask.objects.filter(claimed_by=reader, claimed_at__gte=timezone.now() - SINCE)
    cases = cases.exclude(patient__in=Patient.objects.family(report.task.patient))
    rows = cases.select_related("patient__merged_into").order_by("-claimed_at")[:MOST_CASES]
    return tuple(dict.fromkeys(person(row.patient.current) for row in rows))


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
