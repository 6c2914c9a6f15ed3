"""Schemathesis reads the API's description and sends what it allows and what it does not, to every operation.

Each request is rolled back, so that one example never depends on another. Half of the generated ids are exchanged for
real ones, so that the actions behind the doors are reached and not only their 404.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.db.models import Model
from django.utils import timezone
from rest_framework.test import APIClient
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from reporting.actions.amend import begin_amendment
from reporting.actions.critical import flag
from reporting.actions.key_images import Shown, choose_key_image
from reporting.autotext.actions import Written, write_autotext
from reporting.delay.record import PublishDelay
from reporting.dictation.actions import Recording, claim_clip, record_clip, type_clip
from reporting.dictation.record import Clip, DictationRule
from reporting.models import KeyImage, Report, ReportTemplate
from ris.accounts.models import ApiToken, Membership, User
from ris.events.models import Delivery, Event
from ris.orders.actions import Answer, answer_safety
from ris.orders.models import Protocol, SafetyAnswer
from ris.scheduling.actions import complete_step, miss, start_step
from ris.scheduling.models import Appointment, CallBack
from tests import exam
from tests.api.description import described
from tests.api.desk import Desk
from tests.api.exams import draft, signed, study_of
from tests.api.house import House
from tests.permissions.ward_settings import MAKERS
from tests.reporting.dictation.sounds import wav
from tests.world import World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("_one_connection")]

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 12
# No archive runs here: what asks it says so, and says nothing worse.
ASKS_THE_ARCHIVE = {("POST", "/api/v1/devices/{id}/image-test/"), ("GET", "/api/v1/studies/{id}/picture/")}
ASKS = {"reason": {"appointments/reopen"}, "comment": {"reports/return"}}
SEED = 20260305

# One test an operation, so they must be known before there is a database to sign in to; test_schema.py holds that
# this is what the server sends.
api = schemathesis.openapi.from_dict(described(), config=SchemathesisConfig(seed=SEED))
api.app = get_wsgi_application()


@contextlib.contextmanager
def rolled_back() -> Iterator[None]:
    """Whatever is written inside is undone."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Reality:
    """What really exists: an id for each station, and values for the fields of bodies; made when first wanted.

    What a door opens in one state only has a row of its own, as reports/recall.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.make: dict[str, Callable[[], Model]] = {
            "patients": world.patient,
            "orders": world.order,
            "appointments": world.booking,
            "call-backs": lambda: CallBack.objects.create(
                site=world.north, appointment=world.booking(), reason="Displaced", made_at=timezone.now()
            ),
            "exams": world.step,
            **House(world).make,
            **Desk(world).make,
            **{station: functools.partial(make, world) for station, make in MAKERS.items()},
            "studies": lambda: study_of(world.requested()),
            "reports": lambda: draft(world),
            "versions": lambda: signed(world),
            "cases": lambda: exam.case(world),
            "protocols": lambda: Protocol.objects.create(requested_procedure=world.requested()),
            "safety-answers": self._stop,
            "amendments": lambda: begin_amendment(signed(world).report, kind="addendum", by=world.radiologist),
            "key-images": self._key_image,
            "autotexts": lambda: write_autotext(None, Written("mine", "Words."), by=world.radiologist),
            "critical-findings": lambda: flag(
                exam.case(world), category=1, finding="Pneumothorax", recipient="Dr. Ward", by=world.radiologist
            ),
            "dictations": self._dictation,
            "deliveries": self._parked,
            "report-templates": lambda: ReportTemplate.objects.published()[0],
            "appointments/miss": self._past,
            "appointments/restore": lambda: miss(self._past(), by=world.clerk),
            "appointments/reopen": self._done,
            "reports/recall": self._held,
            "reports/send-now": self._held,
            "reports/return": self._preliminary,
            "dictations/put-back": lambda: claim_clip(self._dictation(), by=world.typist),
            "dictations/checked": self._typed,
        }

    def _past(self) -> Appointment:
        return self.world.booking(start=timezone.now() - timedelta(hours=1))

    def _done(self) -> Appointment:
        found = self.world.booking()
        complete_step(start_step(self.world.step(found), by=self.world.technologist), by=self.world.technologist)
        return found

    def _held(self) -> Report:
        PublishDelay.objects.get_or_create(site=self.world.north, defaults={"minutes": 5})
        return signed(self.world).report

    def _preliminary(self) -> Report:
        report = exam.draft(self.world, by=self.world.resident)
        return exam.sign(report, self.world.resident, kind="preliminary").report

    def _stop(self) -> SafetyAnswer:
        answer = Answer(kind="egfr", value="20", measured_on=timezone.localdate(), source="Laboratory")
        return answer_safety(self.world.order(), answer=answer, by=self.world.clerk)

    def _key_image(self) -> KeyImage:
        report = draft(self.world)
        shown = Shown(report.task.studies().get().study_instance_uid, "2.25.30")
        return choose_key_image(report, shown, by=self.world.radiologist)

    def _dictation(self) -> Clip:
        DictationRule.objects.get_or_create(site=self.world.north, defaults={"recording": True})
        return record_clip(draft(self.world), Recording("findings", 1, wav()), by=self.world.radiologist)

    def _typed(self) -> Clip:
        return type_clip(claim_clip(self._dictation(), by=self.world.typist), text="No effusion.", by=self.world.typist)

    def _parked(self) -> Delivery:
        event = Event.objects.create(
            kind="report.signed", at=timezone.now(), actor_kind="user", actor_id="1", target_id="1",
            site_id=self.world.north.pk,
        )  # fmt: skip
        return Delivery.objects.create(event=event, subscriber="nobody", state="parked", next_at=timezone.now())

    @functools.cache  # noqa: B019  one Reality a test, gone with it
    def one(self, station: str) -> int:
        return int(self.make[station]().pk)

    @functools.cached_property
    def fields(self) -> dict[str, Any]:
        morning = (timezone.now() + timedelta(days=1)).replace(hour=8).isoformat()
        patient, room = self.one("patients"), self.world.room().pk
        named = {"site": "north", "patient": patient, "room": room, "start": morning, "revision": 0}
        return named | {"into": self.one("patients"), "order": self.one("orders"), "case": self.one("cases"),
                        "report": self.one("reports"), "at": timezone.now().isoformat(), "seen": 1}  # fmt: skip

    @functools.cached_property
    def procedures(self) -> dict[str, list[Any]]:
        return {"orders": ["CTCHEST"], "appointments": [self.world.requested().pk]}

    def enter(self, case: schemathesis.Case) -> None:
        """Exchange ids and references for real ones in every other request."""
        (station, *more), body = case.path.strip("/").split("/")[2:], case.body
        door = f"{station}/{more[-1]}" if more else station
        number = case.path_parameters.get("id") if case.path_parameters else None
        if isinstance(number, int) and not number % 2:
            case.path_parameters["id"] = self.one(door if door in self.make else station)
        if isinstance(body, dict) and len(repr(body)) % 2:
            body.update({name: value for name, value in self.fields.items() if name in body})
            if "procedures" in body:
                body["procedures"] = self.procedures[station]
            if isinstance(body.get("sections"), dict):
                body["sections"] = dict(zip(["findings", "impression"], body["sections"].values(), strict=False))


def no_worse_than_unavailable(_context: Any, response: Any, _case: schemathesis.Case) -> None:
    assert response.status_code < 500 or response.json()["error"] == "archive", response.json()


def checks_of(case: schemathesis.Case) -> list[Any]:
    if (case.operation.method.upper(), case.path) not in ASKS_THE_ARCHIVE:
        return CHECKS
    return [no_worse_than_unavailable, *CHECKS[1:]]


@pytest.fixture
def key(world: World) -> str:
    """A token that writes, of somebody who has all roles at the north and looks after the installation too."""
    for role in ("clerk", "technologist", "site_admin", "typist"):
        Membership.objects.create(user=world.radiologist, site=world.north, role=role)
    User.objects.filter(pk=world.radiologist.pk).update(is_superuser=True)
    return ApiToken.issue(world.radiologist, "schemathesis", read_only=False)[1]


@pytest.fixture
def reality(world: World, signing_key: None) -> Reality:
    return Reality(world)


def test_a_door_that_one_state_opens_is_reached(key: str, reality: Reality) -> None:
    program = APIClient(headers={"Authorization": f"Token {key}"})
    said = {"reason": "More images came", "comment": "Look at the apex again"}
    for door in [door for door in reality.make if "/" in door]:
        station, verb = door.split("/")
        body = {name: words for name, words in said.items() if door in ASKS[name]}
        answer = program.post(f"/api/v1/{station}/{reality.one(door)}/{verb}/", body, format="json")
        assert answer.status_code == 200, (door, answer.json())


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """A request neither begins nor ends the test's connection, as in Django's own test client."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@api.parametrize()
@hypothesis.settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
def test_every_operation_keeps_to_its_description(case: schemathesis.Case, key: str, reality: Reality) -> None:
    reality.enter(case)
    with rolled_back():
        case.call_and_validate(checks=checks_of(case), headers={"Authorization": f"Token {key}"})
