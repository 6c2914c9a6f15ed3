"""A server whose clock is wrong, or whose disk is full, signs nothing and says so; then it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from reporting.actions import save_draft
from reporting.models import Artifact, Report, ReportVersion, Signature
from ris.audit.models import AuditEvent
from ris.core.errors import Unavailable
from tests.exam import draft, sign
from tests.reporting.amending.test_amending import added
from tests.world import PASSWORD, World

pytestmark = pytest.mark.usefixtures("signing_key")
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
REFUSE = """CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
RAISE EXCEPTION 'could not extend file "base/1": No space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER no_room BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION no_room()"""
ALLOW = "DROP TRIGGER no_room ON {table}; DROP FUNCTION no_room()"


@contextmanager
def clock_behind(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> Iterator[None]:
    """As after a reboot with a dead battery, or a wrong time server."""
    right = timezone.now
    with monkeypatch.context() as patched:
        patched.setattr(timezone, "now", lambda: right() - by)
        yield


@pytest.mark.parametrize("by", [timedelta(minutes=1), timedelta(minutes=30)])
def test_a_clock_that_stands_before_the_audit_trail_signs_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, by: timedelta
) -> None:
    report = draft(world)
    with clock_behind(monkeypatch, by), pytest.raises(Unavailable, match="clock"):
        sign(report, world.radiologist)
    assert not ReportVersion.objects.exists()
    assert Report.objects.get().state == "draft"
    sign(report, world.radiologist)
    assert Report.objects.get().state == "final"


def test_no_addendum_is_older_than_what_it_is_added_to(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    report = sign(draft(world), world.radiologist).report
    with clock_behind(monkeypatch, timedelta(minutes=3)), pytest.raises(Unavailable, match="clock"):
        added(report, "The cyst is benign.", world.radiologist)
    assert [one.number for one in report.versions.all()] == [1]
    added(report, "The cyst is benign.", world.radiologist)
    assert [one.number for one in report.versions.all()] == [1, 2]


@contextmanager
def full_disk(event: str, table: str) -> Iterator[None]:
    """The database's own word for it: SQLite may not grow, PostgreSQL refuses the next such row."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(REFUSE.format(event=event, table=table))
            yield
            cursor.execute(ALLOW.format(table=table))
            return
        cursor.execute("VACUUM")  # what earlier tests left would be room
        cursor.execute("PRAGMA max_page_count")
        (most,) = cursor.fetchone()
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
        yield
        cursor.execute(f"PRAGMA max_page_count = {most}")


def test_on_a_full_disk_nothing_is_signed_and_the_page_says_so(live_world: World) -> None:
    world, client = live_world, Client()
    report = draft(world)
    client.force_login(world.radiologist, backend=BACKEND)
    page = client.get(f"/reports/cases/{report.task_id}/panel/").content.decode()
    numbers = page.split('name="numbers" value="')[1].split('"')[0]
    report.refresh_from_db()
    body = {"revision": report.revision, "kind": "final", "password": PASSWORD, "numbers": numbers}
    with full_disk("INSERT", "reporting_artifact"):
        answer = client.post(f"/reports/{report.pk}/sign/", body, headers={"HX-Request": "true"})
    assert answer.status_code == 503
    assert "disk is full. Nothing was saved or signed" in answer.content.decode()
    for model in (ReportVersion, Signature, Artifact):
        assert not model.objects.exists()
    assert not AuditEvent.objects.filter(action="report.signed").exists()
    assert Report.objects.get().state == "draft"
    assert client.post(f"/reports/{report.pk}/sign/", body).status_code == 200
    assert Report.objects.get().state == "final"


def test_a_draft_that_finds_no_room_is_told_as_unsaved(live_world: World) -> None:
    world, client = live_world, Client()
    report = draft(world)
    client.force_login(world.radiologist, backend=BACKEND)
    body = {"revision": report.revision, "section-findings": "A long text. " * 3000}  # more than its page has left
    with full_disk("UPDATE", "reporting_report"):
        answer = client.post(f"/reports/{report.pk}/save/", body, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (503, "unavailable")
    assert Report.objects.get().revision == report.revision
    save_draft(Report.objects.get(), revision=report.revision, sections={"findings": "Clear."}, by=world.radiologist)
