"""The demo's desk: what a newcomer finds, whatever the hour."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from pytest_django import Settings

from reporting.critical import whom
from ris.accounts.models import User
from ris.demo.seed import PASSWORD, seed
from ris.orders.models import Order, RequestedProcedure
from ris.patients.models import Patient
from ris.scheduling.calendar import daytime
from ris.scheduling.finder import Wish, offers
from ris.scheduling.models import Appointment, Opening, Resource, ScheduledProcedureStep

pytestmark = [pytest.mark.django_db, pytest.mark.db]
MONDAY_MORNING = datetime(2026, 6, 1, 7, tzinfo=UTC)
SUNDAY_NIGHT = datetime(2026, 6, 7, 22, tzinfo=UTC)


@pytest.fixture(autouse=True)
def signer(tmp_path: Path, settings: Settings) -> None:
    settings.SIGNING_P12_FILE, settings.SIGNING_P12_PASSWORD = tmp_path / "signer.p12", "test-only"


@pytest.mark.parametrize(("now", "booked"), [(MONDAY_MORNING, 5), (SUNDAY_NIGHT, 3)], ids=["morning", "night"])
def test_every_device_has_something_to_do_and_the_desk_something_to_book(now: datetime, booked: int) -> None:
    with time_machine.travel(now, tick=True):
        seed()
        seed()
    assert Appointment.objects.count() == booked
    sent = ScheduledProcedureStep.objects.filter(start__isnull=False)
    assert set(sent.values_list("node__ae_title", flat=True)) == {"CT1", "MR1", "US1", "DX1"}
    assert Patient.objects.count() == 4
    assert Order.objects.count() == 7
    assert RequestedProcedure.objects.get(procedure__code="DXKNEE").description == "RIGHT Knee radiograph"


def test_rooms_have_hours_and_the_bone_scan_two_parts_hours_apart() -> None:
    with time_machine.travel(SUNDAY_NIGHT, tick=True):
        seed()
        rooms = list(Resource.objects.filter(site__code="north", modality="NM").select_related("site"))
        requested = RequestedProcedure.objects.select_related("procedure", "order__patient", "order__site").get(
            procedure__code="NMBONE"
        )
        first = offers(requested, rooms, Wish(first=SUNDAY_NIGHT.date()))[0]
    assert daytime(rooms) == ("06:00", "17:00")
    assert first.start == datetime(2026, 6, 8, 5, tzinfo=UTC)
    assert next(begins - first.start for _room, begins in first.rest).total_seconds() >= 130 * 60
    assert Opening.objects.filter(resource__name="Ultrasound", weekday=6).count() == 0


def test_each_site_has_somebody_to_tell_of_a_critical_finding() -> None:
    seed()
    assert {one.site.code for one in whom.contacts().select_related("site")} == {"north", "south"}
    assert whom.home_cards(User.objects.get(username="admin")) == []


def test_a_demo_that_was_stopped_while_it_furnished_lets_everybody_in_the_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(User, "set_password", _stopped)
        with pytest.raises(KeyboardInterrupt):
            seed()
    seed()
    assert all(user.check_password(PASSWORD) for user in User.objects.filter(is_active=True))


def _stopped(_user: User, _password: str) -> None:
    raise KeyboardInterrupt
