"""The numbers by which authorities know a person."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from ris import audit
from ris.accounts.models import Site
from ris.core.actors import Actor
from ris.core.errors import InvalidInput
from ris.core.texts import fault_of_text, faults_of_texts
from ris.events import emit
from ris.patients import permissions
from ris.patients.models import Patient, PatientIdentifier
from ris.patients.names import fault_of_number


def identify(patient: Patient, *, site: Site, number: str) -> PatientIdentifier:
    """Give the number of a site's authority; it belongs to one person only. Inside the caller's transaction."""
    return _give(patient, site.patient_id_issuer, number, field="number")


def note_number(patient: Patient, *, site: Site, number: str, by: Actor) -> None:
    """Part of a form's entry: a number that images may carry and that is never sent out.

    Nothing is noted when somebody else has that number: whose images they are is then for a person to say.
    """
    issuer = site.patient_id_issuer
    if PatientIdentifier.objects.filter(issuer=issuer, value=number).exists():
        return
    given = PatientIdentifier.objects.create(patient=patient, issuer=issuer, value=number, retired=True)
    audit.record("patient.identifier-added", patient, by=by, patient=patient, identifier=given.pk)


def next_number(patient: Patient, site: Site) -> str:
    """The number that a site gives by itself."""
    return f"{site.code.upper()}{patient.pk:07d}"


@transaction.atomic
def add_identifier(patient: Patient, *, issuer: str, value: str, by: Actor) -> PatientIdentifier:
    """Note a number that another authority gave: an insurance, a referring hospital.

    Raises NotPermitted, and InvalidInput when the authority gave this number to somebody else.
    """
    patient = Patient.objects.select_for_update().get(pk=patient.pk)
    permissions.require_edit(by, patient)
    issuer = issuer.strip()
    faults = faults_of_texts(PatientIdentifier, {"issuer": issuer})
    if not issuer:
        faults["issuer"] = "Say who gave this number: the same number of another authority is another person's."
    if faults:
        raise InvalidInput("Some fields cannot be used.", fields=faults)
    given = _give(patient, issuer, value, field="value")
    audit.record("patient.identifier-added", patient, by=by, patient=patient, identifier=given.pk)
    emit("patient.updated", patient, by=by)
    return given


@transaction.atomic
def retire_identifier(identifier: PatientIdentifier, *, in_error: bool, by: Actor) -> PatientIdentifier:
    """Send a number out no longer. One given in error is nobody's now; an old one is still found and matched."""
    identifier = PatientIdentifier.objects.select_for_update().get(pk=identifier.pk)
    patient = identifier.patient
    permissions.require_edit(by, patient)
    others = PatientIdentifier.objects.filter(patient__in=Patient.objects.family(patient), retired=False)
    if not others.exclude(pk=identifier.pk).exists():
        raise InvalidInput("This is the only number of this person. Add the right one first, then retire this one.")
    identifier.retired, identifier.in_error = True, in_error
    identifier.save(update_fields=["retired", "in_error", "search_value"])
    audit.record(
        "patient.identifier-retired", patient, by=by, patient=patient, identifier=identifier.pk, in_error=in_error
    )
    emit("patient.updated", patient, by=by)
    return identifier


def _give(patient: Patient, issuer: str, value: str, *, field: str) -> PatientIdentifier:
    value = value.strip()
    if fault := fault_of_number(value) or fault_of_text(value, longest=64):
        raise InvalidInput("This number cannot be used.", fields={field: fault})
    try:
        with transaction.atomic():
            return PatientIdentifier.objects.create(patient=patient, issuer=issuer, value=value)
    except IntegrityError:
        raise InvalidInput(
            "Another patient has this number.",
            fields={field: f"Number {value} is taken. Search for it: this may be the person you look for."},
        ) from None
