"""A signed copy whose delivery gave up says so on the report's page, until somebody sends it again."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from reporting.models import Publication, ReportVersion
from ris.accounts.models import User
from ris.audit.models import AuditEvent
from ris.events import outbox
from ris.events.models import Delivery
from ris.events.outbox import attempt, resend
from tests.exam import draft, sign
from tests.reporting.archive import archived_case, documents
from tests.services.orthanc import Server
from tests.services.server import free_port
from tests.world import World

pytestmark = [pytest.mark.orthanc, pytest.mark.usefixtures("signing_key", "own_uids")]


def state_of(version: ReportVersion) -> str:
    return Publication.objects.get(version=version).archive_state


def page(world: World, version: ReportVersion) -> str:
    client = Client()
    client.force_login(User.objects.get(pk=world.radiologist.pk))
    return client.get(f"/reports/{version.report_id}/").content.decode()


def given_up(world: World, orthanc: Server, settings: Settings, patch: pytest.MonkeyPatch) -> ReportVersion:
    """Signed while the archive is away, for longer than anybody waits."""
    version = sign(draft(world, task=archived_case(world, orthanc)), world.radiologist)
    settings.ORTHANC_URL = f"http://127.0.0.1:{free_port()}"
    with patch.context() as soon:
        soon.setattr(outbox, "PARK_AFTER", 1)
        assert attempt(Delivery.objects.get(subscriber="reporting.archive").pk)
    settings.ORTHANC_URL = orthanc.url
    return version


def test_a_parked_copy_is_failed_and_the_page_says_so(
    world: World, orthanc: Server, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = given_up(world, orthanc, settings, monkeypatch)
    assert state_of(version) == "failed"
    assert "Not in the archive" in page(world, version)
    assert AuditEvent.objects.filter(action="report.not-archived").count() == 1


def test_sending_it_again_archives_it(
    world: World, orthanc: Server, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = given_up(world, orthanc, settings, monkeypatch)
    delivery = Delivery.objects.get(subscriber="reporting.archive")
    resend(delivery, by=world.admin)
    assert (state_of(version), "On its way to the archive" in page(world, version)) == ("pending", True)
    Delivery.objects.filter(pk=delivery.pk).update(next_at=timezone.now())
    assert attempt(delivery.pk)
    assert (state_of(version), "In the archive" in page(world, version)) == ("archived", True)
    assert len(documents(orthanc, version.study_instance_uid)) == 1


def test_another_parked_delivery_says_nothing_of_the_archive(
    world: World, orthanc: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = sign(draft(world, task=archived_case(world, orthanc)), world.radiologist)
    other = Delivery.objects.exclude(subscriber="reporting.archive").first()
    assert other is not None
    Delivery.objects.filter(pk=other.pk).update(state="pending", subscriber="nobody", next_at=timezone.now())
    assert attempt(other.pk)
    assert (Delivery.objects.get(pk=other.pk).state, state_of(version)) == ("parked", "pending")
