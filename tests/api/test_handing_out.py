"""What leaves by the API as it leaves by the screens, with the same rows in the audit trail."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from django.utils import timezone

from reporting.actions.critical import flag
from ris.audit.models import AuditEvent
from ris.downtime.actions import make_snapshot, set_passphrase
from ris.notifications.models import Message
from tests import exam
from tests.api.conftest import program_of
from tests.api.exams import signed
from tests.world import World

pytestmark = pytest.mark.db
API = "/api/v1"


def last(action: str) -> str:
    """Who did it last."""
    return AuditEvent.objects.filter(action=action).order_by("-pk")[0].actor_display


def written(world: World, **changes: object) -> Message:
    about = {"key": "k", "channel": "email", "kind": "reminder", "site": world.north, "address": "a@example.org",
             "subject": "s", "text": "Your exam", "created_at": timezone.now()}  # fmt: skip
    return Message.objects.create(**(about | changes))


def test_what_was_written_to_patients_is_listed_by_state_and_without_its_words(world: World) -> None:
    kept = written(world, state="failed", last_error="550 no such mailbox")
    written(world, key="other", state="sent")
    written(world, key="south", site=world.south, state="failed")
    written(world, key="screen", channel="in-app", recipient=world.clerk, state="queued")
    program = program_of(world.siteadmin)
    assert program.get(f"{API}/patient-messages/").json()["count"] == 2
    (row,) = program.get(f"{API}/patient-messages/", {"state": "failed"}).json()["results"]
    assert (row["id"], row["last_error"], "text" in row) == (kept.pk, "550 no such mailbox", False)
    ways = program.get(f"{API}/patient-messages/ways/").json()
    assert [way["channel"] for way in ways] == ["email", "sms"]


def test_the_list_of_the_day_is_fetched_as_it_lies_on_disk(world: World) -> None:
    made = make_snapshot(set_passphrase(world.north, passphrase="correct horse battery", by=world.siteadmin))
    assert made is not None
    program = program_of(world.technologist)
    (row,) = program.get(f"{API}/downtime-snapshots/", {"site": "north"}).json()["results"]
    assert (row["sha256"], row["stale"]) == (made.sha256, False)
    file = program.get(f"{API}/downtime-snapshots/{row['id']}/file/")
    assert (file.status_code, len(file.content)) == (200, row["size"])
    assert last("downtime.snapshot-taken") == world.technologist.display


def test_an_appointment_is_handed_over_as_a_calendar_file(world: World) -> None:
    found = world.booking()
    file = program_of(world.clerk).get(f"{API}/appointments/{found.pk}/calendar-file/")
    assert (file.status_code, file.content.splitlines()[0]) == (200, b"BEGIN:VCALENDAR")
    assert last("appointment.exported") == world.clerk.display


def test_critical_findings_are_taken_as_a_table_by_who_answers_for_them(world: World) -> None:
    flag(exam.case(world), category=1, finding="=Pneumothorax", recipient="Dr. Ward", by=world.radiologist)
    answer = program_of(world.siteadmin).get(f"{API}/critical-audit/")
    heading, row = csv.reader(StringIO(answer.content.decode()))
    told = dict(zip(heading, row, strict=True))
    assert (told["recipient"], told["words"]) == ("Dr. Ward", "'=Pneumothorax")
    assert last("critical.exported") == world.siteadmin.display
    assert program_of(world.radiologist).get(f"{API}/critical-audit/").status_code == 403


@pytest.mark.usefixtures("signing_key")
def test_the_report_that_somebody_calls_about_is_found_by_number_and_by_name(world: World) -> None:
    report = signed(world).report
    number = report.task.requested_procedures.get().accession_number
    program = program_of(world.radiologist)
    by_number = program.get(f"{API}/reports/call-back/", {"q": f" {number.lower()} "}).json()
    assert (by_number["sure"], [row["report"] for row in by_number["reports"]]) == (True, [report.pk])
    assert (by_number["reports"][0]["accession_numbers"], by_number["reports"][0]["amends"]) == ([number], True)
    by_sound = program.get(f"{API}/reports/call-back/", {"q": "Moeller"}).json()
    assert [row["report"] for row in by_sound["reports"]] == [report.pk]
    assert program_of(world.outsider).get(f"{API}/reports/call-back/", {"q": number}).json()["reports"] == []
