"""Later entry: what stands on a form becomes patient, order and exam, under the numbers of the form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.accounts.models import Site
from ris.core.actors import Actor, SystemActor
from ris.core.errors import InvalidInput
from ris.downtime import permissions
from ris.downtime.actors import Writer
from ris.downtime.lifecycle import FORM
from ris.downtime.models import DowntimeForm
from ris.events import emit
from ris.orders.actions import Answer, OrderDetails, Reserved, answer_all, place_reserved
from ris.orders.models import Order, Procedure
from ris.orders.numbers import Numbers
from ris.patients.actions import PatientData, note_number, register_patient, register_temporary
from ris.patients.models import Patient
from ris.scheduling.actions import Past, record_past
from ris.scheduling.models import Resource

DOWNTIME = SystemActor("downtime")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the paper says. `patient` known here, else `newcomer`, else nobody knows who it was. `unlike`
    names the records that were shown as perhaps the newcomer's and are not.

    `performed_at`: the exam was done then, in `room` if that is known; None: it is still to be done.
    """

    procedure: Procedure
    side: str = ""
    details: OrderDetails
    patient: Patient | None = None
    newcomer: PatientData | None = None
    unlike: tuple[int, ...] = ()
    answers: tuple[Answer, ...] = ()
    performed_at: datetime | None = None
    room: Resource | None = None


@transaction.atomic
def enter_form(form: DowntimeForm, entry: Entry, *, by: Actor) -> Order:
    """Make the order with exactly the numbers of the form; images that came meanwhile are matched after the commit.

    Raises NotPermitted, InvalidInput, TransitionError when the form was entered before or spoiled.
    """
    form = DowntimeForm.objects.select_for_update(of=("self",)).select_related("site").get(pk=form.pk)
    permissions.require_enter(by, form.site_id)
    FORM.advance(form, "enter", settled_at=timezone.now(), settled_by_name=by.display[:160])
    _check(form.site, entry)
    writer = Writer(by, form.site_id)
    patient = _person(form.site, entry, writer)
    note_number(patient, site=form.site, number=form.accession_number, by=writer)
    asked = Reserved(procedure=entry.procedure, numbers=_numbers(form), side=entry.side)
    order = place_reserved(patient, site=form.site, asked=asked, details=entry.details, by=writer)
    answer_all(order, entry.answers, by=writer)  # also a hard stop: what was done has happened, and is put on record
    requested = order.procedures.get()
    DowntimeForm.objects.filter(pk=form.pk).update(exam=requested)
    about: dict[str, Any] = {"accession": str(form), "order": order.pk, "patient": order.patient}
    if entry.performed_at is not None:
        record_past(requested, Past(at=entry.performed_at, room=entry.room), by=DOWNTIME)
        about["performed_at"] = entry.performed_at.isoformat()
    audit.record("downtime.form-entered", form, by=by, **about)
    emit("downtime.form-entered", form, by=by, order=order.pk)
    return order


def _check(site: Site, entry: Entry) -> None:
    if entry.room is not None and entry.room.site_id != site.pk:
        raise InvalidInput("Choose a room of this site.", fields={"room": "Another site's room."})
    if entry.performed_at is not None and entry.performed_at > timezone.now():
        raise InvalidInput("The exam was not done in the future.", fields={"performed_time": "This time has not come."})


def _numbers(form: DowntimeForm) -> Numbers:
    return Numbers(form.accession_number, form.accession_issuer, form.requested_procedure_id, form.study_instance_uid)


def _person(site: Site, entry: Entry, by: Actor) -> Patient:
    if entry.patient is not None:
        return entry.patient.current
    if entry.newcomer is not None:
        return register_patient(entry.newcomer, site=site, by=by, unlike=entry.unlike)
    return register_temporary(site=site, by=by)
