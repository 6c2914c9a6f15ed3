"""Logs carry ids, never names (DESIGN.md §5.12): an exam with every log at its most talkative, then a search in it.

Not covered: the logs of Orthanc, and what somebody types into the path of an address.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO

import pytest
from django.test import Client
from django.utils import timezone
from pydicom import config as pydicom_config
from pydicom.dataset import Dataset
from pynetdicom import _config as pynetdicom_config
from pytest_django import Settings

from reporting.actions import publish_version
from reporting.models import Report
from reporting.numbers import numbers_of
from ris.core.actors import SystemActor
from ris.core.logs import Nameless
from ris.demo.seed import make_signing_key
from ris.events.outbox import sweep
from ris.orders.models import Order
from ris.patients.models import Patient
from ris.settings import LOGGING
from tests.conformance.scanner import Scanner
from tests.reporting.archive import note
from tests.reporting.conftest import own_uids
from tests.ris.dicom.objects import ct, file_of
from tests.services.orthanc import Server
from tests.services.server import free_port
from tests.worklist.mpps.samples import completed, created
from tests.world import PASSWORD, World
from worklist import scp as dicom
from worklist.models import ReadingTask

__all__ = ["own_uids"]

FAMILY, GIVEN, REFERRER = "Zebrowskaja", "Xaveria", "Quackenbush"
REASON, TEXT = "haemoptysis-for-weeks", "a-nodule-of-nine-millimetres"
SECRETS = (FAMILY, GIVEN, REFERRER, REASON, TEXT, "1961-05-17", "19610517", "17.05.1961", PASSWORD)


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Everything that any logger says, as the installation writes it; nothing is held back by a level."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(Nameless(LOGGING["formatters"]["line"]["fmt"]))  # type: ignore[index]
    loggers = [logging.getLogger(), *(one for one in logging.root.manager.loggerDict.values() if hasattr(one, "level"))]
    kept = [(one, one.level, one.propagate) for one in loggers if isinstance(one, logging.Logger)]
    for one, _level, _propagate in kept:
        one.setLevel(logging.DEBUG)
        one.propagate = True
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)
    for one, level, propagate in kept:
        one.setLevel(level)
        one.propagate = propagate


@pytest.fixture
def ct1(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scanner]:
    """A scanner, and our DICOM server in threads of this process."""
    for name in ("LOG_REQUEST_IDENTIFIERS", "LOG_RESPONSE_IDENTIFIERS", "LOG_HANDLER_LEVEL"):
        monkeypatch.setattr(pynetdicom_config, name, getattr(pynetdicom_config, name))
    for name in ("reading_validation_mode", "writing_validation_mode"):
        monkeypatch.setattr(pydicom_config.settings, name, getattr(pydicom_config.settings, name))
    server = dicom.start(dicom.Address("ISOCENTER", "127.0.0.1", 0))
    yield Scanner("CT1", "ISOCENTER", server.server_address[1])
    dicom.stop(server)


def signed_in(world: World, who: str) -> Client:
    client = Client(raise_request_exception=False)
    client.post("/accounts/login/", {"login": who, "password": PASSWORD})
    assert client.get("/").status_code == 200
    return client


def at_the_desk(world: World) -> Order:
    """Registered, ordered and booked in the browser, with the slips that people make."""
    clerk = signed_in(world, "clerk")
    person = {"family_name": FAMILY, "given_name": GIVEN, "birth_date": "17.05.1961", "site": world.north.pk}
    assert clerk.post("/patients/register/", person | {"family_name": f"{FAMILY}^"}).status_code == 422
    clerk.post("/patients/register/", person)
    patient = Patient.objects.get()
    assert clerk.get(f"/patients/?q={FAMILY}").status_code == 200
    order = {"site": world.north.pk, "procedures": [world.procedure().pk], "priority": "STAT", "reason": REASON,
             "referrer_name": f"{REFERRER}, Anna"}  # fmt: skip
    assert clerk.post(f"/orders/place/{patient.pk}/", order).status_code == 302
    placed = Order.objects.get()
    start = timezone.localtime(world.soon(), world.north.zone)
    slot = {"room": world.room().pk, "day": start.date(), "time": f"{start:%H:%M}", "minutes": 20}
    assert clerk.post(f"/schedule/book/{placed.procedures.get().pk}/", slot | {"minutes": "x"}).status_code == 422
    assert clerk.post(f"/schedule/book/{placed.procedures.get().pk}/", slot).status_code == 302
    assert clerk.get("/reports/").status_code == 403
    return placed


def at_the_device(order: Order, scanner: Scanner) -> None:
    """Asked for by name, performed, with a message that breaks the rules."""
    step = order.procedures.get().steps.get()
    query = Dataset()
    query.PatientName, query.PatientID, query.PatientBirthDate = f"{FAMILY}*", "", ""
    query.ScheduledProcedureStepSequence = [Dataset()]
    found, _statuses = scanner.find(query)
    assert [str(item.PatientName.family_name) for item in found] == [FAMILY]
    assert scanner.create("2.25.900", created(step, PerformedProcedureStepID="")).Status != 0
    assert scanner.create("2.25.901", created(step)).Status == 0
    assert scanner.set("2.25.901", completed()).Status == 0


def into_the_archive(order: Order, orthanc: Server) -> ReadingTask:
    requested = order.procedures.select_related("order__patient", "order__site", "procedure").get()
    patient = requested.order.patient
    image = ct(
        PatientName=patient.person_name, PatientID=patient.identifiers.get().value, PatientBirthDate="19610517",
        AccessionNumber=requested.accession_number, StudyInstanceUID=requested.study_instance_uid,
    )  # fmt: skip
    orthanc.archive().store([file_of(image)])
    note(orthanc, requested)
    return ReadingTask.objects.get()


def in_the_reading_room(world: World, task: ReadingTask) -> None:
    reader = signed_in(world, "radiologist")
    assert reader.post(f"/worklist/reading/{task.pk}/claim/").status_code == 302
    assert reader.get(f"/reports/cases/{task.pk}/panel/").status_code == 200
    report = Report.objects.select_related("task", "template").get()
    draft = {"revision": 0, "section-findings": f"{TEXT} {FAMILY}", "section-impression": TEXT}
    assert reader.post(f"/reports/{report.pk}/save/", draft).status_code == 200
    assert reader.post(f"/reports/{report.pk}/save/", draft).status_code == 409, "a stale page"
    proof = {"revision": 1, "numbers": numbers_of(report)["numbers_version"], "password": PASSWORD}
    assert reader.post(f"/reports/{report.pk}/sign/", proof).status_code == 200


@pytest.mark.orthanc
@pytest.mark.usefixtures("own_uids")
def test_a_whole_exam_leaves_no_name_date_of_birth_or_word_of_the_report_in_any_log(
    live_world: World, ct1: Scanner, orthanc: Server, log: StringIO, settings: Settings
) -> None:
    make_signing_key()
    order = at_the_desk(live_world)
    at_the_device(order, ct1)
    in_the_reading_room(live_world, into_the_archive(order, orthanc))
    settings.ORTHANC_URL = f"http://127.0.0.1:{free_port()}"
    sweep()
    settings.ORTHANC_URL = orthanc.url
    publish_version(Report.objects.get().versions.get(), by=SystemActor("delivery"))
    text = log.getvalue()
    assert len(text.splitlines()) > 100, "the logs were not listened to"
    assert "Unprocessable Entity" in text
    leaks = {secret: line for line in text.splitlines() for secret in SECRETS if secret.lower() in line.lower()}
    assert leaks == {}


def test_the_words_of_an_unforeseen_error_stay_out_of_the_log(
    world: World, log: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError(f"cannot do this for {FAMILY}, {GIVEN}")

    client = signed_in(world, "clerk")
    monkeypatch.setattr("ris.patients.models.PatientQuerySet.visible_to", broken)
    assert client.get(f"/patients/{world.patient().pk}/").status_code == 500
    assert "ValueError" in log.getvalue()
    assert FAMILY not in log.getvalue()


def test_the_web_server_does_not_write_down_what_was_searched_for() -> None:
    """Its access log holds whole addresses; the installation keeps it silent however the server is started."""
    code = (
        "import logging, uvicorn; uvicorn.Config('ris.asgi:application').load();"
        "print(logging.getLogger('uvicorn.access').isEnabledFor(logging.INFO))"
    )
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": "."}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
