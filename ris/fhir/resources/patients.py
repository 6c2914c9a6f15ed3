"""Patient, as ris.patients has them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q
from django.http import QueryDict

from ris.accounts.models import User
from ris.fhir.house import house
from ris.fhir.mapping.datatypes import Json
from ris.fhir.mapping.patient import GENDERS, PatientFacts, patient
from ris.fhir.resources.station import Asked, RowStation
from ris.fhir.search.parameters import Code, Key, Moment, Text, Token
from ris.fhir.search.values import Wrong, token
from ris.patients.actions import open_file
from ris.patients.models import Patient, PatientIdentifier

BY_NAME = ("family_name", "given_name")


def facts_of(row: Patient, *, whole: bool) -> PatientFacts:
    numbers = row.known_by  # type: ignore[attr-defined]  # of with_numbers()
    return PatientFacts(
        key=row.pk,
        numbers=[(one.issuer, one.value) for one in numbers],
        family=row.family_name,
        given=(row.given_name, row.middle_name),
        prefix=row.prefix,
        suffix=row.suffix,
        sex=row.sex,
        birth_date=row.birth_date,
        phones=tuple(dict.fromkeys((row.phone, row.mobile))),
        email=row.email,
        language=row.language,
        guardian=(row.guardian_name, row.guardian_relation, row.guardian_phone),
        confidential=row.confidential,
        merged_into=row.merged_into_id,
        whole=whole,
    )


def written(rows: Iterable[Any], _user: User) -> list[Json]:
    return [patient(facts_of(row, whole=False), house()) for row in rows]


def numbered(system: str | None, value: str) -> Q:
    """Whose number it is, or was before a merge."""
    numbers = PatientIdentifier.objects.filter(value=value)
    if system is not None:
        issuers = {house().system("patient", issuer): issuer for issuer in numbers.values_list("issuer", flat=True)}
        numbers = numbers.filter(issuer=issuers.get(system, ""))
        numbers = numbers if system in issuers else numbers.none()
    return Q(pk__in=numbers.values("patient_id")) | Q(pk__in=numbers.values("patient__merged_into_id"))


def of_issuer(system: str) -> Q:
    """All who have a number of an issuer, or had one before a merge."""
    issuers = PatientIdentifier.objects.order_by().values_list("issuer", flat=True).distinct()
    numbers = PatientIdentifier.objects.filter(
        issuer__in=[one for one in issuers if house().system("patient", one) == system]
    )
    return Q(pk__in=numbers.values("patient_id")) | Q(pk__in=numbers.values("patient__merged_into_id"))


def called(system: str | None, value: str) -> Q:
    """By phone or mobile number; of a confidential file a search tells neither, and so finds nobody by it."""
    known = Q(phone=value) | Q(mobile=value)
    return known & Q(confidential=False) if system in (None, "phone") else Q(pk__in=[])


class InUse(Code):
    """A record that was merged into another is in use no more."""

    def one(self, text: str) -> Q:
        _system, code = token(text)
        if code not in self.codes:
            raise Wrong(self.name, "true or false.")
        return Q(merged_into__isnull=code == "true")


class PatientStation(RowStation):
    """A confidential file opens with a reason only: `?reason=…`; a search tells who it is and no more."""

    type = "Patient"
    needs = "patient.view"
    what = "People registered at your sites. Reading a confidential file needs `?reason=`, which is kept."
    model = Patient
    opened = "patient.opened"
    parameters = (
        Key(name="_id", what="The id."),
        Token(
            name="identifier",
            what="A number, with the system of its issuer or without.",
            test=numbered,
            whole=of_issuer,
        ),
        Text(
            name="name",
            what="Beginnings of the words of a name, accents and case aside.",
            test=lambda text: Q(pk__in=Patient.objects.matching(text).values("pk")),
            fields=("family_name", "given_name", "middle_name", "prefix", "suffix"),
            sorts=BY_NAME,
        ),
        Text(
            name="family",
            what="How the family name begins, case aside; `name` sets accents aside too.",
            test=lambda text: Q(family_name__istartswith=text),
            fields=("family_name",),
            sorts=BY_NAME,
        ),
        Text(
            name="given",
            what="How the given name begins, case aside.",
            test=lambda text: Q(given_name__istartswith=text),
            fields=("given_name",),
        ),
        Moment(name="birthdate", what="Day of birth.", field="birth_date", days=True),
        Code(
            name="gender",
            what="Administrative gender.",
            field="sex",
            codes={code: [sex] for sex, code in GENDERS.items()},
        ),
        Token(name="phone", what="A number as it is written there; of confidential files none is.", test=called),
        InUse(
            name="active",
            what="false finds the records that were merged into others, which a search leaves out else.",
            codes={"true": (), "false": ()},
        ),
    )
    revincludes = ("ServiceRequest:patient", "Appointment:patient", "ImagingStudy:patient", "DiagnosticReport:patient")
    write = written

    def visible(self, user: User) -> models.QuerySet[Any]:
        return Patient.objects.visible_to(user)

    def listed(self, user: User) -> models.QuerySet[Any]:
        return self.visible(user).filter(merged_into__isnull=True)

    def searched(self, user: User, asked: Asked) -> models.QuerySet[Any]:
        return self.visible(user) if any(isinstance(one, InUse) for one, _text in asked.tests) else self.listed(user)

    def whole(self, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        numbers = PatientIdentifier.objects.filter(retired=False).order_by("pk")
        return rows.prefetch_related(models.Prefetch("identifiers", numbers, to_attr="known_by"))

    def note(self, row: Any, user: User, options: QueryDict) -> None:
        open_file(row, by=user, reason=options.get("reason", ""))

    def write_one(self, row: Any, user: User, options: QueryDict) -> Json:
        return patient(facts_of(row, whole=True), house())
