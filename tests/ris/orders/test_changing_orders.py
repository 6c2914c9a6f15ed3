"""Modify, replace, discontinue: only the legal moves, each with its consequences and in the history."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.events.models import Event
from ris.orders.actions import (
    OrderDetails,
    cancel_order,
    discontinue_order,
    modify_order,
    place_order,
    replace_order,
)
from ris.orders.actions.changing import Replacement
from ris.orders.history import history_of
from ris.orders.models import Order
from ris.scheduling.actions import complete_step, start_step
from ris.scheduling.models import Reservation, ScheduledProcedureStep
from tests import exam
from tests.world import World
from worklist.models import ReadingTask

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def instead(world: World, code: str = "MRBRAIN", reason: str = "MR is better") -> Replacement:
    details = OrderDetails(priority="HIGH", reason="Headache")
    return Replacement(procedures=[world.procedure(code)], details=details, reason=reason, sides={})


def test_a_changed_order_says_in_its_history_what_changed_and_who_did_it(world: World) -> None:
    order = world.order()
    details = OrderDetails(priority="STAT", reason="Cough", referrer_name="REFERRER^Frank")
    changed = modify_order(order, details=details, revision=0, by=world.clerk)
    assert (changed.priority, changed.revision) == ("STAT", 1)
    newest = history_of(order)[0]
    assert newest.title == "Changed"
    assert newest.who == "Clara Clerk"
    assert newest.lines == ["Priority: ROUTINE → STAT"]
    assert Event.objects.filter(kind="order.modified", target_id=str(order.pk)).count() == 1


def test_the_stay_goes_with_the_order_and_is_changed_by_who_tells_of_it_only(world: World, client: Client) -> None:
    details = OrderDetails(reason="Cough", patient_class="I", visit_number="V77", visit_issuer="STAYS")
    order = place_order(
        world.patient(), site=world.north, procedures=[world.procedure()], details=details, by=world.clerk
    )
    client.force_login(world.clerk)
    typed = {"priority": "STAT", "reason": "Cough", "referrer_name": "", "clinical_question": "", "revision": 0}
    assert client.post(f"/orders/{order.pk}/modify/", typed).status_code == 302
    order.refresh_from_db()
    assert (order.priority, order.visit_number, order.patient_class) == ("STAT", "V77", "I")
    new = replace_order(order, instead=instead(world), by=world.clerk)
    assert (new.patient_class, new.visit_number, new.visit_issuer) == ("I", "V77", "STAYS")
    with pytest.raises(InvalidInput) as refused:
        modify_order(new, details=OrderDetails(patient_class="X"), revision=0, by=world.clerk)
    assert set(refused.value.fields) == {"patient_class"}


def test_changing_nothing_leaves_no_trace(world: World) -> None:
    order = world.order()
    same = OrderDetails(reason=order.reason, referrer_name=order.referrer_name)
    assert modify_order(order, details=same, revision=0, by=world.clerk).revision == 0
    assert not AuditEvent.objects.filter(action="order.modified").exists()


def test_who_changes_what_somebody_else_changed_meanwhile_is_told(world: World) -> None:
    order = world.order()
    modify_order(order, details=OrderDetails(reason="First"), revision=0, by=world.clerk)
    with pytest.raises(InvalidInput, match="meanwhile"):
        modify_order(order, details=OrderDetails(reason="Second"), revision=0, by=world.radiologist)
    assert Order.objects.get(pk=order.pk).reason == "First"


def test_what_waits_to_be_read_follows_the_priority(world: World) -> None:
    task = exam.case(world)
    order = task.requested_procedures.get().order
    with pytest.raises(TransitionError):
        modify_order(order, details=OrderDetails(priority="STAT"), revision=0, by=world.clerk)
    Order.objects.filter(pk=order.pk).update(state="in-progress")
    modify_order(order, details=OrderDetails(priority="STAT"), revision=0, by=world.clerk)
    assert ReadingTask.objects.get(pk=task.pk).rank == 0


def test_a_replaced_order_frees_its_booking_and_the_new_one_waits(world: World) -> None:
    order = world.order()
    appointment = world.booking(order)
    new = replace_order(order, instead=instead(world), by=world.clerk)
    assert (Order.objects.get(pk=order.pk).state, new.state, new.replaces_id) == ("replaced", "active", order.pk)
    assert [step.state for step in ScheduledProcedureStep.objects.filter(appointment=appointment)] == ["CANCELED"]
    assert not Reservation.objects.get(appointment=appointment).active
    waiting = ScheduledProcedureStep.objects.to_be_scheduled(world.north)
    assert [step.requested_procedure.order_id for step in waiting] == [new.pk]
    assert new.procedures.get().accession_number != order.procedures.get().accession_number
    assert [entry.title for entry in history_of(new)][:2] == ["Takes the place of another order", "Placed"]


def test_what_has_begun_is_neither_replaced_nor_cancelled(world: World) -> None:
    order = world.order()
    start_step(world.step(world.booking(order)), by=world.technologist)
    with pytest.raises(TransitionError):
        replace_order(order, instead=instead(world), by=world.clerk)
    with pytest.raises(TransitionError):
        cancel_order(order, reason="Too late", by=world.clerk)
    assert Order.objects.count() == 1


def test_a_bad_replacement_leaves_the_old_order_as_it_was(world: World) -> None:
    order = world.order()
    empty = Replacement(procedures=[], details=OrderDetails(), reason="Wrong exam", sides={})
    with pytest.raises(InvalidInput):
        replace_order(order, instead=empty, by=world.clerk)
    assert Order.objects.get(pk=order.pk).state == "active"


def test_a_discontinued_order_stops_what_runs_and_drops_what_waits(world: World) -> None:
    procedures = [world.procedure(), world.procedure("MRBRAIN")]
    order = place_order(
        world.patient(), site=world.north, procedures=procedures, details=OrderDetails(), by=world.clerk
    )
    begun, _waiting = ScheduledProcedureStep.objects.filter(requested_procedure__order=order).order_by("pk")
    start_step(begun, by=world.technologist)
    discontinue_order(order, reason="Patient unwell", by=world.technologist)
    states = ScheduledProcedureStep.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["DISCONTINUED", "CANCELED"]
    order.refresh_from_db()
    assert (order.state, order.cancel_reason) == ("discontinued", "Patient unwell")
    assert history_of(order)[0].lines == ["Reason: Patient unwell"]


def test_only_what_has_begun_is_discontinued_and_only_with_a_reason(world: World) -> None:
    order = world.order()
    with pytest.raises(TransitionError):
        discontinue_order(order, reason="Not yet", by=world.clerk)
    step = start_step(world.step(world.booking(order)), by=world.technologist)
    with pytest.raises(InvalidInput):
        discontinue_order(order, reason="  ", by=world.clerk)
    complete_step(step, by=world.technologist)
    with pytest.raises(TransitionError):
        discontinue_order(order, reason="Over", by=world.clerk)


@pytest.mark.parametrize("role", ["technologist", "resident", "referrer", "outsider"])
def test_who_may_not_order_does_not_change_orders_either(role: str, world: World) -> None:
    order = world.order()
    somebody = world.people[role]
    attempts: list[Callable[[], object]] = [
        lambda: modify_order(order, details=OrderDetails(priority="STAT"), revision=0, by=somebody),
        lambda: replace_order(order, instead=instead(world), by=somebody),
    ]
    for attempt in attempts:
        with pytest.raises(NotPermitted):
            attempt()
    assert Order.objects.get(pk=order.pk).state == "active"
