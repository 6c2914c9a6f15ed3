"""What patients are told, through a real mail server: once, while it is true, on their site's clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from ris.events import outbox
from ris.events.models import Delivery
from ris.events.outbox import attempt
from ris.notifications.models import Message
from ris.orders.models import Procedure
from ris.patients.actions import PatientData, declining_token, merge_patients, update_patient
from ris.patients.forms import initial_of
from ris.scheduling.actions import cancel_appointment
from ris.scheduling.models import Appointment
from ris.scheduling.reminders import remind_all
from tests.ris.notifications.servers import Gateway, MailServer
from tests.ris.scheduling.calendar_reader import instant, read
from tests.ris.scheduling.reminding import NOW, booked, deliver, kinds, moved, policy
from tests.world import World


def test_a_booking_is_confirmed_with_time_place_preparation_and_calendar_file(
    desk: World, clock: time_machine.Traveller, mail_server: MailServer
) -> None:
    appointment = booked(desk, NOW + timedelta(days=10))
    deliver(clock)
    (mail,) = mail_server.taken
    text, calendar = (part.get_content() for part in mail.iter_parts())
    assert mail["Subject"] == "Your appointment: Thursday, 11 June 2026, 10:00"
    assert all(words in text for words in (desk.north.name, "CT 1", "10:00", "Drink nothing for two hours before."))
    assert not any(words in text + mail["Subject"] for words in ("Møller", "CT chest", "Chest", "Cough"))
    found = read(calendar.replace("\r\n", "\n").replace("\n", "\r\n").encode())
    assert instant(found, "DTSTART") == appointment.start
    assert (found.values["METHOD"], found.only("VEVENT").values["SEQUENCE"]) == ("REQUEST", "0")


def test_the_exam_is_named_where_a_site_wants_it(
    desk: World, clock: time_machine.Traveller, mail_server: MailServer
) -> None:
    policy(desk, name_exam=True, contact="Call 030 1234.")
    booked(desk, NOW + timedelta(days=10))
    deliver(clock)
    text = next(iter(mail_server.taken[0].iter_parts())).get_content()
    assert f"What: {desk.procedure().name}" in text
    assert "Another time? Call 030 1234." in text


def test_a_move_and_a_cancellation_are_told_with_a_rising_sequence(
    desk: World, clock: time_machine.Traveller, mail_server: MailServer
) -> None:
    appointment = booked(desk, NOW + timedelta(days=10))
    deliver(clock)
    appointment = moved(desk, appointment, NOW + timedelta(days=11))
    deliver(clock)
    cancel_appointment(appointment, reason="Patient called", by=desk.clerk)
    deliver(clock)
    assert kinds(mail_server) == ["Your appointment", "Your appointment has changed", "Your appointment is cancelled"]
    files = [list(mail.iter_parts())[1].get_content().splitlines() for mail in mail_server.taken]
    lines = [{line for line in file if line.startswith(("UID", "SEQUENCE", "METHOD", "STATUS"))} for file in files]
    (uid,) = set.intersection(*lines)
    assert uid.startswith("UID:")
    assert [sorted(found - {uid}) for found in lines] == [
        ["METHOD:REQUEST", "SEQUENCE:0", "STATUS:CONFIRMED"],
        ["METHOD:REQUEST", "SEQUENCE:1", "STATUS:CONFIRMED"],
        ["METHOD:CANCEL", "SEQUENCE:2", "STATUS:CANCELLED"],
    ]
    assert "Patient called" not in mail_server.taken[-1].as_string()


def test_a_slip_of_the_hand_that_was_taken_back_is_told_to_nobody(
    desk: World, clock: time_machine.Traveller, mail_server: MailServer
) -> None:
    start = NOW + timedelta(days=10)
    appointment = booked(desk, start)
    deliver(clock)
    appointment = moved(desk, appointment, start + timedelta(hours=1))
    moved(desk, appointment, start)
    deliver(clock)
    assert kinds(mail_server) == ["Your appointment"]
    assert sorted(Message.objects.values_list("state", flat=True)) == ["dropped", "sent"]


def test_booked_and_cancelled_at_once_leaves_nothing_false_behind(
    desk: World, clock: time_machine.Traveller, mail_server: MailServer
) -> None:
    appointment = booked(desk, NOW + timedelta(days=10))
    for pk in Delivery.objects.values_list("pk", flat=True):
        attempt(pk)
    cancel_appointment(appointment, reason="Wrong patient", by=desk.clerk)
    deliver(clock)
    assert "Your appointment" not in kinds(mail_server), "no confirmation of what is cancelled"


@pytest.mark.db
def test_reminders_come_once_each_and_never_for_what_moved_or_was_cancelled(
    desk: World, clock: time_machine.Traveller, mail_server: MailServer
) -> None:
    policy(desk, confirm=False, tell_changes=False, reminder_hours="48, 24")
    start = NOW + timedelta(days=5)
    stays, leaves, gone = (booked(desk, start + timedelta(hours=hour)) for hour in range(3))
    clock.move_to(start - timedelta(hours=47))
    moved(desk, leaves, start + timedelta(days=7))
    cancel_appointment(gone, reason="Patient called", by=desk.clerk)
    for hours in (47, 46.9, 30, 24, 23.9, 12, 1):
        clock.move_to(start - timedelta(hours=hours))
        remind_all()
        deliver(clock)
    reminded = Message.objects.filter(kind="reminder", state="sent").values_list("about_id", flat=True)
    assert list(reminded) == [stays.pk, stays.pk]
    assert kinds(mail_server) == ["Reminder of your appointment"] * 2


def test_what_was_moved_before_its_reminder_left_is_not_reminded_of_the_old_time(
    desk: World, clock: time_machine.Traveller, mail_server: MailServer
) -> None:
    policy(desk, confirm=False, tell_changes=False, reminder_hours="24")
    start = NOW + timedelta(days=5)
    appointment = booked(desk, start)
    clock.move_to(start - timedelta(hours=23))
    assert remind_all() == 1
    moved(desk, appointment, start + timedelta(hours=2))
    deliver(clock)
    assert (mail_server.taken, Message.objects.get().state) == ([], "dropped")
    assert remind_all() == 0, "who got a new time yesterday needs no reminder of it today"


def test_after_a_pause_only_the_nearer_reminder_is_sent(desk: World, clock: time_machine.Traveller) -> None:
    policy(desk, confirm=False, reminder_hours="72, 48, 24")
    start = NOW + timedelta(days=5)
    booked(desk, start)
    clock.move_to(start - timedelta(hours=20))
    assert [remind_all(), remind_all()] == [1, 0]
    assert Message.objects.get().key.startswith("reminder-24/")


def test_who_booked_an_hour_ago_is_not_reminded(desk: World, clock: time_machine.Traveller) -> None:
    policy(desk, confirm=False)
    booked(desk, NOW + timedelta(hours=20))
    clock.shift(timedelta(hours=1))
    assert remind_all() == 0


@pytest.mark.parametrize(
    "person",
    [
        {"email": ""},
        {"messages_declined": True},
        {"email": "", "mobile": "+491701234567"},  # no gateway is set up
    ],
)
def test_who_cannot_or_will_not_be_written_to_is_left_alone(
    desk: World, clock: time_machine.Traveller, mail_server: MailServer, person: dict[str, Any]
) -> None:
    start = NOW + timedelta(days=5)
    booked(desk, start, **person)
    deliver(clock)
    clock.move_to(start - timedelta(hours=20))
    remind_all()
    deliver(clock)
    assert (mail_server.taken, Message.objects.count()) == ([], 0)


def test_who_declines_after_it_was_written_gets_nothing(
    desk: World, clock: time_machine.Traveller, mail_server: MailServer, client: Client
) -> None:
    appointment = booked(desk, NOW + timedelta(days=10))
    for pk in Delivery.objects.values_list("pk", flat=True):
        attempt(pk)
    client.post(f"/patients/messages/{declining_token(appointment.patient)}/")
    deliver(clock)
    assert (mail_server.taken, Message.objects.get().state) == ([], "dropped")


@pytest.mark.db
def test_an_address_that_was_mended_before_the_mail_left_is_the_one_that_gets_it(
    desk: World, clock: time_machine.Traveller, mail_server: MailServer
) -> None:
    appointment = booked(desk, NOW + timedelta(days=10), email="stranger@example.org")
    for pk in Delivery.objects.values_list("pk", flat=True):
        attempt(pk)
    patient = appointment.patient
    mended = initial_of(patient) | {"email": "aase@example.org"}
    update_patient(patient, PatientData(**mended), by=desk.clerk)  # type: ignore[arg-type]
    deliver(clock)
    (mail,) = mail_server.taken
    calendar = list(mail.iter_parts())[1].get_content().replace("\n ", "")
    assert (mail["To"], "stranger@" in mail.as_string()) == ("aase@example.org", False)
    assert "mailto:aase@example.org" in calendar


@pytest.mark.db
def test_a_declined_alias_speaks_for_the_person(
    desk: World, clock: time_machine.Traveller, mail_server: MailServer
) -> None:
    appointment = booked(desk, NOW + timedelta(days=10))
    alias = desk.patient("Alias", messages_declined=True)
    merge_patients(alias, into=appointment.patient, reason="Same passport", by=desk.clerk)
    deliver(clock)
    assert mail_server.taken == []


def test_the_link_in_the_mail_is_the_patients_own(
    desk: World, clock: time_machine.Traveller, mail_server: MailServer, client: Client
) -> None:
    appointment = booked(desk, NOW + timedelta(days=10))
    deliver(clock)
    link = mail_server.taken[0]["List-Unsubscribe"].strip(" <>")
    assert client.post(link.removeprefix("http://localhost:8000")).status_code == 200
    appointment.patient.refresh_from_db()
    assert appointment.patient.messages_declined


@pytest.mark.parametrize("priority", ["STAT"])
def test_emergencies_are_not_written_to(
    desk: World, clock: time_machine.Traveller, mail_server: MailServer, priority: str
) -> None:
    booked(desk, NOW + timedelta(days=2), priority=priority)
    deliver(clock)
    assert mail_server.taken == []


def test_who_is_at_the_desk_is_not_written_to(
    desk: World, clock: time_machine.Traveller, mail_server: MailServer
) -> None:
    booked(desk, NOW + timedelta(minutes=20))
    deliver(clock)
    assert Message.objects.count() == 0


def test_a_site_can_be_silent(desk: World, clock: time_machine.Traveller, mail_server: MailServer) -> None:
    policy(desk, enabled=False)
    start = NOW + timedelta(days=5)
    booked(desk, start)
    deliver(clock)
    clock.move_to(start - timedelta(hours=20))
    assert (remind_all(), mail_server.taken) == (0, [])


def test_without_an_address_the_mobile_gets_one_short_text(
    desk: World, clock: time_machine.Traveller, gateway: Gateway, mail_server: MailServer
) -> None:
    Procedure.objects.filter(code="CTCHEST").update(preparation="Drink nothing. " * 80)
    booked(desk, NOW + timedelta(days=10), email="", mobile="+49 170 1234567")
    deliver(clock)
    (body,) = gateway.bodies()
    assert body["to"] == "+491701234567"
    assert len(body["text"]) <= 459
    assert "Thursday, 11 June 2026, 10:00" in body["text"]
    assert mail_server.taken == []


def test_the_clerk_sees_what_was_sent_and_what_failed(
    desk: World, clock: time_machine.Traveller, mail_server: MailServer, client: Client, settings: Settings
) -> None:
    appointment = booked(desk, NOW + timedelta(days=10))
    mail_server.refuse = "550 no such user"
    deliver(clock)
    client.force_login(desk.clerk)
    page = client.get(f"/schedule/{appointment.pk}/").content.decode()
    assert "The mail server refused the recipient (550)." in page
    mail_server.refuse = ""
    patient = appointment.patient
    update_patient(patient, PatientData(**(initial_of(patient) | {"messages_declined": True})), by=desk.clerk)  # type: ignore[arg-type]
    assert "The patient wants no messages." in client.get(f"/schedule/{appointment.pk}/").content.decode()
    settings.EMAIL_CONFIGURED = False
    assert "nothing is sent" in client.get(f"/schedule/{appointment.pk}/").content.decode()


def test_a_message_that_gave_up_does_not_hold_up_the_others(
    desk: World, clock: time_machine.Traveller, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PARK_AFTER", 1)
    start = NOW + timedelta(days=5)
    policy(desk, confirm=False)
    booked(desk, start)
    mail_server.refuse = "550 no such user"
    clock.move_to(start - timedelta(hours=20))
    remind_all()
    deliver(clock)
    mail_server.refuse = ""
    assert remind_all() == 0, "it waits for a person, and is not written anew"
    booked_later = booked(desk, start + timedelta(hours=20))
    Appointment.objects.filter(pk=booked_later.pk).update(placed_at=None)
    clock.shift(timedelta(hours=1))
    assert remind_all() == 1


def test_the_calendar_file_can_be_had_on_the_page(desk: World, client: Client) -> None:
    appointment = booked(desk, NOW + timedelta(days=10))
    client.force_login(desk.clerk)
    answer = client.get(f"/schedule/{appointment.pk}/appointment.ics")
    found = read(answer.content)
    assert (answer.headers["Content-Type"], found.values["METHOD"]) == ("text/calendar; charset=utf-8", "PUBLISH")
    assert instant(found, "DTSTART") == appointment.start
    assert "Møller" not in answer.content.decode()
