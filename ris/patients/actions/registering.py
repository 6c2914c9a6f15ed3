"""Registering and changing patients."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from ris import audit
from ris.accounts.models import Site
from ris.core.actors import Actor
from ris.events import emit
from ris.patients import permissions
from ris.patients.actions.data import PatientData, check, values_of
from ris.patients.actions.numbers import identify, next_number
from ris.patients.finding.indexing import index
from ris.patients.models import Patient


@transaction.atomic
def register_patient(
    data: PatientData, *, site: Site, by: Actor, number: str = "", unlike: Iterable[int] = ()
) -> Patient:
    """Register a person at a site, under `number` or the site's next one.

    `unlike` names the records that were shown as perhaps the same person and are not; it is kept in the audit trail.
    Raises NotPermitted, and InvalidInput with the field at fault.
    """
    permissions.require_register(by, site)
    check(data)
    patient = Patient(**values_of(data))
    patient.search_name = patient.search_key()
    patient.save(force_insert=True)
    patient.sites.add(site)
    index(patient)
    identify(patient, site=site, number=number.strip() or next_number(patient, site))
    audit.record("patient.registered", patient, by=by, patient=patient, site_id=site.pk, unlike=sorted(unlike) or None)
    emit("patient.registered", patient, by=by, site_id=site.pk)
    return patient


@transaction.atomic
def update_patient(patient: Patient, data: PatientData, *, by: Actor) -> Patient:
    """Change a person's data; the audit row names the fields that changed, not their content."""
    patient = Patient.objects.select_for_update().get(pk=patient.pk)
    permissions.require_edit(by, patient)
    check(data)
    values = values_of(data)
    changed = [name for name, value in values.items() if getattr(patient, name) != value]
    if not changed:
        return patient
    for name in changed:
        setattr(patient, name, values[name])
    patient.search_name = patient.search_key()
    patient.save(update_fields=[*changed, "search_name"])
    index(patient)
    audit.record("patient.updated", patient, by=by, patient=patient, changed=changed)
    emit("patient.updated", patient, by=by)
    return patient


def make_known_at(patient: Patient, site: Site) -> None:
    """Part of an order's transaction: the site where something is ordered knows the patient."""
    if not patient.sites.filter(pk=site.pk).exists():
        patient.sites.add(site)
        index(patient)
