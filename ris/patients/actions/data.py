"""What is typed of a person, and what of it cannot be used."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from django.utils import timezone

from ris.accounts.days import newest_day
from ris.core.errors import InvalidInput
from ris.core.texts import faults_of_texts
from ris.notifications.languages import languages
from ris.patients.contact import fault_of_email, fault_of_mobile, mobile_number
from ris.patients.models import SEXES, Patient
from ris.patients.names import fault_of, fault_of_group

OLDEST = 130
HEAVIEST = Decimal(700)
NAMES = ("family_name", "given_name", "middle_name", "prefix", "suffix")
GROUPS = ("ideographic", "phonetic")


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientData:
    """What a clerk types of a person. `sex` is F, M, O or empty (unknown); `weight_kg` in kilograms."""

    family_name: str
    given_name: str = ""
    middle_name: str = ""
    prefix: str = ""
    suffix: str = ""
    ideographic: str = ""
    phonetic: str = ""
    birth_date: date | None = None
    sex: str = ""
    phone: str = ""
    guardian_name: str = ""
    guardian_relation: str = ""
    guardian_phone: str = ""
    weight_kg: Decimal | None = None
    weighed_on: date | None = None
    confidential: bool = False
    email: str = ""
    mobile: str = ""
    messages_declined: bool = False
    language: str = ""


def check(data: PatientData) -> None:
    """Raise InvalidInput naming each field that cannot be used."""
    faults = {name: fault for name in NAMES if (fault := fault_of(getattr(data, name)))}
    faults |= {name: fault for name in GROUPS if (fault := fault_of_group(getattr(data, name)))}
    faults |= faults_of_texts(Patient, values_of(data))
    if data.language and data.language not in dict(languages()):
        faults["language"] = "Nobody has written the phrases of this language yet."
    if data.sex not in dict(SEXES):
        faults["sex"] = "Sex is F, M, O or empty for unknown."
    if not data.family_name.strip():
        faults["family_name"] = "A family name is needed. If it is unknown, write UNKNOWN."
    if fault := _fault_of_birth(data.birth_date):
        faults["birth_date"] = fault
    faults |= _faults_of_weight(data) | _faults_of_contact(data)
    if faults:
        raise InvalidInput("Some fields cannot be used.", fields=faults)


def values_of(data: PatientData) -> dict[str, object]:
    """The columns of Patient that the data fills. A weight without its day was taken today."""
    values = {field.name: getattr(data, field.name) for field in fields(data)}
    values["mobile"] = mobile_number(data.mobile)
    if data.weight_kg is not None and data.weighed_on is None:
        values["weighed_on"] = timezone.localdate()
    return {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}


def _fault_of_birth(born: date | None) -> str:
    today = newest_day()
    if born is not None and born > today:
        return "The date of birth lies in the future."
    if born is not None and born.year < today.year - OLDEST:
        return f"That is more than {OLDEST} years ago. Check the year."
    return ""


def _faults_of_contact(data: PatientData) -> dict[str, str]:
    faults = {"email": fault_of_email(data.email), "mobile": fault_of_mobile(data.mobile)}
    return {name: fault for name, fault in faults.items() if fault}


def _faults_of_weight(data: PatientData) -> dict[str, str]:
    faults = {}
    if data.weight_kg is not None and not 0 < data.weight_kg <= HEAVIEST:
        faults["weight_kg"] = f"A weight is more than 0 and at most {HEAVIEST} kg."
    if data.weighed_on is not None and data.weight_kg is None:
        faults["weighed_on"] = "The day of a weight is given, but no weight."
    if data.weighed_on is not None and data.weighed_on > newest_day():
        faults["weighed_on"] = "This day is in the future."
    return faults
