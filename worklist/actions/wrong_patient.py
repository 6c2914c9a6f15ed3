"""Images under the wrong patient's name: closed at once to everybody, queued for a person (workflow.md rule 3).

What is locked is locked in the order of docs/architecture.md.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import InvalidInput, TransitionError
from ris.events import emit
from ris.orders.actions import renew_study_uid
from ris.orders.models import Order, RequestedProcedure
from ris.scheduling import actions as scheduling
from ris.scheduling.lifecycle import STEP
from ris.scheduling.models import ScheduledProcedureStep
from ris.scheduling.permissions import require_perform
from worklist.actions.reading import count_images, note_changed
from worklist.lifecycle import READING, STUDY
from worklist.models import PerformedProcedureStep, ReadingTask, Study, StudyLink, WrongPatient
from worklist.permissions import require_reconcile


@transaction.atomic
def wrong_patient(step: ScheduledProcedureStep, *, reason: str, by: Actor) -> list[WrongPatient]:
    """A technologist saw that another patient lies there: the step waits again, what was taken is closed to everybody.

    What the device still sends of it is closed too when it comes. Raises NotPermitted, InvalidInput without a reason,
    TransitionError for a step that was never begun.
    """
    require_perform(by, step.site_id)
    words = reason.strip()[:255]
    if not words:
        raise InvalidInput("A reason is needed.", fields={"reason": "Whose images are they, as far as you know?"})
    done = list(PerformedProcedureStep.objects.select_for_update().filter(steps=step).order_by("pk"))
    uids = {one.study_instance_uid for one in done} | _studies_of(step)
    studies = lock_studies(uids)
    covered = Q(procedures__steps=step) | Q(procedures__steps__performed__in=done)
    scheduling.hold_exams(Order.objects.filter(covered | Q(procedures__study_instance_uid__in=uids)))
    PerformedProcedureStep.objects.filter(pk__in=[one.pk for one in done]).update(wrong_patient=True)
    for one in _steps_with(step, done):
        scheduling.put_back_step(one, reason=words, by=by)
    return [close_study(uid, studies.get(uid), step=step, reason=words, by=by) for uid in sorted(uids)]


def close_study(
    study_uid: str,
    study: Study | None,
    *,
    step: ScheduledProcedureStep | None,
    reason: str,
    by: Actor,
    performed: PerformedProcedureStep | None = None,
) -> WrongPatient:
    """Part of a transaction that has locked the study: nobody sees or signs it from the commit on.

    `study` is None while the archive has told of no image: the row here makes it closed from its first one.
    """
    row = WrongPatient.objects.waiting().filter(study_instance_uid=study_uid).first()
    if row is None:
        row = WrongPatient.objects.create(
            site_id=_site_of(study, step, performed), study_instance_uid=study_uid, study=study, step=step,
            performed=performed, reason=reason, said_by=by.display, said_at=timezone.now(),
        )  # fmt: skip
    for requested in RequestedProcedure.objects.filter(study_instance_uid=study_uid).order_by("pk"):
        renew_study_uid(requested, by=by)
    if study is not None:
        _block(study, row, reason=reason, by=by)
    return row


def lock_studies(uids: Iterable[str]) -> dict[str, Study]:
    rows = Study.objects.select_for_update().filter(study_instance_uid__in=[uid for uid in uids if uid])
    return {study.study_instance_uid: study for study in rows.order_by("pk")}


def is_wrong_patients(study_uid: str) -> bool:
    """Whether all that devices and people say of this study is that its images are another patient's.

    A device may take the same worklist line again, now rightly: then a person has to look.
    """
    if WrongPatient.objects.filter(study_instance_uid=study_uid, settled_at__isnull=False).exists():
        return False
    said = PerformedProcedureStep.objects.filter(study_instance_uid=study_uid)
    if said.filter(wrong_patient=False).exists():
        return False
    return said.exists() or WrongPatient.objects.waiting().filter(study_instance_uid=study_uid).exists()


@transaction.atomic
def settle_wrong_patient(row: WrongPatient, *, outcome: str, by: Actor) -> WrongPatient:
    """A person has found out whose images they are: the study goes to those who match studies by hand.

    Raises NotPermitted, InvalidInput without words, TransitionError when it was settled before.
    """
    require_reconcile(by, row.site_id)
    words = outcome.strip()[:255]
    if not words:
        raise InvalidInput("Say what was found.", fields={"outcome": "Whose images are they, and how do you know?"})
    studies = lock_studies([row.study_instance_uid])
    waiting = WrongPatient.objects.waiting().filter(pk=row.pk)
    if waiting.update(settled_at=timezone.now(), settled_by=by.display, outcome=words) != 1:
        raise TransitionError("Somebody has settled this already. Reload and look again.")
    for study in studies.values():
        _end_links(study)
        if STUDY.allows(study, "unblock"):
            STUDY.advance(study, "unblock", site_id=row.site_id)
            emit("study.released", study, by=by)
    audit.record("study.settled", ("study", row.study_instance_uid), by=by, site_id=row.site_id,
                 study_uid=row.study_instance_uid, found=words)  # fmt: skip
    row.refresh_from_db()
    return row


def _block(study: Study, row: WrongPatient, *, reason: str, by: Actor) -> None:
    if row.study_id is None:
        row.study = study
        row.save(update_fields=["study"])
    if not STUDY.allows(study, "block"):
        return
    STUDY.advance(study, "block")
    hold_tasks(study)
    count_images(study)
    audit.record("study.blocked", study, by=by, study_uid=study.study_instance_uid, reason=reason)
    emit("study.blocked", study, by=by)


def hold_tasks(study: Study, *, procedure: int | None = None) -> None:
    """Cases with nothing else to read leave the lists; every reader of one is told, also when it is signed already.

    `procedure` narrows it to the cases of one procedure that the study was linked to.
    """
    theirs = ReadingTask.objects.filter(requested_procedures__study_links__study=study).values("pk")
    if procedure is not None:
        theirs = theirs.filter(requested_procedures=procedure)
    for task in ReadingTask.objects.select_for_update().filter(pk__in=theirs).order_by("pk"):
        now = timezone.now()
        held = READING.within(task, "open") and not task.studies().exists()
        ReadingTask.objects.filter(pk=task.pk).update(held=held, images_closed_at=now, changed_at=now)


def _end_links(study: Study) -> None:
    StudyLink.objects.filter(study=study, active=True).update(active=False, ended_at=timezone.now())
    note_changed(study)
    count_images(study)


def _studies_of(step: ScheduledProcedureStep) -> set[str]:
    """By link, and by the UID under which the device stores, whether or not an image has come."""
    linked = Study.objects.filter(links__requested_procedure=step.requested_procedure_id, links__active=True)
    fresh = RequestedProcedure.objects.values_list("study_instance_uid", flat=True).get(pk=step.requested_procedure_id)
    return {fresh, *linked.values_list("study_instance_uid", flat=True)}


def _steps_with(step: ScheduledProcedureStep, done: list[PerformedProcedureStep]) -> Iterable[ScheduledProcedureStep]:
    """The step, and those that the same performed steps covered (group case), as far as they have begun."""
    rows = ScheduledProcedureStep.objects.filter(performed__in=done) | ScheduledProcedureStep.objects.filter(pk=step.pk)
    found = list(rows.distinct().order_by("pk"))
    return [one for one in found if one.pk == step.pk or STEP.allows(one, "put-back")]


def _site_of(study: Study | None, step: ScheduledProcedureStep | None, performed: PerformedProcedureStep | None) -> int:
    said = performed or step
    if said is not None:
        return said.site_id
    if study is not None and study.site_id is not None:
        return study.site_id
    raise TransitionError("Nobody knows which site this study is of.")
