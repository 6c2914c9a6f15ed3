"""Emergency access: with a reason, for a while, told, reviewed; nobody gets more by it than the study they named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from ris.accounts.models import User
from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.events.models import Delivery
from ris.notifications.models import Message
from tests.ris.notifications.servers import MailServer, go, mail_server
from tests.services.server import free_port
from tests.viewer.hospital import ROOT, Browser, Hospital
from viewer import grants
from viewer.glass.actions import break_glass, end_access, review
from viewer.models import EmergencyAccess
from worklist.models import ReadingTask, Study

__all__ = ["mail_server"]
WHY = "Polytrauma, unconscious, no time to call"


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(autouse=True)
def _nothing_left(hospital: Hospital) -> Iterator[None]:
    yield
    EmergencyAccess.objects.all().delete()
    Message.objects.all().delete()


@pytest.fixture
def open_b(hospital: Hospital) -> EmergencyAccess:
    """The radiologist of the north opened study B of the south."""
    break_glass(hospital.b.study, reason=WHY, by=hospital.world.radiologist)
    return EmergencyAccess.objects.get()


def status(hospital: Hospital, who: Browser, address: str = "") -> int:
    return hospital.ask(address or f"{hospital.b.path}/metadata", who).status


def test_a_foreign_study_opens_with_a_reason_and_only_for_whoever_gave_it(hospital: Hospital, rita: Browser) -> None:
    assert status(hospital, rita) == 404
    said = {"study": hospital.b.place.accession, "reason": WHY}
    answer = browser(hospital.world.radiologist).post("/viewer/emergency/", said)
    assert (answer.status_code, answer["Location"]) == (302, f"/viewer/?StudyInstanceUIDs={hospital.b.study}")
    assert (status(hospital, rita), status(hospital, rita, f"{hospital.b.first}/frames/1")) == (200, 200)
    assert status(hospital, hospital.sign_in("resident")) == 404
    page = browser(hospital.world.radiologist).get(answer["Location"]).content.decode()
    assert "Emergency access" in page
    assert WHY in page
    assert "Beta, Sam" in page


def test_it_lets_nobody_store_and_shows_no_report_and_no_case(
    hospital: Hospital, rita: Browser, open_b: EmergencyAccess
) -> None:
    grant = grants.find(hospital.world.radiologist, "fresh", [hospital.b.study])[hospital.b.study]
    assert not grant.may_store
    task = ReadingTask.objects.get(patient__family_name="Beta")
    assert browser(hospital.world.radiologist).get(f"/reading/{task.pk}/").status_code == 404
    assert hospital.ask(f"{ROOT}/studies", rita).status == 400


def test_the_officers_of_the_site_and_the_installation_are_told_and_it_is_audited(
    hospital: Hospital, open_b: EmergencyAccess
) -> None:
    told = {message.recipient.username for message in Message.objects.filter(subject__startswith="Emergency access")
            if message.recipient}  # fmt: skip
    assert hospital.world.admin.username in told
    assert hospital.world.siteadmin.username not in told, "of the other site"
    event = AuditEvent.objects.filter(action="security.emergency-access").latest("pk")
    assert (event.event_code, event.study_uid, event.patient_id) == ("110113", hospital.b.study, open_b.patient_id)
    assert event.detail["reason"] == WHY


def test_who_is_named_by_the_setting_gets_a_mail_also_when_the_mail_server_was_down(
    hospital: Hospital, mail_server: MailServer, settings: Settings
) -> None:
    settings.EMERGENCY_ACCESS_MAIL = ["privacy@example.org", "night@example.org"]
    settings.EMAIL_PORT = free_port()
    break_glass(hospital.b.study, reason=WHY, by=hospital.world.radiologist)
    letters = Message.objects.filter(channel="email").order_by("pk")
    waiting = [Delivery.objects.get(subscriber="notifications.send", event__target_id=str(one.pk)) for one in letters]
    assert [go(one).state for one in waiting] == ["pending", "pending"]
    assert mail_server.taken == []
    settings.EMAIL_PORT = mail_server.port
    assert [go(one).state for one in waiting] == ["done", "done"]
    assert {mail["To"] for mail in mail_server.taken} == {"privacy@example.org", "night@example.org"}
    text = mail_server.taken[0].get_content()
    assert hospital.world.radiologist.display in text
    assert f"/viewer/emergency/accesses/{EmergencyAccess.objects.get().pk}/" in text
    assert not [word for word in ("Beta", hospital.b.study, WHY) if word in text]


@pytest.mark.parametrize("username", ["clerk", "technologist", "referrer", "siteadmin"])
def test_who_has_no_right_is_refused_and_stays_outside(hospital: Hospital, username: str) -> None:
    person = User.objects.get(username=username)
    answer = browser(person).post("/viewer/emergency/", {"study": hospital.b.study, "reason": WHY})
    assert answer.status_code == 403
    assert status(hospital, hospital.sign_in(username)) == 404
    with pytest.raises(NotPermitted):
        break_glass(hospital.b.study, reason=WHY, by=person)
    assert not EmergencyAccess.objects.exists()


@pytest.mark.parametrize(
    ("study", "reason", "field"),
    [("{B}", "  short ", "reason"), ("1.2.3.4", WHY, "study"), ("NOSUCH", WHY, "study"), ("*", WHY, "study")],
)
def test_without_reason_or_study_nothing_opens(hospital: Hospital, study: str, reason: str, field: str) -> None:
    said = {"study": study.replace("{B}", hospital.b.study), "reason": reason}
    answer = browser(hospital.world.radiologist).post("/viewer/emergency/", said)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not EmergencyAccess.objects.exists()


def test_a_number_that_is_unknown_is_written_down_as_a_refusal(hospital: Hospital) -> None:
    before = AuditEvent.objects.filter(action="security.emergency-access", outcome="refused").count()
    with pytest.raises(InvalidInput):
        break_glass("1.2.3.4", reason=WHY, by=hospital.world.radiologist)
    assert AuditEvent.objects.filter(action="security.emergency-access", outcome="refused").count() == before + 1


@pytest.mark.parametrize("state", ["blocked", "unmatched", "correcting"])
def test_a_study_that_is_closed_or_nobodys_is_not_opened(hospital: Hospital, rita: Browser, state: str) -> None:
    study = Study.objects.filter(study_instance_uid=hospital.b.study)
    study.update(state=state)
    try:
        with pytest.raises(InvalidInput):
            break_glass(hospital.b.study, reason=WHY, by=hospital.world.radiologist)
        assert status(hospital, rita) == 404
    finally:
        study.update(state="matched")


def test_a_study_that_is_closed_afterwards_is_closed_to_the_emergency_too(
    hospital: Hospital, open_b: EmergencyAccess
) -> None:
    study = Study.objects.filter(study_instance_uid=hospital.b.study)
    study.update(state="blocked")
    try:
        assert status(hospital, hospital.sign_in("radiologist")) == 404
    finally:
        study.update(state="matched")


def test_a_study_of_ones_own_is_opened_without_an_alarm(hospital: Hospital) -> None:
    assert break_glass(hospital.a.study, reason=WHY, by=hospital.world.radiologist)
    assert not EmergencyAccess.objects.exists()
    assert not Message.objects.exists()


def test_opening_it_twice_is_one_access(hospital: Hospital, open_b: EmergencyAccess) -> None:
    break_glass(hospital.b.study, reason=WHY, by=hospital.world.radiologist)
    assert EmergencyAccess.objects.count() == 1


def test_it_ends_by_itself_and_by_hand(hospital: Hospital, open_b: EmergencyAccess) -> None:
    assert open_b.until - open_b.opened_at == timedelta(minutes=60)
    client = browser(hospital.world.radiologist)
    assert client.post(f"/viewer/emergency/{open_b.pk}/end/").status_code == 302
    assert status(hospital, hospital.sign_in("radiologist")) == 404
    EmergencyAccess.objects.update(until=timezone.now() + timedelta(minutes=1))
    assert status(hospital, hospital.sign_in("radiologist")) == 200
    EmergencyAccess.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert status(hospital, hospital.sign_in("radiologist")) == 404


def test_nobody_ends_anothers(hospital: Hospital, open_b: EmergencyAccess) -> None:
    with pytest.raises(NotPermitted):
        end_access(open_b, by=hospital.world.resident)
    assert browser(hospital.world.resident).post(f"/viewer/emergency/{open_b.pk}/end/").status_code == 404


def test_somebody_else_reviews_it_once_and_a_question_ends_it(hospital: Hospital, open_b: EmergencyAccess) -> None:
    page = browser(hospital.world.admin).get("/viewer/emergency/accesses/").content.decode()
    assert WHY in page
    with pytest.raises(NotPermitted):
        review(open_b, verb="justify", remark="", by=hospital.world.siteadmin)
    with pytest.raises(InvalidInput):
        review(open_b, verb="question", remark=" ", by=hospital.world.admin)
    said = {"outcome": "question", "remark": "Which ward?"}
    assert browser(hospital.world.admin).post(f"/viewer/emergency/accesses/{open_b.pk}/", said).status_code == 302
    open_b.refresh_from_db()
    assert (open_b.state, open_b.reviewed_by, open_b.is_running) == ("questioned", hospital.world.admin.display, False)
    assert status(hospital, hospital.sign_in("radiologist")) == 404
    assert Message.objects.filter(recipient=hospital.world.radiologist, text__contains="Which ward?").exists()
    with pytest.raises(TransitionError):
        review(open_b, verb="justify", remark="", by=hospital.world.admin)


def test_nobody_reviews_their_own(hospital: Hospital) -> None:
    access = EmergencyAccess.objects.create(
        study=Study.objects.get(study_instance_uid=hospital.b.study), site=hospital.world.south, reason=WHY,
        user=hospital.world.admin, opened_at=timezone.now(), until=timezone.now(),
    )  # fmt: skip
    with pytest.raises(NotPermitted, match="Somebody else"):
        review(access, verb="justify", remark="", by=hospital.world.admin)


def test_the_right_taken_away_closes_what_was_opened(hospital: Hospital, open_b: EmergencyAccess) -> None:
    rows = hospital.world.radiologist.memberships.filter(role="radiologist")
    sites = list(rows.values_list("site", flat=True))
    rows.update(role="technologist")
    try:
        assert status(hospital, hospital.sign_in("radiologist")) == 404
    finally:
        hospital.world.radiologist.memberships.filter(site__in=sites, role="technologist").update(role="radiologist")
