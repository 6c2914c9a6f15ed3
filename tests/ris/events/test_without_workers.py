"""The broker is only a wake-up: without it nothing fails, and the sweeper needs the database alone."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from ris import audit
from ris.audit.models import AuditEvent, AuditSeal
from ris.core.actors import SystemActor
from ris.events import tasks
from ris.events.errors import DeliveryError
from ris.events.models import Delivery
from tests.ris.events.conftest import Listener, told
from tests.services.server import free_port

SOON = 6.0


@pytest.fixture
def _signals_stay_as_they_are() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def broker(url: str, **options: object) -> Celery:
    """Another application with the house's settings and this broker."""
    app = Celery("test", set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.conf.broker_url = url
    if options:
        app.conf.broker_transport_options = options
    return app


def unreachable(tmp_path: Path, kind: str) -> Celery:
    if kind == "redis that is gone":
        return broker(f"redis://127.0.0.1:{free_port()}/0", socket_connect_timeout=2)
    folder = tmp_path / "queue"
    if kind == "a folder that is a file":
        folder.write_text("")
    return broker("filesystem://", data_folder_in=str(folder), data_folder_out=str(folder))


@pytest.mark.parametrize("kind", ["redis that is gone", "a folder that is a file", "a folder that is not there"])
def test_a_request_does_not_notice_that_the_broker_is_gone(
    kind: str, transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    settings.HOOK_SECRET = "a-secret-of-the-tests"
    task = unreachable(tmp_path, kind).task(name="events.deliver", ignore_result=True)(tasks.deliver.run)
    monkeypatch.setattr(tasks, "deliver", task)
    started = time.monotonic()
    told_by_the_archive = Client().post(
        "/hooks/orthanc", {"event": "StableStudy", "id": "0a1b2c3d-0a1b2c3d-0a1b2c3d-0a1b2c3d-0a1b2c3d"},
        content_type="application/json", headers={"Authorization": "Bearer a-secret-of-the-tests"},
    )  # fmt: skip
    assert told_by_the_archive.status_code == 202, told_by_the_archive.content
    assert time.monotonic() - started < SOON
    assert Delivery.objects.get().state == "pending"
    assert "not published" in caplog.text
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.usefixtures("_signals_stay_as_they_are")
def test_the_sweeper_does_what_no_worker_did(transactional_db: None, listener: Listener) -> None:
    deliveries = [told(str(number)) for number in range(3)]
    call_command("run_deliveries", "--once")
    assert set(Delivery.objects.filter(pk__in=[one.pk for one in deliveries]).values_list("state", flat=True)) == {
        "done"
    }
    assert listener.heard == ["0", "1", "2"]


@pytest.mark.usefixtures("_signals_stay_as_they_are")
def test_the_sweeper_seals_the_audit_trail(transactional_db: None) -> None:
    audit.record("order.placed", ("orders.order", "1"), by=SystemActor("system"))
    call_command("run_deliveries", "--once")
    assert AuditSeal.objects.get().rows == AuditEvent.objects.count()


@pytest.mark.usefixtures("_signals_stay_as_they_are")
def test_a_job_that_fails_does_not_stop_the_others(
    transactional_db: None, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("ris.events.management.commands.run_deliveries.seal", broken)
    told()
    call_command("run_deliveries", "--once")
    assert listener.heard == ["1"]


def test_a_worker_runs_one_delivery_by_its_number(db: None, listener: Listener) -> None:
    listener.then = _down
    delivery = told()
    tasks.deliver(delivery.pk)
    assert Delivery.objects.get(pk=delivery.pk).last_error == "down"
    tasks.sweep()
    assert len(listener.heard) == 1, "it is not due yet"


def _down(_event: object) -> None:
    raise DeliveryError("down")


def test_nothing_is_published_for_what_was_rolled_back(
    transactional_db: None, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    published: list[object] = []
    monkeypatch.setattr("ris.core.tasks._publish", lambda *args: published.append(args))
    with transaction.atomic():
        told()
        transaction.set_rollback(True)
    assert published == []
    told("2")
    assert len(published) == 1
