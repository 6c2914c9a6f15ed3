"""Two records that are one person: aliases, nothing moved, nothing deleted (DESIGN.md §5.10).

The merges that hold form a tree. `Patient.merged_into` is the root of that tree, written on every record below it, so
that readers need one step; it is worked out anew after each change, and taking a merge back restores what was before.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import InvalidInput, TransitionError
from ris.core.texts import fault_of_text
from ris.events import emit
from ris.patients import permissions
from ris.patients.hooks import patient_parted
from ris.patients.models import Patient, PatientMerge

LONGEST_REASON = 200


@transaction.atomic
def merge_patients(loser: Patient, *, into: Patient, reason: str, by: Actor) -> PatientMerge:
    """From now on `loser` is an alias of the person of `into`; both keep their rows, numbers, orders and reports.

    Raises NotPermitted; InvalidInput without a reason, for one person, for two unknown ones; TransitionError for a
    record that is an alias already.
    """
    reason = _reason(reason)
    locked = _locked(loser, into)
    loser, into = locked[loser.pk], locked[into.pk]
    permissions.require_merge(by, loser, into)
    if loser.merged_into_id is not None:
        raise TransitionError("This record was merged already. Take that back first, or merge the other record.")
    into = into.current
    if into.pk == loser.pk:
        raise InvalidInput("These records are one person already.")
    if loser.temporary and into.temporary:
        raise InvalidInput("Both are unidentified: nobody can know that they are the same. Identify one first.")
    if into.temporary:
        raise InvalidInput("An unidentified record is merged into a known one, not the other way round.")
    merge = PatientMerge.objects.create(
        loser=loser, into=into, reason=reason, merged_at=timezone.now(), merged_by=by.display[:160]
    )
    _settle(loser, into)
    audit.record("patient.merged", loser, by=by, patient=into, into=into.pk, reason=reason)
    emit("patient.merged", into, by=by, loser_id=loser.pk, into_id=into.pk)
    return merge


@transaction.atomic
def unmerge_patient(loser: Patient, *, reason: str, by: Actor) -> PatientMerge:
    """Take the merge of `loser` back: it and what was merged into it before stand as they did.

    Raises NotPermitted, InvalidInput without a reason, TransitionError when the record is not merged.
    """
    reason = _reason(reason)
    merge = PatientMerge.objects.filter(loser=loser, undone_at__isnull=True).select_related("into").first()
    if merge is None:
        raise TransitionError("This record is not merged into another.")
    locked = _locked(loser, merge.into)
    loser, into = locked[loser.pk], locked[merge.into_id]
    permissions.require_merge(by, loser, into)
    undone = PatientMerge.objects.filter(pk=merge.pk, undone_at__isnull=True).update(
        undone_at=timezone.now(), undone_by=by.display[:160], undone_reason=reason
    )
    if undone != 1:
        raise TransitionError("Somebody else took this merge back meanwhile. Reload and look again.")
    _settle(loser, None)
    patient_parted(loser, by)
    audit.record("patient.unmerged", loser, by=by, patient=loser, was_into=into.pk, reason=reason)
    emit("patient.unmerged", loser, by=by, loser_id=loser.pk, into_id=into.pk)
    merge.refresh_from_db()
    return merge


def _settle(top: Patient, root: Patient | None) -> None:
    """Write the root on `top` and on every record below it."""
    below, waiting = [], [top.pk]
    while waiting:
        found = PatientMerge.objects.filter(into__in=waiting, undone_at__isnull=True)
        waiting = list(found.values_list("loser_id", flat=True))
        below += waiting
    Patient.objects.filter(pk=top.pk).update(merged_into=root)
    Patient.objects.filter(pk__in=below).update(merged_into=root or top)
    top.merged_into = root


def _locked(*people: Patient) -> dict[int, Patient]:
    """The records and the persons they stand for now, locked, so that two merges never miss each other."""
    keys = {person.pk for person in people}
    while True:
        rows = {row.pk: row for row in Patient.objects.select_for_update().filter(pk__in=keys).order_by("pk")}
        heads = {row.merged_into_id for row in rows.values() if row.merged_into_id is not None}
        if heads <= keys:
            return rows
        keys |= heads


def _reason(reason: str) -> str:
    reason = reason.strip()
    fault = fault_of_text(reason, longest=LONGEST_REASON)
    if fault or not reason:
        raise InvalidInput("A reason is needed.", fields={"reason": fault or "Say how you know that."})
    return reason
