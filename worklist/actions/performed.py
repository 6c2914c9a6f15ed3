"""What a device says it did (MPPS, PS3.4 F.7): started, updated, completed, discontinued.

A performed step may answer several scheduled ones (group case) and a scheduled one may have several performed steps
(append case), so that a scheduled step ends with the last of its performed steps and never with the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import ConcurrentUpdateError, NotFound, TransitionError
from ris.dicom.models import Node
from ris.events import emit
from ris.scheduling import actions as scheduling
from ris.scheduling.lifecycle import STEP
from ris.scheduling.models import ScheduledProcedureStep
from ris.scheduling.permissions import require_perform
from worklist.actions.reading import count_images
from worklist.lifecycle import PERFORMED, STUDY
from worklist.models import PerformedProcedureStep, Study
from worklist.mpps.attributes import BY_KEYWORD
from worklist.mpps.messages import COMPLETED, DISCONTINUED, WRONG_ENTRY, ProcedureStarted, ProcedureUpdated, check_final
from worklist.scheduled import steps_meant_by

SERIES = BY_KEYWORD["PerformedSeriesSequence"].json_tag
VERBS = {"": "update", "IN PROGRESS": "update", COMPLETED: "complete", DISCONTINUED: "discontinue"}


class AlreadyCreatedError(ConcurrentUpdateError):
    """The SOP Instance UID of an N-CREATE exists."""


class FrozenError(TransitionError):
    """The performed step has reached a final state (PS3.4 F.7.2.2.2)."""


@transaction.atomic
def start_procedure(message: ProcedureStarted, *, node: Node, by: Actor) -> PerformedProcedureStep:
    """Record an N-CREATE and start the scheduled steps that it names, arrival implied (workflow.md rule 1).

    A message that names no step of ours, or another patient's, is recorded as unscheduled and not refused. Raises
    NotPermitted, AlreadyCreatedError when the UID exists.
    """
    require_perform(by, node.site_id)
    meant = steps_meant_by(message, node)
    performed = _created(message, node, unscheduled=not meant.steps)
    performed.steps.set(meant.steps)
    for step in meant.steps:
        if STEP.within(step, "waiting"):
            scheduling.start_step(step, by=by)
    audit.record(
        "procedure.started",
        performed,
        by=by,
        patient=_patient_of(meant.steps),
        study_uid=performed.study_instance_uid,
        node=node.ae_title,
        steps=[step.sps_id for step in meant.steps],
        unscheduled_because=meant.doubt,
    )
    return performed


@transaction.atomic
def update_procedure(message: ProcedureUpdated, *, node: Node, by: Actor) -> PerformedProcedureStep:
    """Record an N-SET; a final state also ends the scheduled steps that have nothing else running.

    Raises NotFound for an unknown UID, NotPermitted, FrozenError once the state is final, MessageError when what a
    final state needs is not known.
    """
    performed = _locked(message.sop_instance_uid, node)
    require_perform(by, performed.site_id)
    verb = VERBS[message.state]
    if not PERFORMED.allows(performed, verb):
        raise FrozenError(f"The performed procedure step is {performed.state} and can no longer be updated.")
    attributes = {**performed.final_message, **message.raw}
    changes: dict[str, object] = {"final_message": attributes}
    if message.ended is not None:
        changes["ended_at"] = _aware(message.ended, node)
    PERFORMED.advance(performed, verb, **changes, discontinuation_code=message.discontinuation_code[:16])
    if message.state in {COMPLETED, DISCONTINUED}:
        check_final(message.state, {**performed.created_message, **attributes})
        _finish(performed, message, by=by)
    else:
        audit.record("procedure.updated", performed, by=by, study_uid=performed.study_instance_uid)
    return performed


def _created(message: ProcedureStarted, node: Node, *, unscheduled: bool) -> PerformedProcedureStep:
    performed = PerformedProcedureStep(
        sop_instance_uid=message.sop_instance_uid,
        site_id=node.site_id,
        node=node,
        unscheduled=unscheduled,
        study_instance_uid=message.references[0].study_instance_uid,
        performed_id=message.performed_id[:16],
        modality=message.modality[:16],
        started_at=_aware(message.started, node),
        created_message=message.raw,
    )
    try:
        with transaction.atomic():
            performed.save(force_insert=True)
    except IntegrityError:
        raise AlreadyCreatedError("This performed procedure step was created before.") from None
    return performed


def _finish(performed: PerformedProcedureStep, message: ProcedureUpdated, *, by: Actor) -> None:
    steps = list(performed.steps.select_related("requested_procedure__order").order_by("pk"))
    for step in steps:
        _settle(step, message, by=by)
    if message.wrong_entry:
        _close_to_viewing(performed, by=by)
    audit.record(
        "procedure.completed" if message.state == COMPLETED else "procedure.discontinued",
        performed,
        by=by,
        patient=_patient_of(steps),
        study_uid=performed.study_instance_uid,
        steps=[step.sps_id for step in steps],
        reason=message.discontinuation_code,
    )


def _settle(step: ScheduledProcedureStep, message: ProcedureUpdated, *, by: Actor) -> None:
    """The step ends with the last of its performed steps: as completed if any of them was."""
    if step.performed.filter(state__in=PERFORMED.groups["running"]).exists():
        return
    others = step.performed.exclude(state=DISCONTINUED, discontinuation_code=WRONG_ENTRY)
    if not others.exists() and STEP.allows(step, "put-back"):
        scheduling.put_back_step(step, reason=message.discontinuation_code, by=by)
    elif others.filter(state=COMPLETED).exists():
        if STEP.allows(step, "complete"):
            scheduling.complete_step(step, by=by)
    elif STEP.allows(step, "discontinue"):
        scheduling.discontinue_step(step, reason=message.discontinuation_code, by=by)


def _close_to_viewing(performed: PerformedProcedureStep, *, by: Actor) -> None:
    """Images taken under the wrong patient's name are at once open to nobody (DESIGN.md §5.10).

    Also those that the archive has not told us of yet: a series reported now is a study noticed a minute later.
    """
    uid = performed.study_instance_uid
    if any(performed.final_message.get(SERIES, {}).get("Value") or ()):
        Study.objects.get_or_create(study_instance_uid=uid, defaults={"site_id": performed.site_id})
    study = Study.objects.select_for_update().filter(study_instance_uid=uid).first()
    if study is None or not STUDY.allows(study, "block"):
        return
    STUDY.advance(study, "block")
    count_images(study)
    audit.record("study.blocked", study, by=by, study_uid=uid, reason=WRONG_ENTRY)
    emit("study.blocked", study, by=by)


def _locked(sop_instance_uid: str, node: Node) -> PerformedProcedureStep:
    rows = PerformedProcedureStep.objects.select_for_update().filter(site_id=node.site_id)
    performed = rows.filter(sop_instance_uid=sop_instance_uid).first()
    if performed is None:
        raise NotFound("No performed procedure step was created under this UID.")
    return performed


def _patient_of(steps: Iterable[ScheduledProcedureStep]) -> int | None:
    return next((step.requested_procedure.order.patient_id for step in steps), None)


def _aware(moment: datetime, node: Node) -> datetime:
    """A device's clock shows the time of its site unless the message says otherwise."""
    return timezone.make_aware(moment, node.site.zone) if timezone.is_naive(moment) else moment
