"""Questions of safety: what asks them, what they mean, and what an open hard stop forbids."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from ris.audit.models import AuditEvent
from ris.core.actors import SystemActor
from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.orders.actions import Answer, OrderDetails, answer_safety, override_stop, place_order, replace_order
from ris.orders.actions.changing import Replacement
from ris.orders.models import Order, SafetyAnswer
from ris.orders.questions import questions_of
from ris.orders.safety import asked_by, effect_of, fault_of_value
from ris.scheduling.actions import start_step
from tests.world import World
from worklist.mwl.entries import entries_for

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def answer(kind: str = "egfr", value: str = "62", **about: object) -> Answer:
    values: dict[str, object] = {"measured_on": date(2026, 1, 5), "source": "Laboratory"} | about
    return Answer(kind=kind, value=value, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "value", "effect"),
    [
        ("egfr", "29.9", "hard-stop"),
        ("egfr", "30", "caution"),
        ("egfr", "44,9", "caution"),
        ("egfr", "45", "none"),
        ("contrast_reaction", "no", "none"),
        ("contrast_reaction", "mild", "caution"),
        ("contrast_reaction", "severe", "hard-stop"),
        ("implant", "conditional", "caution"),
        ("implant", "unsafe", "hard-stop"),
        ("implant", "unknown", "hard-stop"),
        ("pregnancy", "possible", "hard-stop"),
        ("pregnancy", "no", "none"),
        ("metformin", "yes", "caution"),
    ],
)
def test_an_answer_has_the_effect_that_practice_gives_it(kind: str, value: str, effect: str) -> None:
    assert fault_of_value(kind, value) == ""
    assert effect_of(kind, value) == effect


@pytest.mark.parametrize("value", ["", "-5", "abc", "201", "1e3", "6.2.1", "٣٠", "NaN", "."])
def test_an_egfr_is_a_number(value: str) -> None:
    assert fault_of_value("egfr", value)


@pytest.mark.parametrize(
    ("modality", "contrast", "sex", "age", "asked"),
    [
        ("CT", True, "M", 40, ["egfr", "contrast_reaction", "metformin"]),
        ("CT", False, "F", 40, ["pregnancy"]),
        ("CT", False, "F", 9, []),
        ("CT", False, "F", 10, ["pregnancy"]),
        ("CT", False, "F", 55, ["pregnancy"]),
        ("CT", False, "F", 56, []),
        ("CT", False, "", None, ["pregnancy"]),
        ("MR", False, "F", 40, ["implant"]),
        ("US", False, "F", 40, []),
    ],
)
def test_questions_are_asked_where_the_exam_asks(
    modality: str, contrast: bool, sex: str, age: int | None, asked: list[str]
) -> None:
    assert asked_by(modality=modality, contrast=contrast, sex=sex, age=age) == asked


def test_a_question_stays_open_until_it_is_answered(world: World) -> None:
    order = world.order(world.patient(birth_date=date(1990, 1, 1)), code="CTABD")
    kinds = ["egfr", "contrast_reaction", "metformin", "pregnancy"]
    assert [(question.kind, question.answer) for question in questions_of(order)] == [(kind, None) for kind in kinds]
    given = answer_safety(order, answer=answer(), by=world.clerk)
    assert questions_of(order)[0].answer == given
    assert (given.words, given.effect, given.patient) == ("eGFR: 62 mL/min/1.73 m²", "none", order.patient)


def test_an_open_hard_stop_keeps_people_from_starting_and_devices_from_being_asked(world: World) -> None:
    order = world.order()
    step = world.step(world.booking(order))
    assert len(entries_for(world.node(), None, limit=10)) == 1
    answer_safety(order, answer=answer(value="22"), by=world.technologist)
    with pytest.raises(TransitionError, match="eGFR: 22"):
        start_step(step, by=world.technologist)
    assert entries_for(world.node(), None, limit=10) == []
    step.refresh_from_db()
    assert step.state == "SCHEDULED"


def test_a_named_physician_overrides_with_a_reason(world: World) -> None:
    order = world.order()
    step = world.step(world.booking(order))
    stop = answer_safety(order, answer=answer(value="22"), by=world.clerk)
    with pytest.raises(NotPermitted):
        override_stop(stop, reason="Go on", by=world.technologist)
    with pytest.raises(InvalidInput):
        override_stop(stop, reason=" ", by=world.radiologist)
    over = override_stop(stop, reason="Dialysis today", by=world.radiologist)
    assert (over.overridden_by_name, over.override_reason) == ("Dr. Rita Radiologist", "Dialysis today")
    assert start_step(step, by=world.technologist).state == "STARTED"
    row = AuditEvent.objects.get(action="order.overridden")
    assert (row.actor_id, row.detail["reason"], row.patient_id) == (
        str(world.radiologist.pk), "Dialysis today", order.patient_id,
    )  # fmt: skip
    with pytest.raises(TransitionError):
        override_stop(stop, reason="Again", by=world.radiologist)


def test_a_new_answer_after_an_override_stops_again(world: World) -> None:
    order = world.order()
    override_stop(answer_safety(order, answer=answer(value="28"), by=world.clerk), reason="Once", by=world.radiologist)
    answer_safety(order, answer=answer(value="15"), by=world.clerk)
    with pytest.raises(TransitionError, match="eGFR: 15"):
        start_step(world.step(world.booking(order)), by=world.technologist)
    assert SafetyAnswer.objects.filter(order=order, current=True).count() == 1


def test_what_a_device_has_begun_is_put_on_record_and_not_refused(world: World) -> None:
    order = world.order()
    step = world.step(world.booking(order))
    answer_safety(order, answer=answer("pregnancy", "yes", source="Patient"), by=world.clerk)
    assert start_step(step, by=SystemActor("mpps")).state == "STARTED"
    assert AuditEvent.objects.get(action="order.begun-despite-stop").detail["stops"] == ["Pregnancy: yes"]


def test_an_effect_is_made_graver_but_never_lighter(world: World) -> None:
    order = world.order()
    assert answer_safety(order, answer=answer(effect="hard-stop"), by=world.clerk).effect == "hard-stop"
    assert answer_safety(order, answer=answer(value="12", effect="none"), by=world.clerk).effect == "hard-stop"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (answer(value="many"), "value"),
        (answer("implant", "perhaps"), "value"),
        (answer("shoe_size", "44"), "value"),
        (answer(source=""), "source"),
        (answer(source="x" * 81), "source"),
        (answer(effect="lethal"), "effect"),
        (answer(measured_on=timezone.localdate() + timedelta(days=2)), "measured_on"),
    ],
)
def test_an_answer_without_value_source_or_day_is_refused(given: Answer, field: str, world: World) -> None:
    order = world.order()
    with pytest.raises(InvalidInput) as refusal:
        answer_safety(order, answer=given, by=world.clerk)
    assert field in refusal.value.fields
    assert not SafetyAnswer.objects.exists()


def test_answers_go_with_the_patient_to_the_replacing_order_and_overrides_do_not(world: World) -> None:
    order = world.order()
    override_stop(answer_safety(order, answer=answer(value="20"), by=world.clerk), reason="Once", by=world.radiologist)
    details = OrderDetails()
    other = Replacement(procedures=[world.procedure("CTABD")], details=details, reason="Abdomen meant", sides={})
    new = replace_order(order, instead=other, by=world.clerk)
    (kept,) = new.safety_answers.all()
    assert (kept.value, kept.stops) == ("20", True)
    assert SafetyAnswer.objects.get(order=order).overridden_at is not None


def test_an_order_that_is_over_takes_no_answer(world: World) -> None:
    order = place_order(
        world.patient(), site=world.north, procedures=[world.procedure()], details=OrderDetails(), by=world.clerk
    )
    Order.objects.filter(pk=order.pk).update(state="completed")
    with pytest.raises(TransitionError):
        answer_safety(order, answer=answer(), by=world.clerk)
