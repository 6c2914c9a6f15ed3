"""What makes studies move by themselves: merges of patients, merges taken back, and images that came late."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction

from ris.core.actors import SystemActor
from ris.dicom.datasets import StudyRow
from ris.events.models import Event
from ris.patients.models import Patient, PatientMerge
from worklist.lifecycle import REHOMING
from worklist.models import Study, StudyLink
from worklist.outside.rows import OutsideStudy
from worklist.rehoming.actions import last_of, person_at, rehome, told_of, undo
from worklist.rehoming.identity import Identity
from worklist.rehoming.rows import Rehoming

MATCHER = SystemActor("matcher")
LATE = "Images came under the number that was corrected."


@transaction.atomic
def after_merge(event: Event) -> None:
    """`patient.merged`: every study of the person comes under the number of the record that stands for them now."""
    merge = _merge(event)
    if merge is None or merge.undone_at is not None:
        return
    for study, wanted in _studies_of(merge.loser):
        if study.patient_id_text != wanted.patient_id or _unfinished(study):
            rehome(study, wanted, kind="merge", reason=merge.reason, by=MATCHER, merge=merge)


@transaction.atomic
def after_parting(event: Event) -> None:
    """`patient.unmerged`: what this merge moved goes back; what was moved again since goes to whom it now belongs."""
    merge = _merge(event)
    if merge is None:
        return
    reason = merge.undone_reason
    moved = Study.objects.filter(pk__in=Rehoming.objects.filter(merge=merge).values("study"))
    belongs = dict(_studies_of(merge.loser))
    for study in moved.select_for_update(of=("self",)).order_by("pk"):
        last = last_of(study)
        if last is not None and last.merge_id == merge.pk:
            undo(last, kind="parted", reason=reason, by=MATCHER)
        elif study in belongs:
            rehome(study, belongs[study], kind="parted", reason=reason, by=MATCHER)


def _merge(event: Event) -> PatientMerge | None:
    rows = PatientMerge.objects.filter(loser=event.payload["loser_id"], merged_at__lte=event.at)
    return rows.select_related("loser").order_by("-pk").first()


def _studies_of(patient: Patient) -> Iterator[tuple[Study, Identity]]:
    """Each linked study of the records that are one person with `patient` now, and whose it shall be."""
    family = Patient.objects.family(patient)
    links = StudyLink.objects.filter(active=True, requested_procedure__order__patient__in=family)
    related = "requested_procedure__order__patient__merged_into", "requested_procedure__order__site", "study"
    brought = OutsideStudy.objects.filter(patient__in=family).select_related("study__site", "patient__merged_into")
    for one in brought.order_by("study_id"):
        if one.study.site is not None:
            yield one.study, person_at(one.patient, one.study.site)
    seen: set[int] = set()
    for link in links.select_related(*related).order_by("study_id", "pk"):
        if link.study_id not in seen:
            seen.add(link.study_id)
            order = link.requested_procedure.order
            yield link.study, person_at(order.patient, order.site)


def _unfinished(study: Study) -> bool:
    return Rehoming.objects.filter(study=study, state__in=REHOMING.groups["unfinished"]).exists()


@transaction.atomic
def follow_late(row: StudyRow) -> bool:
    """A device still sends under the number that was corrected: its images go the same way. False when not so."""
    study = Study.objects.filter(study_instance_uid=row.study_instance_uid).first()
    last = last_of(study) if study is not None else None
    if study is None or last is None or not REHOMING.within(last, "over"):
        return False
    if told_of(row).patient_id != last.was.get("patient_id") or row.patient_id == last.wanted["patient_id"]:
        return False
    rehome(study, Identity(**last.wanted), kind="late", reason=LATE, by=MATCHER, merge=last.merge)
    return True
