"""What the technologist writes down: a line is added with its writer, and taken back with a reason, never changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import InvalidInput, TransitionError
from ris.core.texts import faults_of_texts
from ris.events import emit
from ris.patients.actions import AlertData, add_alert
from ris.patients.models import PatientAlert
from ris.scheduling.lifecycle import STEP
from ris.scheduling.models import ScheduledProcedureStep
from ris.scheduling.permissions import require_perform
from worklist.exam.record import (
    BROKEN_OFF,
    INCIDENTS,
    QUANTITIES,
    REACTIONS,
    REMARKS,
    ROUTES,
    ContrastAgent,
    ContrastGiven,
    DoseEntry,
    Entry,
    RejectReason,
    Remark,
    Repeat,
)

E = TypeVar("E", bound=Entry)
MOST_ML, MOST_DOSE = Decimal(2000), Decimal(1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """`volume_ml` in millilitres; `reaction` one of REACTIONS, anything but none with what happened."""

    agent: ContrastAgent
    volume_ml: Decimal
    lot: str = ""
    route: str = "intravenous"
    reaction: str = "none"
    reaction_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """`images` were made again because of `reason`."""

    reason: RejectReason
    images: int = 1
    view: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """`quantity` is a key of QUANTITIES, which holds the unit."""

    quantity: str
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """`kind` is one of REMARKS; an incident has a category."""

    kind: str
    text: str
    category: str = field(default="")


@transaction.atomic
def give_contrast(step: ScheduledProcedureStep, given: Contrast, *, by: Actor) -> ContrastGiven:
    """Raises NotPermitted, InvalidInput, TransitionError for an exam that was cancelled."""
    step = _open(step, by)
    faults = _faults_of_reaction(given.reaction, given.reaction_text)
    if not 0 < given.volume_ml <= MOST_ML:
        faults["volume_ml"] = "Millilitres, more than 0 and at most 2000."
    if not given.agent.active:
        faults["agent"] = "This agent is not used any more."
    if given.route not in dict(ROUTES):
        faults["route"] = "There is no such route."
    values = {"lot": given.lot.strip(), "reaction_text": given.reaction_text.strip()}
    _refuse(faults | faults_of_texts(ContrastGiven, values))
    row = ContrastGiven(
        agent=given.agent, volume_ml=given.volume_ml, route=given.route, reaction=given.reaction, **values
    )
    return _kept(step, row, by=by, kind="contrast", agent=given.agent.pk, reaction=given.reaction)


@transaction.atomic
def note_reaction(row: ContrastGiven, *, reaction: str, text: str, by: Actor) -> ContrastGiven:
    """What the agent did to the patient, also when it shows later."""
    step = _open(row.step, by)
    _require_standing(row)
    text = text.strip()
    _refuse(_faults_of_reaction(reaction, text) | faults_of_texts(ContrastGiven, {"reaction_text": text}))
    ContrastGiven.objects.filter(pk=row.pk).update(reaction=reaction, reaction_text=text)
    row.reaction, row.reaction_text = reaction, text
    _tell(step, by=by, kind="reaction", reaction=reaction, entry=row.pk)
    return row


@transaction.atomic
def alert_of_reaction(row: ContrastGiven, *, by: Actor) -> PatientAlert:
    """A reaction becomes an alert of the patient; once. Raises TransitionError when there is none to tell of."""
    step = _open(row.step, by)
    row = ContrastGiven.objects.select_for_update(of=("self",)).select_related("agent").get(pk=row.pk)
    _require_standing(row)
    if row.reaction == "none":
        raise TransitionError("No reaction is recorded: there is nothing to warn of.")
    if row.alert is not None:
        return row.alert
    words = f"{row.get_reaction_display()} reaction to {row.agent.name}: {row.reaction_text}"
    day = timezone.localdate(row.at, step.site.zone)
    data = AlertData(kind="allergy", text=words[:200], noted_on=day, source=f"Exam {step.sps_id}, {by.display}"[:80])
    alert = add_alert(step.requested_procedure.order.patient, data, by=by)
    ContrastGiven.objects.filter(pk=row.pk).update(alert=alert)
    return alert


@transaction.atomic
def note_repeat(step: ScheduledProcedureStep, repeated: Repeated, *, by: Actor) -> Repeat:
    """Images that were thrown away and made again."""
    step = _open(step, by)
    view = repeated.view.strip()
    faults = faults_of_texts(Repeat, {"view": view})
    if not 1 <= repeated.images <= 1000:
        faults["images"] = "How many images, 1 to 1000?"
    _refuse(faults)
    row = Repeat(reason=repeated.reason, images=repeated.images, view=view)
    return _kept(step, row, by=by, kind="repeat", reason=repeated.reason.pk)


@transaction.atomic
def note_dose(step: ScheduledProcedureStep, dose: Dose, *, by: Actor) -> DoseEntry:
    """A dose that was read off the device; it stands before what the device itself reported."""
    step = _open(step, by)
    faults = {}
    if dose.quantity not in QUANTITIES:
        faults["quantity"] = "There is no such quantity."
    if not 0 <= dose.value < MOST_DOSE:
        faults["value"] = "A number from 0 to 999999."
    _refuse(faults)
    return _kept(step, DoseEntry(quantity=dose.quantity, value=dose.value), by=by, kind="dose", quantity=dose.quantity)


@transaction.atomic
def remark(step: ScheduledProcedureStep, said: Said, *, by: Actor) -> Remark:
    """A comment, an incident, or a note to the radiologist."""
    step = _open(step, by)
    text = said.text.strip()
    faults = faults_of_texts(Remark, {"text": text})
    if not text:
        faults["text"] = "Say what there is to say."
    if said.kind not in dict(REMARKS):
        faults["kind"] = "There is no such kind of remark."
    if said.kind == "incident" and said.category not in dict(INCIDENTS):
        faults["category"] = "What kind of incident was it?"
    _refuse(faults)
    category = said.category if said.kind == "incident" or said.category == BROKEN_OFF else ""
    row = _kept(step, Remark(kind=said.kind, text=text, category=category), by=by, kind=said.kind, category=category)
    if said.kind == "incident":
        emit("exam.incident", step, by=by, remark=row.pk)
    return row


@transaction.atomic
def strike(row: Entry, *, reason: str, by: Actor) -> Entry:
    """Take a line back; it stays to be seen, with the reason."""
    step = _open(row.step, by)
    reason = reason.strip()
    if not reason:
        raise InvalidInput("A reason is needed.", fields={"reason": "Why is it taken back?"})
    _refuse(faults_of_texts(type(row), {"struck_reason": reason}))
    changes = {"struck_at": timezone.now(), "struck_by_name": by.display, "struck_reason": reason}
    if type(row)._default_manager.filter(pk=row.pk, struck_at__isnull=True).update(**changes) != 1:
        raise TransitionError("This line was taken back already.")
    _tell(step, by=by, kind=f"struck-{row._meta.model_name}", entry=row.pk, reason=reason)
    return row


def keep_line(step: ScheduledProcedureStep, row: E, *, by: Actor, kind: str, **about: Any) -> E:
    """Part of another action's transaction: add a line that was checked there."""
    return _kept(step, row, by=by, kind=kind, **about)


def _kept(step: ScheduledProcedureStep, row: E, *, by: Actor, kind: str, **about: Any) -> E:
    row.step, row.at, row.by_name = step, timezone.now(), by.display[:160]
    row.save(force_insert=True)
    _tell(step, by=by, kind=kind, entry=row.pk, **about)
    return row


def _tell(step: ScheduledProcedureStep, *, by: Actor, kind: str, **about: Any) -> None:
    audit.record("step.recorded", step, by=by, patient=step.requested_procedure.order.patient_id, kind=kind, **about)
    emit("exam.recorded", step, by=by)


def _open(step: ScheduledProcedureStep, by: Actor) -> ScheduledProcedureStep:
    """The step as it is now, when `by` may write into its record."""
    rows = ScheduledProcedureStep.objects.select_related("site", "requested_procedure__order__patient")
    step = rows.get(pk=step.pk)
    require_perform(by, step.site_id)
    if STEP.within(step, "gone"):
        raise TransitionError("This exam was cancelled: nothing is recorded of it any more.")
    return step


def _require_standing(row: Entry) -> None:
    if row.struck_at is not None:
        raise TransitionError("This line was taken back.")


def _faults_of_reaction(reaction: str, text: str) -> dict[str, str]:
    if reaction not in dict(REACTIONS):
        return {"reaction": "There is no such reaction."}
    if reaction != "none" and not text.strip():
        return {"reaction_text": "Say what happened."}
    return {}


def _refuse(faults: dict[str, str]) -> None:
    if faults:
        raise InvalidInput("Some fields cannot be used.", fields=faults)
