"""People whom nobody can name yet: an alias at once, the name later, on the same record."""

from __future__ import annotations

from itertools import count

from django.db import IntegrityError, transaction

from ris import audit
from ris.accounts.models import Site
from ris.core.actors import Actor
from ris.core.errors import InvalidInput, TransitionError
from ris.events import emit
from ris.patients import permissions
from ris.patients.actions.data import OLDEST, PatientData, check, values_of
from ris.patients.actions.numbers import identify, next_number
from ris.patients.finding.indexing import index
from ris.patients.hooks import temporary_registered
from ris.patients.models import Patient

# ICAO Annex 10 Volume II, 5.2.1.3: spelt so that they are understood over any line.
ALPHABET = (
    "Alfa", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Juliett", "Kilo", "Lima", "Mike",
    "November", "Oscar", "Papa", "Quebec", "Romeo", "Sierra", "Tango", "Uniform", "Victor", "Whiskey", "Xray", "Yankee",
    "Zulu",
)  # fmt: skip
TRIES = 50


@transaction.atomic
def register_temporary(*, site: Site, by: Actor, estimated_age: int | None = None) -> Patient:
    """An unidentified person under an alias that nobody here ever had; sex unknown, nothing else needed.

    Raises NotPermitted, and InvalidInput for an age that nobody has.
    """
    permissions.require_register(by, site)
    if estimated_age is not None and not 0 <= estimated_age <= OLDEST:
        raise InvalidInput("Some fields cannot be used.", fields={"estimated_age": f"An age is 0 to {OLDEST} years."})
    patient = _under_a_new_alias(estimated_age)
    patient.sites.add(site)
    index(patient)
    identify(patient, site=site, number=next_number(patient, site))
    audit.record("patient.registered", patient, by=by, patient=patient, site_id=site.pk, temporary=True)
    emit("patient.registered", patient, by=by, site_id=site.pk)
    temporary_registered(patient, site=site, by=by)
    return patient


@transaction.atomic
def identify_patient(patient: Patient, data: PatientData, *, by: Actor) -> Patient:
    """Now it is known who this is. The record stays, and with it order, worklist entry, images and report.

    The alias is kept: the person is still found by it, and what was signed under it keeps it. Raises NotPermitted,
    InvalidInput with the field at fault, TransitionError when the person has been identified already.
    """
    patient = Patient.objects.select_for_update().get(pk=patient.pk)
    permissions.require_edit(by, patient)
    if not patient.temporary:
        raise TransitionError("This person has been identified already. Correct the data instead.")
    check(data)
    values = values_of(data)
    for name, value in values.items():
        setattr(patient, name, value)
    patient.temporary, patient.estimated_age = False, None
    patient.search_name = patient.search_key()
    patient.save(update_fields=[*values, "temporary", "estimated_age", "search_name"])
    index(patient)
    audit.record("patient.identified", patient, by=by, patient=patient)
    emit("patient.identified", patient, by=by)
    return patient


def _under_a_new_alias(estimated_age: int | None) -> Patient:
    """Two who press the key at once take different words: the alias is unique in the database."""
    used = Patient.objects.filter(alias__isnull=False).count()
    for number in range(used, used + TRIES):
        alias = alias_of(number)
        patient = Patient(family_name=alias, alias=alias, temporary=True, estimated_age=estimated_age)
        patient.search_name = patient.search_key()
        try:
            with transaction.atomic():
                patient.save(force_insert=True)
        except IntegrityError:
            continue
        return patient
    raise TransitionError("Many unknown patients are being registered at this moment. Press the key again.")


def alias_of(number: int) -> str:
    """The words of the spelling alphabet in turn, then two of them, and so on: Unknown-Kilo, Unknown-Alfa-Bravo."""
    for length in count(1):
        if number < len(ALPHABET) ** length:
            break
        number -= len(ALPHABET) ** length
    words = [ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in reversed(range(length))]
    return "-".join(["Unknown", *words])
