"""What patients read is in their language, and tells no more of the exam than the site and the exam allow."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pytest
from django.test import Client
from pypdf import PdfReader

from ris.notifications.models import MessagePolicy, Phrase
from ris.orders.models import Procedure, ProcedureText
from ris.patients.models import Patient
from ris.printing.actions import print_papers
from ris.printing.contents import of_appointment
from ris.scheduling.invitations import facts_of, invitation_of
from ris.scheduling.models import Appointment
from ris.scheduling.wording import mail, sms, subject
from tests.ris.notifications.servers import MailServer
from tests.ris.scheduling.reminding import booked, clock, deliver, desk, policy
from tests.world import World

__all__ = ["clock", "desk"]
pytestmark = [pytest.mark.django_db, pytest.mark.db]
THURSDAY = datetime(2026, 6, 4, 7, tzinfo=UTC)
ADMIN = "/admin/notifications/phrase/"


def told(appointment: Appointment, kind: str = "confirmation") -> tuple[str, str, str]:
    facts = facts_of(Appointment.objects.get(pk=appointment.pk), kind)
    return subject(facts), mail(facts), sms(facts)


def test_a_patient_is_written_to_in_german_at_an_english_site(
    desk: World, mail_server: MailServer, clock: object
) -> None:
    exam = Procedure.objects.get(code="CTCHEST")
    ProcedureText.objects.create(procedure=exam, language="de", name="CT Thorax", preparation="Zwei Stunden nüchtern.")
    policy(desk, name_exam=True, contact="030 123")
    booked(desk, THURSDAY, language="de")
    deliver(clock)  # type: ignore[arg-type]
    (taken,) = mail_server.taken
    assert taken["Subject"] == "Ihr Termin: Donnerstag, 4. Juni 2026, 09:00"
    body = taken.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    for words in ("Sie haben einen Termin.", "Was: CT Thorax", "Zwei Stunden nüchtern.", "Ein anderer Termin? 030 123"):
        assert words in text


def test_the_site_s_language_is_that_of_who_has_none(desk: World) -> None:
    policy(desk, language="de")
    assert told(booked(desk, THURSDAY))[0].startswith("Ihr Termin: Donnerstag")
    assert told(booked(desk, THURSDAY.replace(hour=9), language="en"))[0].startswith("Your appointment: Thursday")


def test_the_admin_adds_a_language_phrase_by_phrase(desk: World, client: Client) -> None:
    client.force_login(desk.admin, "allauth.account.auth_backends.AuthenticationBackend")
    client.post(f"{ADMIN}add/", {"language": "tr", "key": "subject-confirmation", "text": "Randevunuz"})
    assert Phrase.objects.filter(language="tr").count() > 20
    subject_line, text, _sms = told(booked(desk, THURSDAY, language="tr"))
    assert subject_line == "Randevunuz: Perşembe, 4 Haziran 2026, 09:00"
    assert "You have an appointment." in text  # what nobody translated yet
    assert client.post(f"{ADMIN}add/", {"language": "xx", "key": "when", "text": "?"}).status_code == 200
    assert not Phrase.objects.filter(language="xx").exists()
    answer = client.post(f"{ADMIN}add/", {"language": "de", "key": "another-time", "text": "Rufen Sie an."})
    assert "Write {contact} where" in answer.content.decode()


def test_a_site_may_keep_room_and_preparation_to_itself(desk: World) -> None:
    appointment = booked(desk, THURSDAY)
    policy(desk, tell_preparation=False, tell_room=False)
    _subject, text, short = told(appointment)
    for words in (text, short, str(invitation_of(appointment))):
        assert "Drink nothing" not in words
        assert "CT 1" not in words
        assert "Please ask us how to prepare." in words
    assert "ask us" not in told(appointment, "cancellation")[1]


def test_a_discreet_exam_is_told_of_at_no_site(desk: World) -> None:
    policy(desk, name_exam=True)
    Procedure.objects.filter(code="CTCHEST").update(told="discreet")
    appointment = booked(desk, THURSDAY)
    for words in (*told(appointment), str(invitation_of(appointment))):
        assert "CT" not in words
        assert "Drink nothing" not in words


def test_an_exam_may_be_named_where_the_site_names_none(desk: World) -> None:
    Procedure.objects.filter(code="CTCHEST").update(told="name")
    assert "What: CT chest" in told(booked(desk, THURSDAY))[1]


def test_the_slip_is_in_the_patient_s_language(desk: World) -> None:
    exam = Procedure.objects.get(code="CTCHEST")
    ProcedureText.objects.create(procedure=exam, language="de", name="CT Thorax", preparation="Zwei Stunden nüchtern.")
    appointment = booked(desk, THURSDAY, language="de")
    pdf = print_papers(of_appointment("slip", appointment), site=desk.north, by=desk.clerk)
    text = PdfReader(BytesIO(pdf)).pages[0].extract_text()
    for words in ("Ihr Termin", "Donnerstag, 4. Juni 2026", "CT Thorax", "Zwei Stunden nüchtern.", "weiblich"):
        assert words in text
    assert "How to prepare" not in text


def test_the_page_that_stops_messages_speaks_the_patient_s_language(desk: World, client: Client) -> None:
    link = facts_of(booked(desk, THURSDAY, language="de"), "confirmation").stop_link
    address = link[link.index("/patients/") :]
    assert "Keine Nachrichten mehr?" in client.get(address).content.decode()
    assert "Sie bekommen keine Mail" in client.post(address).content.decode()
    assert Patient.objects.get(messages_declined=True).language == "de"


def test_a_clerk_chooses_among_languages_that_have_phrases(desk: World, client: Client) -> None:
    client.force_login(desk.clerk)
    patient = desk.patient()
    address = f"/patients/{patient.pk}/edit/"
    page = client.get(address).content.decode()
    assert '<option value="de">Deutsch</option>' in page
    assert '<option value="tr">' not in page
    answer = client.post(address, {"family_name": "Møller", "language": "tr"})
    assert answer.status_code == 422
    client.post(address, {"family_name": "Møller", "language": "de"})
    assert Patient.objects.get(pk=patient.pk).language == "de"


def test_policies_that_exist_tell_what_they_told(desk: World) -> None:
    made = MessagePolicy.objects.create(site=desk.north)
    made.refresh_from_db()
    assert (made.language, made.tell_preparation, made.tell_room) == ("en", True, True)
