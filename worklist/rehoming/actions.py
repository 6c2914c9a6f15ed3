"""Asking for a study's objects to carry another patient or accession number, and taking it back.

Each writes a row and an event; `worklist.rehoming.carrying` does the work, once or after any number of interruptions.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.accounts.models import Site
from ris.core.actors import Actor
from ris.core.errors import InvalidInput
from ris.dicom.datasets import StudyRow
from ris.events import emit
from ris.orders.models import RequestedProcedure
from ris.patients.models import Patient, PatientMerge
from worklist.lifecycle import MOVED_OBJECT, REHOMING
from worklist.models import Study
from worklist.permissions import require_reconcile
from worklist.rehoming.identity import Identity
from worklist.rehoming.rows import Rehoming, RehomingQuerySet

UNFINISHED = REHOMING.groups["unfinished"]


def identity_for(requested: RequestedProcedure) -> Identity:
    """Whose the images of this exam are, as its site calls them."""
    person = person_at(requested.order.patient, requested.order.site)
    return replace(person, accession=requested.accession_number)


def person_at(patient: Patient, site: Site) -> Identity:
    """As this site calls the person. Raises InvalidInput for one without a number."""
    current = patient.current
    number = current.identifier_at(site)
    if number is None:
        raise InvalidInput("This patient has no number: give one first.")
    return Identity(
        patient_id=number.value,
        issuer=number.issuer,
        name=current.person_name,
        birth_date=dicom_date(current.birth_date),
        sex=current.sex,
    )


def dicom_date(day: date | None) -> str:
    return f"{day:%Y%m%d}" if day else ""


def told_of(row: Study | StudyRow) -> Identity:
    """What the archive says of a study."""
    number = row.patient_id_text if isinstance(row, Study) else row.patient_id
    sex = "" if isinstance(row, Study) else row.sex
    return Identity(number, row.issuer_of_patient_id, row.patient_name, dicom_date(row.birth_date), sex,
                    row.accession_number)  # fmt: skip


def is_moving(study_uid: str) -> bool:
    """Whether the archive may hold this study under two names just now: what it tells is not asked until it is over."""
    return Rehoming.objects.touching(study_uid).filter(state__in=UNFINISHED).exists()


@transaction.atomic
def correct_study(
    study: Study, requested: RequestedProcedure, *, reason: str, by: Actor, renames: bool = False
) -> Rehoming | None:
    """The study was linked by a person: its objects shall say so. None when they do. Raises NotPermitted.

    `renames`: the person accepted that name or birth date differ, so that the objects get the order's.
    """
    require_reconcile(by, requested.order.site_id)
    wanted = identity_for(requested)
    if not renames and _agrees(study, wanted) and not is_moving(study.study_instance_uid):
        return None
    return rehome(study, wanted, kind="link", reason=reason, by=by)


@transaction.atomic
def restore_study(study: Study, *, reason: str, by: Actor) -> Rehoming | None:
    """The link was taken back: the objects shall carry what they carried before it. None when nothing was changed."""
    require_reconcile(by, study.site_id)
    last = last_of(study)
    if last is None or last.kind not in {"link", "late"}:
        return None
    return undo(last, kind="restore", reason=reason, by=by)


def last_of(study: Study) -> Rehoming | None:
    """The move of the whole study whose outcome counts now; None when every one was taken back or given up."""
    rows = Rehoming.objects.filter(study=study, into="", undoes__isnull=True, undone_by__isnull=True)
    rows = rows.exclude(state__in=REHOMING.groups["dropped"])
    return rows.order_by("-pk").first()


def rehome(
    study: Study, wanted: Identity, *, kind: str, reason: str, by: Actor, merge: PatientMerge | None = None
) -> Rehoming:
    """Inside the caller's transaction. Asked twice for the same it is one row."""
    newest = Rehoming.objects.filter(study=study, into="").order_by("-pk").first()
    if newest is not None and newest.wanted == wanted.as_json() and REHOMING.within(newest, "unfinished"):
        return newest
    return ask(Rehoming(study=study, kind=kind, wanted=wanted.as_json(), merge=merge), reason=reason, by=by)


def undo(row: Rehoming, *, kind: str, reason: str, by: Actor) -> Rehoming:
    """Back to what was; queued behind the move itself when that is not over yet. Once for each move."""
    before = row.undone_by.first()
    if before is not None:
        return before
    back = Rehoming(study=row.study, kind=kind, undoes=row, wanted=row.was, merge=row.merge)
    back.series, back.into = row.series, row.into
    return ask(back, reason=reason, by=by)


def behind_of(row: Rehoming) -> RehomingQuerySet:
    """What was asked after it and waits for it."""
    rows = Rehoming.objects.touching(row.study.study_instance_uid, row.into)
    return rows.filter(pk__gt=row.pk, state__in=REHOMING.groups["open"]).order_by("pk")


def ask(row: Rehoming, *, reason: str, by: Actor) -> Rehoming:
    """Part of a transaction: write the move down, and let it begin."""
    row.site_id, row.reason = row.study.site_id, reason.strip()[:255]
    row.asked_by, row.asked_at = by.display[:160], timezone.now()
    row.save(force_insert=True)
    about: dict[str, Any] = {"study_uid": row.study.study_instance_uid, "rehoming": row.pk, "kind": row.kind}
    audit.record("study.rehoming-asked", row.study, by=by, site_id=row.site_id, **about)
    emit("study.rehoming", row.study, by=by, rehoming=row.pk)
    return row


@transaction.atomic
def retry_rehoming(row: Rehoming, *, by: Actor) -> Rehoming:
    """A person has put right what was wrong. Raises NotPermitted, TransitionError when it did not fail."""
    row = Rehoming.objects.select_for_update(of=("self",)).select_related("study").get(pk=row.pk)
    require_reconcile(by, row.site_id)
    REHOMING.advance(row, "retry", problem="", working_until=None)
    row.objects_moved.filter(state__in=MOVED_OBJECT.groups["untouched"]).delete()  # listed anew, as they are now
    audit.record("study.rehoming-retried", row.study, by=by, site_id=row.site_id,
                 study_uid=row.study.study_instance_uid, rehoming=row.pk)  # fmt: skip
    emit("study.rehoming", row.study, by=by, rehoming=row.pk)
    return row


def _agrees(study: Study, wanted: Identity) -> bool:
    told = told_of(study)
    return (told.patient_id, told.issuer or wanted.issuer, told.accession) == (
        wanted.patient_id, wanted.issuer, wanted.accession,
    )  # fmt: skip
