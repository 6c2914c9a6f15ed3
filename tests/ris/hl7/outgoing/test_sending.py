"""Over real sockets to a real receiver in its own process: what arrives, and what happens when the other side fails."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from ris.core.errors import InvalidInput, NotPermitted
from ris.hl7.er7 import read
from ris.hl7.outgoing import queue
from ris.hl7.outgoing.actions import send_again, set_aside
from ris.hl7.outgoing.models import Destination, OutgoingMessage
from ris.hl7.outgoing.wire import Connection
from ris.patients.models import Patient
from ris.scheduling.actions import start_step
from tests import exam
from tests.ris.hl7.outgoing import composed, destination, sent
from tests.ris.hl7.outgoing.receiver import Receiver, receiver
from tests.world import World


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Receiver]:
    with receiver(tmp_path) as made:
        yield made


@pytest.fixture
def where(world: World, hospital: Receiver) -> Destination:
    return destination(world.north, port=hospital.port, appointments=False, pdf=False)


def at_once() -> None:
    """As if the waiting time after a failure had passed."""
    OutgoingMessage.objects.filter(state="queued").update(next_at=timezone.now())
    Destination.objects.update(retry_at=None)


def number_of(patient: Patient, world: World) -> str:
    found = patient.identifier_at(world.north)
    assert found is not None
    return found.value


def test_a_signed_report_arrives_and_its_acknowledgement_is_kept(
    world: World, hospital: Receiver, where: Destination, signing_key: None
) -> None:
    exam.sign(exam.draft(world), world.radiologist)
    assert sent(where) == 3  # begun, done, reported
    oru = OutgoingMessage.objects.get(kind="report")
    assert (oru.state, oru.answer_code, oru.attempts) == ("accepted", "AA", 1)
    assert f"MSA|AA|{oru.control_id}" in oru.answer
    assert hospital.body(oru.control_id) == bytes(oru.body)
    assert read(hospital.body(oru.control_id)).first("OBR").text(25) == "F"
    where.refresh_from_db()
    assert where.last_answer_at is not None


def test_each_patients_messages_arrive_in_the_order_of_what_happened(
    world: World, hospital: Receiver, where: Destination
) -> None:
    patients = [world.patient(name) for name in ("One", "Two")]
    for patient in patients:
        start_step(world.step(world.booking(world.order(patient))), by=world.technologist)
    assert sent(where) == 4
    for patient in patients:
        own = OutgoingMessage.objects.filter(patient_id=patient.pk).order_by("event_id")
        numbers = list(own.values_list("control_id", flat=True))
        assert [number for number in hospital.taken() if number in numbers] == numbers


def test_nobody_listens_then_somebody_does(world: World, hospital: Receiver, where: Destination) -> None:
    hospital.kill()
    world.booking()
    assert sent(where) == 0
    where.refresh_from_db()
    assert where.failures == 1
    assert "No connection" in where.last_error
    hospital.start()
    at_once()
    assert sent(where) == 1
    assert len(hospital.taken()) == 1
    where.refresh_from_db()
    assert (where.failures, where.last_error) == (0, "")


@pytest.mark.parametrize("fault", ["silent", "close", "half", "other-number", "noise"])
def test_an_answer_that_is_none_is_no_answer_and_the_message_has_its_effect_once(
    world: World, hospital: Receiver, where: Destination, fault: str
) -> None:
    Destination.objects.update(answer_seconds=1)
    hospital.again("--fault", fault)
    world.booking()
    assert sent(where) == 0
    message = OutgoingMessage.objects.get()
    assert (message.state, message.answer_code, message.attempts) == ("queued", "", 1)
    assert message.next_at > timezone.now() - timedelta(seconds=5)
    at_once()
    assert sent(where) == 1
    assert hospital.taken() == [message.control_id]
    assert [line.split()[0] for line in hospital.journal] == ["taken", "repeated"]


def test_a_receiver_that_hangs_gets_the_message_when_it_goes_on(
    world: World, hospital: Receiver, where: Destination
) -> None:
    Destination.objects.update(answer_seconds=1)
    hospital.send_signal(signal.SIGSTOP)
    world.booking()
    assert sent(where) == 0
    hospital.send_signal(signal.SIGCONT)
    at_once()
    assert sent(where) == 1
    assert len(hospital.taken()) == 1


def test_a_refused_message_waits_for_a_person_and_holds_up_only_its_own_patient(
    world: World, hospital: Receiver, where: Destination
) -> None:
    refused, other = world.patient("Refused"), world.patient("Other")
    hospital.again("--refuse", "AE", "--patient", number_of(refused, world))
    step = world.step(world.booking(world.order(refused)))
    world.booking(world.order(other))
    start_step(step, by=world.technologist)
    assert sent(where) == 2
    states = OutgoingMessage.objects.filter(patient_id=refused.pk).order_by("event_id").values_list("state", flat=True)
    assert list(states) == ["parked", "queued"]
    assert OutgoingMessage.objects.get(patient_id=other.pk).state == "accepted"
    parked = OutgoingMessage.objects.get(state="parked")
    assert parked.last_error.startswith("AE 204")
    assert "ERR|" in parked.answer
    hospital.again()
    before = bytes(parked.body)
    send_again(parked, by=world.siteadmin)
    assert sent(where) == 2
    first, second = OutgoingMessage.objects.filter(patient_id=refused.pk).order_by("event_id")
    assert hospital.taken()[-2:] == [first.control_id, second.control_id]
    assert hospital.body(first.control_id) == before


def test_what_is_set_aside_lets_the_next_ones_go(world: World, hospital: Receiver, where: Destination) -> None:
    hospital.again("--refuse", "AR")
    step = world.step()
    assert sent(where) == 1
    hospital.again()
    start_step(step, by=world.technologist)
    assert sent(where) == 0
    parked = OutgoingMessage.objects.get(state="parked")
    with pytest.raises(InvalidInput):
        set_aside(parked, reason=" ", by=world.siteadmin)
    set_aside(parked, reason="They do not take bookings", by=world.siteadmin)
    assert sent(where) == 1
    assert hospital.taken() == [OutgoingMessage.objects.order_by("event_id")[1].control_id]


def test_a_replay_sends_the_same_bytes_and_has_no_second_effect(
    world: World, hospital: Receiver, where: Destination
) -> None:
    world.booking()
    sent(where)
    message = OutgoingMessage.objects.get()
    send_again(message, by=world.siteadmin)
    assert sent(where) == 1
    assert hospital.journal == [f"{word} ORM^O01 {message.control_id}" for word in ("taken", "repeated")]


@pytest.mark.parametrize("role", ["clerk", "technologist", "radiologist", "outsider"])
def test_only_who_looks_after_deliveries_sends_again_or_sets_aside(world: World, role: str) -> None:
    destination(world.north, reports=False, appointments=False)
    world.booking()
    composed()
    message = OutgoingMessage.objects.get()
    with pytest.raises(NotPermitted):
        send_again(message, by=world.people[role])
    with pytest.raises(NotPermitted):
        set_aside(message, reason="No", by=world.people[role])


def test_a_sender_that_died_between_sending_and_marking_is_answered_from_the_receivers_store(
    world: World, hospital: Receiver, where: Destination
) -> None:
    world.booking()
    composed()
    (message,) = queue.take(where)
    connection = Connection(where)
    connection.exchange(bytes(message.body), message.control_id)
    connection.close()  # and here it dies: nothing is written down
    assert sent(where) == 0  # its lease still runs
    OutgoingMessage.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert sent(where) == 1
    assert [line.split()[0] for line in hospital.journal] == ["taken", "repeated"]


def test_a_sender_whose_lease_ran_out_does_not_write_over_the_next(world: World, where: Destination) -> None:
    world.booking()
    composed()
    (late,) = queue.take(where)
    OutgoingMessage.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert sent(where) == 1
    queue.put_back(late, "No answer came.")
    assert OutgoingMessage.objects.get().state == "accepted"


def test_what_an_earlier_event_still_has_to_say_is_not_overtaken(
    world: World, hospital: Receiver, where: Destination
) -> None:
    from ris.events.models import Delivery

    step = world.step()
    start_step(step, by=world.technologist)
    earlier = Delivery.objects.filter(subscriber=queue.COMPOSER).order_by("event_id").first()
    assert earlier is not None
    Delivery.objects.filter(pk=earlier.pk).update(state="leased", lease_until=timezone.now() + timedelta(minutes=1))
    assert sent(where) == 0
    Delivery.objects.filter(pk=earlier.pk).update(state="pending", lease_until=None)
    assert sent(where) == 2
    assert hospital.taken() == list(OutgoingMessage.objects.order_by("event_id").values_list("control_id", flat=True))


def test_waiting_doubles_up_to_five_minutes() -> None:
    assert [queue.wait_after(n).total_seconds() for n in (1, 2, 3, 9, 10, 500)] == [1, 2, 4, 256, 300, 300]


def test_no_log_line_holds_a_name_or_a_number_of_the_patient(
    world: World, hospital: Receiver, where: Destination, caplog: pytest.LogCaptureFixture
) -> None:
    hospital.again("--refuse", "AE")
    patient = world.patient("Verschwiegen", "Vera")
    world.booking(world.order(patient))
    sent(where)
    lines = caplog.text + "".join(hospital.journal)
    assert "Verschwiegen" not in lines
    assert number_of(patient, world) not in lines
