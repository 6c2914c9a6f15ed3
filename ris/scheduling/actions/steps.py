"""What happens to a scheduled procedure step: planned, started, completed, discontinued, put back."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import TransitionError
from ris.events import emit
from ris.orders.actions import note_progress, require_startable
from ris.orders.models import Order, RequestedProcedure
from ris.scheduling import permissions
from ris.scheduling.actions.holding import hold_exams, hold_steps
from ris.scheduling.actions.late import come_late
from ris.scheduling.hooks import step_completed, step_starting
from ris.scheduling.lifecycle import APPOINTMENT, STEP
from ris.scheduling.models import Appointment, Reservation, ScheduledProcedureStep, StepQuerySet


def plan_steps(requested: RequestedProcedure) -> list[ScheduledProcedureStep]:
    """The steps of a requested procedure, one for each part that has its own time; made on first need.

    Inside the caller's transaction, which holds the order, or has made it.
    """
    related = ("part", "appointment", "requested_procedure__procedure", "requested_procedure__order__patient")
    steps = requested.steps.select_related(*related).order_by("pk")
    if found := list(steps):
        return found
    _make_steps(requested)
    return list(steps.all())


def _make_steps(requested: RequestedProcedure) -> None:
    parts = [part for part in requested.procedure.parts.all() if not part.beside]
    for number, part in enumerate(parts or [None], start=1):
        ScheduledProcedureStep.objects.create(
            site_id=requested.order.site_id,
            requested_procedure=requested,
            part=part,
            # Its own accession number unless a site shares one: the Requested Procedure ID is always its own.
            sps_id=f"{requested.requested_procedure_id[-14:]}-{number}",
            modality=part.modality if part else requested.procedure.modality,
            description=f"{requested.description}: {part.name}"[:64] if part else requested.description,
        )


def plan_order(order: Order, by: Actor) -> None:
    """Part of an order's placing, before which none of its steps exists: they wait to be scheduled."""
    for requested in order.procedures.select_related("procedure", "order"):
        _make_steps(requested)


@transaction.atomic
def start_step(step: ScheduledProcedureStep, *, by: Actor) -> ScheduledProcedureStep:
    """Begin: legal from SCHEDULED, ARRIVED and READY, and implies arrival (workflow.md rule 1)."""
    step = _locked(step)
    permissions.require_perform(by, step.site_id)
    require_startable(step.requested_procedure.order, by=by)
    step_starting(step, by)
    now = timezone.now()
    STEP.advance(step, "start", changed_at=now, started_at=now, started_from=step.state)
    if step.appointment is not None and APPOINTMENT.allows(step.appointment, "restore"):
        come_late(step, step.appointment, by=by)  # who is examined has come
    if step.appointment is not None and APPOINTMENT.allows(step.appointment, "arrive"):
        APPOINTMENT.advance(step.appointment, "arrive", arrived_at=timezone.now())
    note_progress(step.requested_procedure.order, "start")
    audit.record("step.started", step, by=by, patient=step.requested_procedure.order.patient_id)
    emit("step.started", step, by=by)
    return step


@transaction.atomic
def complete_step(step: ScheduledProcedureStep, *, by: Actor) -> ScheduledProcedureStep:
    """Finish: the appointment is fulfilled and the order completed once no step of theirs is left."""
    return _finish(step, "complete", "step.completed", by=by)


@transaction.atomic
def discontinue_step(step: ScheduledProcedureStep, *, reason: str, by: Actor) -> ScheduledProcedureStep:
    """Break off; what images exist are still read."""
    return _finish(step, "discontinue", "step.discontinued", by=by, reason=reason)


def _finish(
    step: ScheduledProcedureStep, verb: str, kind: str, *, by: Actor, reason: str = ""
) -> ScheduledProcedureStep:
    step = _locked(step)
    permissions.require_perform(by, step.site_id)
    STEP.advance(step, verb, changed_at=timezone.now())
    if step.appointment is not None:
        _close_appointment(step.appointment)
    order = step.requested_procedure.order
    if not _steps_of(order).filter(state__in=STEP.groups["live"]).exists():
        note_progress(order, verb)
    step_completed(step, by)
    audit.record(kind, step, by=by, patient=order.patient_id, reason=reason)
    emit(kind, step, by=by)
    return step


@transaction.atomic
def put_back_step(step: ScheduledProcedureStep, *, reason: str, by: Actor) -> ScheduledProcedureStep:
    """Another patient was examined under this step: it waits again, as it did before (workflow.md rule 3)."""
    step = _locked(step)
    permissions.require_perform(by, step.site_id)
    came = step.started_from not in {"", "SCHEDULED"}
    STEP.advance(step, "put-back-arrived" if came else "put-back", changed_at=timezone.now(), started_at=None)
    if step.appointment is not None:
        _put_back_appointment(step.appointment, came=came)
    note_progress(step.requested_procedure.order, "reopen")
    audit.record("step.put-back", step, by=by, patient=step.requested_procedure.order.patient_id, reason=reason)
    emit("step.put-back", step, by=by)
    return step


@transaction.atomic
def reopen_step(step: ScheduledProcedureStep, *, reason: str, by: Actor) -> ScheduledProcedureStep:
    """It was not over: more images came. The appointment and the order run again."""
    step = _locked(step)
    permissions.require_perform(by, step.site_id)
    STEP.advance(step, "reopen", changed_at=timezone.now())
    if step.appointment is not None and APPOINTMENT.allows(step.appointment, "reopen"):
        APPOINTMENT.advance(step.appointment, "reopen")
    note_progress(step.requested_procedure.order, "reopen")
    audit.record("step.reopened", step, by=by, patient=step.requested_procedure.order.patient_id, reason=reason)
    emit("step.reopened", step, by=by)
    return step


def _put_back_appointment(appointment: Appointment, *, came: bool) -> None:
    """It stands again; an arrival that only the start implied is taken back."""
    if APPOINTMENT.allows(appointment, "reopen"):
        APPOINTMENT.advance(appointment, "reopen")
    others = appointment.steps.filter(state__in=STEP.groups["here"]).exists()
    if not came and not others and APPOINTMENT.allows(appointment, "undo-arrive"):
        APPOINTMENT.advance(appointment, "undo-arrive", arrived_at=None)


def cancel_steps_of(order: Order, by: Actor) -> None:
    """Part of an order's cancellation: steps leave the worklist, slots are freed; a begun step refuses."""
    hold_exams(Order.objects.filter(pk=order.pk))
    for step in _steps_of(order).select_related("appointment").order_by("pk"):
        if not STEP.allows(step, "cancel"):
            raise TransitionError(f"Step {step.sps_id} is {step.state}: the order can only be discontinued now.")
        STEP.advance(step, "cancel", changed_at=timezone.now())
        audit.record("step.cancelled", step, by=by, patient=order.patient_id)
        _free(step.appointment, by)


def stop_steps_of(order: Order, by: Actor) -> None:
    """Part of an order's discontinuation: what waits leaves the worklist, what runs is broken off."""
    hold_exams(Order.objects.filter(pk=order.pk))
    for step in _steps_of(order).select_related("appointment", "requested_procedure").order_by("pk"):
        if STEP.allows(step, "cancel"):
            STEP.advance(step, "cancel", changed_at=timezone.now())
            audit.record("step.cancelled", step, by=by, patient=order.patient_id)
            _free(step.appointment, by)
        elif STEP.allows(step, "discontinue"):
            STEP.advance(step, "discontinue", changed_at=timezone.now())
            if step.appointment is not None:
                _close_appointment(step.appointment)
            step_completed(step, by)
            audit.record("step.discontinued", step, by=by, patient=order.patient_id)
            emit("step.discontinued", step, by=by)


def _free(appointment: Appointment | None, by: Actor) -> None:
    """Cancel an appointment of which no live step is left; it is fulfilled if an exam of it was done."""
    if appointment is None or appointment.steps.filter(state__in=STEP.groups["live"]).exists():
        return
    if appointment.steps.filter(state__in=STEP.groups["over"]).exists():
        _close_appointment(appointment)
    elif APPOINTMENT.allows(appointment, "cancel"):
        APPOINTMENT.advance(appointment, "cancel", cancel_reason="order cancelled", sequence=appointment.sequence + 1)
        Reservation.objects.filter(appointment=appointment).update(active=False)
        emit("appointment.cancelled", appointment, by=by)


def _close_appointment(appointment: Appointment) -> None:
    if appointment.steps.filter(state__in=STEP.groups["live"]).exists():
        return
    if APPOINTMENT.allows(appointment, "fulfil"):
        APPOINTMENT.advance(appointment, "fulfil")


def _steps_of(order: Order) -> StepQuerySet:
    return ScheduledProcedureStep.objects.filter(requested_procedure__order=order)


def _locked(step: ScheduledProcedureStep) -> ScheduledProcedureStep:
    """The step as it is now. Its order is held, and with it the other steps: two last ones see each other."""
    hold_steps(ScheduledProcedureStep.objects.filter(pk=step.pk))
    return ScheduledProcedureStep.objects.select_related("appointment", "requested_procedure__order").get(pk=step.pk)
