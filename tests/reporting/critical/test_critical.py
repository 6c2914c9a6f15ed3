"""Critical findings: told to a named person who reads it back, passed on when nobody was, and never rewritten."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from reporting.actions.critical import Attempt, escalate, flag, tell, withdraw
from reporting.critical import escalating
from reporting.critical.escalating import escalate_due
from reporting.critical.record import Communication, CriticalFinding, CriticalInterval, EscalationContact
from reporting.subscribers import tell_signers
from ris.accounts.models import User
from ris.audit.models import AuditEvent
from ris.core.actors import Actor
from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.events.models import Event
from ris.notifications.models import Message
from ris.notifications.wanted import is_wanted
from tests.exam import case, draft, sign
from tests.world import World
from worklist.actions.wrong_patient import wrong_patient
from worklist.models import Study

pytestmark = pytest.mark.db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def flagged(world: World, category: int = 1, reach: str = "") -> CriticalFinding:
    said = {"finding": "Tension  pneumothorax", "recipient": "Dr. Ward", "reach": reach}
    return flag(case(world), category=category, by=world.radiologist, **said)


def attempt(**changes: object) -> Attempt:
    values = {"told": "Dr. Ward", "way": "phone", "reached": True, "read_back": True, "at": timezone.now()} | changes
    return Attempt(**values)  # type: ignore[arg-type]


def fresh(critical: CriticalFinding) -> CriticalFinding:
    return CriticalFinding.objects.get(pk=critical.pk)


def late(critical: CriticalFinding) -> None:
    """Its time has run out."""
    CriticalFinding.objects.filter(pk=critical.pk).update(due_at=timezone.now() - timedelta(minutes=1))


def notices(user: User) -> list[str]:
    return list(Message.objects.shown_to(user).filter(key__startswith="critical/").values_list("text", flat=True))


def test_a_finding_is_flagged_before_a_word_of_the_report_is_written(world: World) -> None:
    finding = flagged(world)
    assert (finding.state, finding.finding) == ("open", "Tension pneumothorax")
    assert finding.due_at - finding.flagged_at == timedelta(hours=1)
    assert AuditEvent.objects.filter(action="critical.flagged").exists()
    assert Event.objects.filter(kind="critical.flagged", target_id=str(finding.pk)).exists()


@pytest.mark.usefixtures("signing_key")
def test_a_signed_report_is_flagged_too_and_no_signature_waits(world: World) -> None:
    report = draft(world)
    flag(report.task, category=1, finding="Free air", recipient="Dr. Ward", by=world.radiologist)
    sign(report, world.radiologist)
    assert flag(report.task, category=2, finding="Mass", recipient="Dr. Ward", by=world.radiologist).state == "open"


def test_a_site_says_how_long_it_allows(world: World) -> None:
    CriticalInterval.objects.create(site=world.north, category=2, minutes=90)
    finding = flagged(world, category=2)
    assert finding.due_at - finding.flagged_at == timedelta(minutes=90)


def test_it_is_told_once_a_person_has_read_it_back(world: World) -> None:
    finding = flagged(world)
    tell(finding, attempt(reached=False, read_back=False, note="no answer"), by=world.radiologist)
    tell(finding, attempt(read_back=False), by=world.radiologist)
    assert fresh(finding).state == "open"
    tell(finding, attempt(), by=world.resident)
    assert fresh(finding).state == "told"
    assert [row.reached for row in finding.communications.all()] == [False, True, True]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"told": " "}, "told"),
        ({"reached": False}, "read_back"),
        ({"at": timezone.now() + timedelta(days=2)}, "at"),
        ({"at": timezone.now() - timedelta(days=2)}, "at"),
        ({"way": "pigeon"}, "way"),
    ],
)
def test_an_attempt_that_cannot_be_is_refused_beside_its_field(
    world: World, changes: dict[str, object], field: str
) -> None:
    finding = flagged(world)
    with pytest.raises(InvalidInput) as refused:
        tell(finding, attempt(**changes), by=world.radiologist)
    assert set(refused.value.fields) == {field}
    assert not finding.communications.exists()


def test_a_call_of_before_the_flag_is_written_down_with_its_own_time(world: World) -> None:
    """Phone first, document afterwards: that is the usual order."""
    finding, before = flagged(world), timezone.now() - timedelta(minutes=20)
    row = tell(finding, attempt(at=before), by=world.radiologist)
    assert (row.at, fresh(finding).state) == (before, "told")
    row.refresh_from_db()
    assert row.noted_at > finding.flagged_at


def test_an_exam_of_last_week_may_have_been_told_since_its_images_came(world: World) -> None:
    finding, called = flagged(world), timezone.now() - timedelta(days=5)
    Study.objects.update(first_seen_at=called - timedelta(hours=1))
    assert tell(finding, attempt(at=called), by=world.radiologist).at == called
    with pytest.raises(InvalidInput):
        tell(finding, attempt(at=called - timedelta(hours=2)), by=world.radiologist)


def test_what_was_told_can_neither_be_changed_nor_removed(world: World) -> None:
    row = tell(flagged(world), attempt(), by=world.radiologist)
    rows = Communication.objects.filter(pk=row.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(told="Nobody")
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.delete()
    assert Communication.objects.get(pk=row.pk).told == "Dr. Ward"


def test_one_that_was_none_is_withdrawn_with_a_reason_and_its_calls_stay(world: World) -> None:
    finding = flagged(world)
    tell(finding, attempt(), by=world.radiologist)
    with pytest.raises(InvalidInput):
        withdraw(finding, reason=" ", by=world.radiologist)
    withdraw(finding, reason="A skin fold", by=world.radiologist)
    assert (fresh(finding).state, finding.communications.count()) == ("withdrawn", 1)
    with pytest.raises(TransitionError):
        tell(finding, attempt(), by=world.radiologist)


def test_when_nobody_was_told_in_time_one_contact_after_the_other_is(world: World) -> None:
    finding = flagged(world)
    for place, user in enumerate((world.resident, world.referrer), start=1):
        EscalationContact.objects.create(site=world.north, place=place, user=user)
    assert escalate_due() == 0
    for _ in range(2):
        late(finding)
        assert escalate_due() == 1
    assert (len(notices(world.resident)), len(notices(world.referrer)), len(notices(world.radiologist))) == (1, 1, 2)
    assert "Please call Dr. Ward" in notices(world.resident)[0]
    assert fresh(finding).escalations == 2


def test_one_that_cannot_be_passed_on_holds_up_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, other = flagged(world), flagged(world)
    for finding in (broken, other):
        late(finding)

    def stumble(critical: CriticalFinding, *, by: Actor) -> CriticalFinding:
        if critical.pk == broken.pk:
            raise ValueError(critical.finding)
        return escalate(critical, by=by)

    monkeypatch.setattr(escalating, "escalate", stumble)
    assert escalate_due() == 1
    assert (fresh(broken).escalations, fresh(other).escalations) == (0, 1)
    assert f"critical finding {broken.pk} was not passed on" in caplog.text
    assert "pneumothorax" not in caplog.text


def test_a_contact_who_left_is_passed_over(world: World) -> None:
    finding = flagged(world)
    for place, user in enumerate((world.resident, world.referrer), start=1):
        EscalationContact.objects.create(site=world.north, place=place, user=user)
    User.objects.filter(pk=world.resident.pk).update(is_active=False)
    late(finding)
    escalate_due()
    assert (len(notices(world.resident)), len(notices(world.referrer))) == (0, 1)


def test_a_contact_with_a_mail_address_is_written_to_without_a_word_of_the_patient(
    world: World, settings: Settings
) -> None:
    settings.EMAIL_CONFIGURED = True
    finding = flagged(world)
    for place, reach in enumerate(("chief@example.org", "0123 456"), start=1):
        EscalationContact.objects.create(site=world.north, place=place, user=world.resident, reach=reach)
    for _ in range(2):
        late(finding)
        escalate_due()
    letter = Message.objects.get(channel="email")
    accession = finding.task.requested_procedures.get().accession_number
    assert (letter.address, accession in letter.text) == ("chief@example.org", True)
    assert f"/reports/cases/{finding.task_id}/critical/" in letter.text
    said = f"{letter.subject} {letter.text}".lower()
    patient = finding.task.patient
    assert not any(word.lower() in said for word in ("pneumothorax", patient.family_name, patient.given_name))
    assert is_wanted(letter)
    tell(finding, attempt(), by=world.radiologist)
    assert not is_wanted(letter)


def closed_as_anothers(finding: CriticalFinding, world: World) -> None:
    """The technologist saw that somebody else lay there; the deliveries run."""
    step = finding.task.requested_procedures.get().steps.get()
    wrong_patient(step, reason="The wristband says Olsen", by=world.technologist)
    tell_signers(Event.objects.filter(kind="study.blocked").latest("pk"))


def test_of_images_of_another_patient_nobody_is_called_and_who_was_told_is_called_back(
    world: World, client: Client
) -> None:
    finding = flagged(world)
    tell(finding, attempt(told="Sister Agnes", read_back=False), by=world.resident)
    closed_as_anothers(finding, world)
    for person in (world.radiologist, world.resident):
        (said,) = notices(person)
        assert "do not call Dr. Ward. Call back Sister Agnes" in said
    late(finding)
    assert escalate_due() == 1
    assert not any("Please call" in one for one in notices(world.radiologist))
    client.force_login(world.radiologist, backend=BACKEND)
    assert "do not call; call back whoever was told" in client.get("/reports/critical/").content.decode()
    case_page = client.get(f"/reports/cases/{finding.task_id}/critical/").content.decode()
    assert "Do not call about this finding" in case_page
    assert client.post(f"/reports/critical/{finding.pk}/withdraw/", {"reason": "Olsen's images"}).status_code == 302
    assert fresh(finding).state == "withdrawn"


def test_one_that_was_told_already_is_warned_of_too_and_only_readers_still_see_it(world: World, client: Client) -> None:
    finding = flagged(world)
    tell(finding, attempt(), by=world.resident)
    closed_as_anothers(finding, world)
    tell_signers(Event.objects.filter(kind="study.blocked").latest("pk"))
    assert len(notices(world.resident)) == 1
    client.force_login(world.referrer, backend=BACKEND)
    assert "pneumothorax" not in client.get("/reports/critical/", {"show": "all"}).content.decode()
    assert CriticalFinding.objects.visible_to(world.radiologist).get().is_void


@pytest.mark.usefixtures("signing_key")
def test_on_the_list_a_signed_case_without_images_says_so_to_the_ward(world: World, client: Client) -> None:
    report = draft(world)
    finding = flag(report.task, category=1, finding="Free air", recipient="Dr. Ward", by=world.radiologist)
    sign(report, world.radiologist)
    closed_as_anothers(finding, world)
    client.force_login(world.referrer, backend=BACKEND)
    page = client.get("/reports/critical/").content.decode()
    assert "do not call; call back whoever was told" in page
    assert "<del>Free air</del>" in page


def test_one_that_was_told_is_passed_on_to_nobody(world: World) -> None:
    finding = flagged(world)
    tell(finding, attempt(), by=world.radiologist)
    late(finding)
    assert escalate_due() == 0
    assert notices(world.radiologist) == []


@pytest.mark.parametrize("role", ["clerk", "technologist", "outsider", "referrer"])
def test_only_those_who_read_flag_and_tell(world: World, role: str) -> None:
    task, finding, person = case(world), flagged(world), world.people[role]
    with pytest.raises(NotPermitted):
        flag(task, category=1, finding="Free air", recipient="Dr. Ward", by=person)
    with pytest.raises(NotPermitted):
        tell(finding, attempt(), by=person)


def test_the_page_of_a_case_flags_tells_and_shows_it(world: World, client: Client) -> None:
    task = case(world)
    client.force_login(world.radiologist, backend=BACKEND)
    page = f"/reports/cases/{task.pk}/critical/"
    refused = client.post(page, {"category": "1", "finding": "Free air", "recipient": ""})
    assert (refused.status_code, "Free air" in refused.content.decode()) == (422, True)
    client.post(page, {"category": "1", "finding": "Free air", "recipient": "Dr. Ward"})
    finding = CriticalFinding.objects.get(task=task)
    at = f"{timezone.now().astimezone(world.north.zone):%Y-%m-%dT%H:%M}"
    body = {"told": "Sister Agnes", "way": "phone", "at": at, "reached": "on", "read_back": "on"}
    assert client.post(f"/reports/critical/{finding.pk}/tell/", body).status_code == 302
    assert "Sister Agnes" in client.get(page).content.decode()
    assert "Free air" not in client.get("/reports/critical/").content.decode()
    assert "Free air" in client.get("/reports/critical/", {"show": "all"}).content.decode()


def test_the_list_polls_for_nothing_until_something_changes(world: World, client: Client) -> None:
    flagged(world)
    client.force_login(world.radiologist, backend=BACKEND)
    seen = client.get("/reports/critical/").context["version"]
    assert client.get("/reports/critical/", {"seen": seen}).status_code == 204
    flagged(world)
    assert client.get("/reports/critical/", {"seen": seen}).status_code == 200


def test_the_export_has_every_attempt_and_no_formula(world: World, client: Client) -> None:
    finding = flagged(world, reach="@4711")
    tell(finding, attempt(reached=False, read_back=False), by=world.radiologist)
    tell(finding, attempt(told="=HYPERLINK(1)", note="+1 on leave"), by=world.radiologist)
    client.force_login(world.siteadmin, backend=BACKEND)
    rows = list(csv.DictReader(StringIO(client.get("/reports/critical/export/").content.decode())))
    assert [(row["told"], row["reached"]) for row in rows] == [("Dr. Ward", "False"), ("'=HYPERLINK(1)", "True")]
    assert {row["state"] for row in rows} == {"told"}
    assert {(row["words"], row["reach"]) for row in rows} == {("Tension pneumothorax", "'@4711")}
    assert [row["note"] for row in rows] == ["", "'+1 on leave"]
    assert "Møller" not in str(rows), "names of patients stay here"
