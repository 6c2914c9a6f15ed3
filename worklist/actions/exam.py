"""The technologist runs an exam by hand: confirms who lies there, begins, ends, hands it to the reader."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from ris.core.actors import Actor
from ris.core.errors import InvalidInput, TransitionError
from ris.core.texts import faults_of_texts
from ris.orders.models import SIDE_WORDS
from ris.scheduling import actions as scheduling
from ris.scheduling.lifecycle import STEP
from ris.scheduling.models import ScheduledProcedureStep
from ris.scheduling.permissions import require_perform
from worklist.actions.reading import ensure_task
from worklist.actions.record import Said, keep_line, remark
from worklist.exam.record import BROKEN_OFF, IDENTIFIERS, ExamRule, TimeOut
from worklist.lifecycle import PERFORMED
from worklist.models import ReadingTask, StudyLink, WrongPatient

HOLDS = timedelta(hours=4)


@transaction.atomic
def confirm(step: ScheduledProcedureStep, *, identifiers: Sequence[str], side: str, by: Actor) -> TimeOut:
    """The time-out: two identifiers, and the side where the order names one.

    Raises NotPermitted, InvalidInput, and TransitionError once the exam has begun.
    """
    step = _locked(step, by)
    _require_waiting(step)
    named = [name for name, _words in IDENTIFIERS if name in identifiers]
    ordered = step.requested_procedure.laterality
    faults = {}
    if len(named) < 2:
        faults["identifiers"] = "Two identifiers at least."
    if ordered and side != ordered:
        faults["side"] = f"The order says {SIDE_WORDS[ordered]}. If that is wrong, have the order changed first."
    if faults:
        raise InvalidInput("Stop: patient or side are not confirmed.", fields=faults)
    return keep_line(step, TimeOut(identifiers=named, side=ordered), by=by, kind="time-out", confirmed=named)


@transaction.atomic
def start_exam(step: ScheduledProcedureStep, *, skip_because: str = "", by: Actor) -> ScheduledProcedureStep:
    """Begin. Where the site asks for a time-out, a STAT exam may skip it with a reason.

    Raises NotPermitted, InvalidInput, and TransitionError for an open hard stop or a missing time-out.
    """
    step = _locked(step, by)
    if skip_because.strip():
        _skip(step, skip_because.strip(), by=by)
    return scheduling.start_step(step, by=by)


def _skip(step: ScheduledProcedureStep, reason: str, *, by: Actor) -> None:
    if step.requested_procedure.order.priority != "STAT":
        raise InvalidInput("Only a STAT exam may begin without the time-out.", fields={"skip_because": "Not STAT."})
    if faults := faults_of_texts(TimeOut, {"skipped_because": reason}):
        raise InvalidInput("The reason cannot be used.", fields={"skip_because": faults["skipped_because"]})
    keep_line(step, TimeOut(skipped_because=reason), by=by, kind="time-out-skipped", reason=reason)


def require_time_out(step: ScheduledProcedureStep, by: Actor) -> None:
    """Part of a step's start by a person. What a device reports has happened already and is never refused."""
    if by.kind == "system" or not ExamRule.objects.filter(site_id=step.site_id, time_out=True).exists():
        return
    if time_out_of(step) is None:
        raise TransitionError(
            "The time-out is missing: confirm two identifiers and the side on the exam's page, then begin. "
            "A STAT exam may begin without it, with a reason."
        )


def time_out_of(step: ScheduledProcedureStep) -> TimeOut | None:
    """The one that holds: of the last hours, and of nobody who turned out to be another patient."""
    found = TimeOut.objects.filter(step=step, struck_at__isnull=True, at__gte=timezone.now() - HOLDS)
    mistaken = WrongPatient.objects.filter(step=step).order_by("-said_at").first()
    if mistaken is not None:
        found = found.filter(at__gt=mistaken.said_at)
    return found.order_by("-at", "-pk").first()


@transaction.atomic
def discontinue_exam(step: ScheduledProcedureStep, *, reason: str, by: Actor) -> ScheduledProcedureStep:
    """Break off, with the reason; the images that exist are read."""
    reason = reason.strip()
    if not reason or len(reason) > 200:
        raise InvalidInput("A reason is needed.", fields={"reason": "Why is it broken off? At most 200 characters."})
    step = _locked(step, by)
    if STEP.allows(step, "discontinue"):
        remark(step, Said(kind="comment", text=reason, category=BROKEN_OFF), by=by)
    return scheduling.discontinue_step(step, reason=reason, by=by)


@transaction.atomic
def send_to_reading(step: ScheduledProcedureStep, *, note: str, by: Actor) -> ReadingTask | None:
    """Hand the exam to the readers, with a note: what still runs by hand is completed.

    None when no image of it has come yet: the case then opens with the first. Raises TransitionError before the start.
    """
    step = _locked(step, by)
    if STEP.within(step, "waiting"):
        raise TransitionError("The exam has not begun: there is nothing to read.")
    if note.strip():
        remark(step, Said(kind="note", text=note), by=by)
    if STEP.allows(step, "complete") and not step.performed.filter(state__in=PERFORMED.groups["running"]).exists():
        scheduling.complete_step(step, by=by)
    requested = step.requested_procedure
    if not StudyLink.objects.filter(requested_procedure=requested, active=True).exists():
        return None
    return ensure_task(requested, by=by)


def _locked(step: ScheduledProcedureStep, by: Actor) -> ScheduledProcedureStep:
    """The step as it is now; it and what it hangs on are nobody else's until the transaction ends."""
    scheduling.hold_steps(ScheduledProcedureStep.objects.filter(pk=step.pk))
    rows = ScheduledProcedureStep.objects.select_related("site", "requested_procedure__order__patient")
    step = rows.get(pk=step.pk)
    require_perform(by, step.site_id)
    return step


def _require_waiting(step: ScheduledProcedureStep) -> None:
    if not STEP.within(step, "waiting"):
        raise TransitionError("The exam has begun: a time-out comes before it.")
