"""The same lesion on an earlier exam, beside today's number."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from reporting.actions.choosing import choose_earlier
from reporting.desk import desk_of, prior_of
from reporting.document import freeze, to_render
from reporting.earlier import matched, reasons
from reporting.models import Measurement, Report, StoredObject
from reporting.prefill import prefill
from reporting.render.content import Prior
from ris.core.errors import InvalidInput
from tests.exam import LENGTH, draft, noted, performed, sign, stored
from tests.world import World
from worklist.models import ReadingTask

KEY = "lesion-length"
FRAME = "2.25.500"
THEN, LONG_AGO = date(2026, 3, 1), date(2025, 1, 1)


def row(value: float, **changes: Any) -> Measurement:
    made = Measurement(value=value, **(LENGTH | changes))
    made.source = StoredObject(sop_instance_uid=f"2.25.{value:.0f}")
    return made


def at(*centre: float) -> list[dict[str, Any]]:
    return [{"space": "patient", "frame_of_reference_uid": FRAME, "points": [list(centre)]}]


def test_the_same_name_the_same_place_and_the_same_site_speak_for_one_lesion() -> None:
    today = row(30.0, label="Target 1", site_code="SCT:39607008", geometry=at(10, 20, 30))
    assert reasons(today, row(25.0, label="target 1 ")) == ("same name",)
    assert reasons(today, row(25.0, site_code="SCT:39607008")) == ("same site",)
    assert reasons(today, row(25.0, geometry=at(12, 20, 31))) == ("same place",)
    assert reasons(today, row(25.0, geometry=at(60, 20, 31))) == ()


def test_the_other_side_is_never_the_same_lesion() -> None:
    today = row(30.0, label="Kidney", laterality_code="SCT:7771000")
    assert reasons(today, row(25.0, label="Kidney", laterality_code="SCT:24028007")) == ()


def test_the_latest_of_equals_is_taken_and_between_two_alike_nobody_guesses() -> None:
    today = row(30.0, label="T1")
    known = [(row(20.0, label="T1"), LONG_AGO), (row(25.0, label="T1"), THEN)]
    found = matched(today, "mm", known)
    assert found is not None
    assert found.value == 25.0
    assert found.change(30.0) == pytest.approx(20.0)
    assert matched(today, "mm", [*known, (row(26.0, label="T1"), THEN)]) is None
    assert matched(today, "mm", known, "none") is None


def test_an_earlier_number_is_compared_in_todays_unit() -> None:
    found = matched(row(30.0, label="T1"), "mm", [(row(2.5, unit="cm", label="T1"), THEN)])
    assert found is not None
    assert found.value == 25.0
    assert matched(row(30.0, label="T1"), "mm", [(row(2.5, unit="px", label="T1"), THEN)]) is None


@pytest.fixture
def today(world: World) -> Report:
    """A report of a patient whose lesion measured 25 mm a year ago."""
    before = world.requested()
    performed(world, before)
    noted(before, study_date=date(2026, 3, 1))
    stored(ReadingTask.objects.get(requested_procedures=before), 25.0, label="Target 1")
    now = world.requested(world.order(before.order.patient))
    performed(world, now)
    noted(now, study_date=date(2027, 3, 12))
    task = ReadingTask.objects.get(requested_procedures=now)
    stored(task, 30.0, label="target 1")
    return draft(world, task=task)


def prior(report: Report) -> dict[str, Any] | None:
    return prior_of(desk_of(Report.objects.get(pk=report.pk)), KEY)


@pytest.mark.django_db
def test_the_earlier_number_stands_beside_todays_with_the_change_in_per_cent(today: Report) -> None:
    found = prior(today)
    assert found is not None
    assert (found["value"], found["day"], found["change"], found["by_hand"]) == (25.0, "2026-03-01", 20.0, False)


@pytest.mark.django_db
def test_it_is_printed_with_the_report(world: World, today: Report) -> None:
    content = freeze(today, kind="final", number=1, by=world.radiologist, at=today.created_at)
    (printed,) = [one for one in to_render(content, sha256="0" * 64).measurements if one.value == "30.0"]
    assert printed.prior == Prior("25.0 mm", "2026-03-01", "+20 %")


@pytest.mark.django_db
def test_it_stands_on_the_page_of_the_signed_report(
    world: World, today: Report, signing_key: None, client: Client
) -> None:
    sign(today, world.radiologist)
    client.force_login(world.radiologist)
    page = client.get(f"/reports/{today.pk}/").content.decode()
    assert "Largest lesion, length: 30.0 mm; before 25.0 mm (2026-03-01), +20 %" in page


@pytest.mark.django_db
def test_the_reader_says_that_there_is_no_such_lesion_or_which_it_is(world: World, today: Report) -> None:
    choose_earlier(today, KEY, "none", by=world.radiologist)
    assert prior(today) is None
    earlier = Measurement.objects.get(value=25.0)
    Measurement.objects.filter(pk=earlier.pk).update(label="something else")
    choose_earlier(today, KEY, earlier.__class__.objects.get(pk=earlier.pk).identity, by=world.radiologist)
    found = prior(today)
    assert found is not None
    assert (found["value"], found["by_hand"]) == (25.0, True)
    with pytest.raises(InvalidInput):
        choose_earlier(today, KEY, "0123456789abcdef", by=world.radiologist)


@pytest.mark.django_db
def test_another_patients_number_is_no_earlier_one(world: World, today: Report) -> None:
    stored(draft(world).task, 11.0, label="target 1")
    prefill(today)
    found = prior(today)
    assert found is not None
    assert found["value"] == 25.0
