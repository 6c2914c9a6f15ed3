"""Lines of the record: checked, kept with their writer, taken back and never changed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.events.models import Event
from ris.patients.models import PatientAlert
from ris.scheduling.models import ScheduledProcedureStep
from tests.world import World
from worklist.actions.record import (
    Contrast,
    Dose,
    Repeated,
    Said,
    alert_of_reaction,
    give_contrast,
    note_dose,
    note_reaction,
    note_repeat,
    remark,
    strike,
)
from worklist.exam.record import ContrastAgent, ContrastGiven, DoseEntry, RejectReason, Remark

pytestmark = pytest.mark.db


@pytest.fixture
def step(world: World) -> ScheduledProcedureStep:
    return world.step()


def contrast(**changes: Any) -> Contrast:
    agent = ContrastAgent.objects.get(name="Gadobutrol 1 mmol/mL")
    given: dict[str, Any] = {"agent": agent, "volume_ml": Decimal("7.5"), "lot": " L-1 "} | changes
    return Contrast(**given)


def test_the_starter_set_is_there_and_the_demo_adds_nothing_twice(world: World) -> None:
    assert ContrastAgent.objects.filter(kind="iodinated").count() >= 3
    assert RejectReason.objects.filter(in_report=True).count() >= 2


def test_a_line_tells_who_wrote_it_and_everybody_hears_of_it(world: World, step: ScheduledProcedureStep) -> None:
    row = give_contrast(step, contrast(), by=world.technologist)
    assert (row.by_name, row.lot, row.route) == ("Theo Technologist", "L-1", "intravenous")
    audit = AuditEvent.objects.get(action="step.recorded")
    assert (audit.detail["kind"], audit.patient_id) == ("contrast", step.requested_procedure.order.patient_id)
    assert Event.objects.get(kind="exam.recorded").target_id == str(step.pk)


@pytest.mark.parametrize(("changes", "field"), [
    ({"volume_ml": Decimal(0)}, "volume_ml"), ({"volume_ml": Decimal(2001)}, "volume_ml"),
    ({"route": "by-ear"}, "route"), ({"reaction": "mild"}, "reaction_text"), ({"reaction": "odd"}, "reaction"),
    ({"lot": "x" * 41}, "lot"), ({"lot": "a\x00b"}, "lot"),
])  # fmt: skip
def test_what_cannot_be_is_refused_with_its_field(
    world: World, step: ScheduledProcedureStep, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        give_contrast(step, contrast(**changes), by=world.technologist)
    assert set(refused.value.fields) == {field}
    assert ContrastGiven.objects.count() == 0


def test_an_agent_out_of_use_is_not_given(world: World, step: ScheduledProcedureStep) -> None:
    ContrastAgent.objects.update(active=False)
    with pytest.raises(InvalidInput):
        give_contrast(step, contrast(), by=world.technologist)


def test_a_reaction_becomes_an_alert_of_the_patient_once(world: World, step: ScheduledProcedureStep) -> None:
    row = give_contrast(step, contrast(), by=world.technologist)
    with pytest.raises(TransitionError, match="No reaction"):
        alert_of_reaction(row, by=world.technologist)
    note_reaction(row, reaction="severe", text="Laryngeal oedema", by=world.technologist)
    first = alert_of_reaction(row, by=world.technologist)
    assert alert_of_reaction(row, by=world.technologist) == first
    alert = PatientAlert.objects.get()
    assert (alert.kind, alert.text) == ("allergy", "Severe reaction to Gadobutrol 1 mmol/mL: Laryngeal oedema")
    assert step.requested_procedure.order.patient.active_alerts.get() == alert


def test_an_incident_needs_its_category_and_is_told(world: World, step: ScheduledProcedureStep) -> None:
    with pytest.raises(InvalidInput) as refused:
        remark(step, Said(kind="incident", text="Fell off the table"), by=world.technologist)
    assert set(refused.value.fields) == {"category"}
    row = remark(step, Said(kind="incident", text="Fell off the table", category="fall"), by=world.technologist)
    assert Event.objects.get(kind="exam.incident").payload == {"remark": row.pk}


@pytest.mark.parametrize("said", [Said(kind="comment", text=" "), Said(kind="poem", text="Oh")])
def test_a_remark_says_something_known(world: World, step: ScheduledProcedureStep, said: Said) -> None:
    with pytest.raises(InvalidInput):
        remark(step, said, by=world.technologist)
    assert Remark.objects.count() == 0


@pytest.mark.parametrize("dose", [Dose(quantity="sunshine", value=Decimal(1)), Dose(quantity="dlp", value=Decimal(-1))])
def test_a_dose_has_a_known_quantity_and_a_sane_value(world: World, step: ScheduledProcedureStep, dose: Dose) -> None:
    with pytest.raises(InvalidInput):
        note_dose(step, dose, by=world.technologist)
    assert DoseEntry.objects.count() == 0


def test_a_line_taken_back_stays_with_the_reason(world: World, step: ScheduledProcedureStep) -> None:
    reason = RejectReason.objects.get(name="Positioning")
    row = note_repeat(step, Repeated(reason=reason, images=2), by=world.technologist)
    with pytest.raises(InvalidInput):
        strike(row, reason=" ", by=world.technologist)
    strike(row, reason="Other patient", by=world.technologist)
    row.refresh_from_db()
    assert (row.struck_by_name, row.struck_reason, row.images) == ("Theo Technologist", "Other patient", 2)
    with pytest.raises(TransitionError):
        strike(row, reason="Again", by=world.technologist)


@pytest.mark.parametrize("who", ["clerk", "resident", "radiologist", "siteadmin", "admin", "outsider"])
def test_others_do_not_write_into_the_record(world: World, step: ScheduledProcedureStep, who: str) -> None:
    row = give_contrast(step, contrast(), by=world.technologist)
    person = world.people[who]
    attempts: list[Callable[[], object]] = [
        lambda: give_contrast(step, contrast(), by=person),
        lambda: note_reaction(row, reaction="mild", text="Hives", by=person),
        lambda: remark(step, Said(kind="comment", text="Hello"), by=person),
        lambda: strike(row, reason="Mine", by=person),
    ]
    for attempt in attempts:
        with pytest.raises(NotPermitted):
            attempt()
    assert ContrastGiven.objects.count() == 1
