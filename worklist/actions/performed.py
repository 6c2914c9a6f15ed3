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
from ris.core.actors import Actor, SystemActor
from ris.core.errors import ConcurrentUpdateError, NotFound, TransitionError
from ris.dicom.models import Node
from ris.orders.actions import renew_study_uid
from ris.orders.models import RequestedProcedure
from ris.scheduling import actions as scheduling
from ris.scheduling.lifecycle import STEP
from ris.scheduling.models import ScheduledProcedureStep
from ris.scheduling.permissions import require_perform
from worklist.actions.details import write_details
from worklist.actions.device_messages import decoded, keep_taken, park, parked_of, was_replayed
from worklist.actions.wrong_patient import close_study, lock_studies
from worklist.lifecycle import MESSAGE, PERFORMED
from worklist.models import MppsMessage, PerformedProcedureStep, Study
from worklist.mpps.messages import (
    COMPLETED,
    DISCONTINUED,
    WRONG_ENTRY,
    Encoded,
    ProcedureStarted,
    ProcedureUpdated,
    check_final,
    updated,
)
from worklist.mpps.reading import MessageError
from worklist.scheduled import steps_meant_by

VERBS = {"": "update", "IN PROGRESS": "update", COMPLETED: "complete", DISCONTINUED: "discontinue"}


DEVICE = SystemActor("mpps")
CREATED_BEFORE = "This performed procedure step was created before."
WRONG_WORDS = f"The device discontinued it: incorrect worklist entry selected ({WRONG_ENTRY}, DCM)"


class AlreadyCreatedError(ConcurrentUpdateError):
    """The SOP Instance UID of an N-CREATE exists."""


class FrozenError(TransitionError):
    """The performed step has reached a final state (PS3.4 F.7.2.2.2)."""


def start_procedure(message: ProcedureStarted, *, node: Node, by: Actor) -> PerformedProcedureStep:
    """Record an N-CREATE and start the scheduled steps that it names, arrival implied (workflow.md rule 1).

    A message that names no step of ours, or another patient's, is recorded as unscheduled and not refused. Raises
    NotPermitted, AlreadyCreatedError when the UID exists. What came too early is carried out after the commit, or else
    by the timer (`replay_late`): it may close a study, and studies are locked before orders.
    """
    require_perform(by, node.site_id)
    return _replay(_started(message, node, by), by=by)


@transaction.atomic
def _started(message: ProcedureStarted, node: Node, by: Actor) -> PerformedProcedureStep:
    meant = steps_meant_by(message, node)
    performed = _created(message, node, unscheduled=not meant.steps)
    performed.steps.set(meant.steps)
    keep_taken(message, performed, node=node)
    write_details(performed)
    for step in meant.steps:
        _begin(step, by=by)
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


def update_or_park(message: ProcedureUpdated, *, node: Node, by: Actor) -> PerformedProcedureStep:
    """The same as `update_procedure`; a message that came before its N-CREATE is kept, and carried out after it.

    Its sender is still answered that there is no such instance, as PS3.4 asks: NotFound is raised.
    """
    try:
        return update_procedure(message, node=node, by=by)
    except NotFound:
        park(message, node=node)
        raise


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
        if was_replayed(message, performed):
            return performed
        raise FrozenError(f"The performed procedure step is {performed.state} and can no longer be updated.")
    counts = not performed.wrong_patient  # else a technologist has put its steps back already
    study = lock_studies([performed.study_instance_uid]).get(performed.study_instance_uid)
    attributes = {**performed.final_message, **message.raw}
    PERFORMED.advance(performed, verb, **_changes(message, node), final_message=attributes)
    keep_taken(message, performed, node=node)
    write_details(performed)
    if message.state in {COMPLETED, DISCONTINUED}:
        check_final(message.state, {**performed.created_message, **attributes})
        study = (study or _foreseen(performed)) if message.wrong_entry else None
        _finish(performed, message, counts=counts, by=by)
        if study is not None:
            _close_to_viewing(performed, study, by=by)
        elif message.wrong_entry:
            _leave_study(performed, by=by)
    else:
        audit.record("procedure.updated", performed, by=by, study_uid=performed.study_instance_uid)
    return performed


def _begin(step: ScheduledProcedureStep, *, by: Actor) -> None:
    """A step that was over runs again when a device goes on with it (append case)."""
    if STEP.within(step, "waiting"):
        scheduling.start_step(step, by=by)
    elif STEP.within(step, "over"):
        scheduling.reopen_step(step, reason="the device goes on with it", by=by)


def _changes(message: ProcedureUpdated, node: Node) -> dict[str, object]:
    """The columns that an N-SET says something of."""
    changes: dict[str, object] = {}
    if message.ended is not None:
        changes["ended_at"] = _aware(message.ended, node)
    if message.discontinuation_code:
        changes["discontinuation_code"] = message.discontinuation_code[:16]
        changes["discontinuation_meaning"] = message.discontinuation_meaning[:64]
    if message.wrong_entry:
        changes["wrong_patient"] = True
    return changes


def _replay(performed: PerformedProcedureStep, *, by: Actor) -> PerformedProcedureStep:
    """What came before its N-CREATE is carried out now, in the order in which it came."""
    for parked in parked_of(performed.sop_instance_uid, performed.site_id).select_related("node__site"):
        replay_message(parked, by=by)
    performed.refresh_from_db()
    return performed


def replay_message(parked: MppsMessage, *, by: Actor) -> None:
    """Carry out one parked N-SET. What can still not be done is refused for good, and stays on record."""
    encoded = Encoded(bytes(parked.body), parked.transfer_syntax)
    try:
        with transaction.atomic():
            message = updated(parked.sop_instance_uid, decoded(encoded), encoded)
            performed = update_procedure(message, node=parked.node, by=by)
    except (MessageError, FrozenError, NotFound) as error:
        MESSAGE.advance(parked, "refuse", problem=type(error).__name__)
    else:
        MESSAGE.advance(parked, "replay", performed=performed)


def replay_late() -> None:
    """The timer's turn: an N-SET that was parked while its N-CREATE was being written."""
    created = PerformedProcedureStep.objects.values("sop_instance_uid")
    waiting = MppsMessage.objects.filter(state__in=MESSAGE.groups["parked"], sop_instance_uid__in=created)
    for parked in waiting.select_related("node__site").order_by("pk")[:200]:
        known = PerformedProcedureStep.objects.filter(
            sop_instance_uid=parked.sop_instance_uid, site_id=parked.node.site_id
        )
        if known.exists():
            replay_message(parked, by=DEVICE)


def _created(message: ProcedureStarted, node: Node, *, unscheduled: bool) -> PerformedProcedureStep:
    # Asked before the insert, which would wait for an N-SET that waits for the orders which we hold.
    if PerformedProcedureStep.objects.filter(sop_instance_uid=message.sop_instance_uid).exists():
        raise AlreadyCreatedError(CREATED_BEFORE)
    performed = PerformedProcedureStep(
        sop_instance_uid=message.sop_instance_uid,
        site_id=node.site_id,
        node=node,
        unscheduled=unscheduled,
        study_instance_uid=message.references[0].study_instance_uid,
        performed_id=message.performed_id[:16],
        modality=message.modality[:16],
        description=message.description[:64],
        started_at=_aware(message.started, node),
        created_message=message.raw,
    )
    try:
        with transaction.atomic():
            performed.save(force_insert=True)
    except IntegrityError:
        raise AlreadyCreatedError(CREATED_BEFORE) from None
    return performed


def _finish(performed: PerformedProcedureStep, message: ProcedureUpdated, *, counts: bool, by: Actor) -> None:
    scheduling.hold_steps(performed.steps.all())
    steps = list(performed.steps.select_related("requested_procedure__order").order_by("pk"))
    for step in steps if counts else ():
        _settle(step, message, by=by)
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
    others = step.performed.filter(wrong_patient=False)
    if others.filter(state__in=PERFORMED.groups["running"]).exists():
        return
    if message.wrong_entry and not others.exists() and STEP.allows(step, "put-back"):
        scheduling.put_back_step(step, reason=message.discontinuation_code, by=by)
    elif others.filter(state=COMPLETED).exists():
        if STEP.allows(step, "complete"):
            scheduling.complete_step(step, by=by)
    elif STEP.allows(step, "discontinue"):
        scheduling.discontinue_step(step, reason=message.discontinuation_code, by=by)


def _foreseen(performed: PerformedProcedureStep) -> Study | None:
    """The study that the archive has not told us of yet: a series reported now is a study noticed a minute later.

    Where no series is told of, what comes after all is closed when it comes (`studies.note_study`).
    """
    if not performed.series.exists():
        return None
    uid = performed.study_instance_uid
    Study.objects.get_or_create(study_instance_uid=uid, defaults={"site_id": performed.site_id})
    return lock_studies([uid])[uid]


def _close_to_viewing(performed: PerformedProcedureStep, study: Study, *, by: Actor) -> None:
    """Images taken under the wrong patient's name are at once open to nobody (DESIGN.md §5.10)."""
    step = performed.steps.order_by("pk").first()
    close_study(study.study_instance_uid, study, step=step, performed=performed, reason=WRONG_WORDS, by=by)


def _leave_study(performed: PerformedProcedureStep, *, by: Actor) -> None:
    """Images that nobody has told of may still come: whoever is examined next must not share a study with them."""
    uid = performed.study_instance_uid
    if PerformedProcedureStep.objects.filter(study_instance_uid=uid, wrong_patient=False).exists():
        return
    rows = RequestedProcedure.objects.filter(study_instance_uid=uid, steps__performed=performed)
    for requested in rows.distinct().order_by("pk"):
        renew_study_uid(requested, by=by)


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
