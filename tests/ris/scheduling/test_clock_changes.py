"""Days follow the site's clock: Berlin goes forward on 2027-03-28 at 02:00 and back on 2027-10-31 at 03:00."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ris.accounts.models import Site
from ris.core.errors import Collision, InvalidInput
from ris.scheduling.actions import Repeated, Slot, book, close_room
from ris.scheduling.forms import SlotForm
from ris.scheduling.hours import after, at_site, day_bounds, is_doubled, series
from ris.scheduling.models import Resource
from tests.world import World

BERLIN = Site(code="x", name="x", time_zone="Europe/Berlin")
SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)
NAIVE = st.datetimes(datetime(2027, 1, 1), datetime(2028, 12, 31))  # noqa: DTZ001  hypothesis wants them so
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca"]


@given(st.integers(0, 59))
def test_the_hour_that_spring_skips_is_refused(minute: int) -> None:
    with pytest.raises(InvalidInput, match="does not exist"):
        at_site(BERLIN, SPRING, time(2, minute))


@given(st.integers(0, 59))
def test_the_hour_that_autumn_repeats_means_the_first_unless_the_second_is_named(minute: int) -> None:
    first, second = (at_site(BERLIN, AUTUMN, time(2, minute, fold=fold)) for fold in (0, 1))
    assert second.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=1)
    assert is_doubled(first)
    assert is_doubled(second)


@given(st.sampled_from(ZONES), st.dates(date(2027, 1, 1), date(2028, 12, 31)), st.times())
def test_a_wall_clock_time_is_refused_or_comes_back_as_it_was_typed(zone: str, day: date, clock: time) -> None:
    site = Site(code="x", name="x", time_zone=zone)
    try:
        moment = at_site(site, day, clock)
    except InvalidInput:
        return
    back = moment.astimezone(UTC).astimezone(site.zone)
    assert (back.date(), back.time().replace(fold=0)) == (day, clock.replace(fold=0))


@given(st.sampled_from(ZONES), st.dates(date(2027, 1, 1), date(2028, 12, 31)), st.integers(1, 53))
def test_a_series_at_eight_stays_at_eight(zone: str, day: date, weeks: int) -> None:
    site = Site(code="x", name="x", time_zone=zone)
    found = [moment.astimezone(UTC).astimezone(site.zone) for moment in series(site, day, time(8), weeks)]
    assert {moment.time() for moment in found} == {time(8)}
    assert {moment.weekday() for moment in found} == {day.weekday()}
    assert len({moment.date() for moment in found}) == weeks


@given(NAIVE, st.integers(1, 1440), st.sampled_from(ZONES))
def test_so_many_minutes_are_true_minutes(moment: datetime, minutes: int, zone: str) -> None:
    start = moment.replace(tzinfo=UTC).astimezone(Site(code="x", name="x", time_zone=zone).zone)
    end = after(start, minutes)
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(minutes=minutes)
    assert end.tzinfo is start.tzinfo


@given(st.sampled_from(ZONES), st.dates(date(2027, 1, 1), date(2028, 12, 31)))
def test_days_follow_each_other_without_gap_or_overlap(zone: str, day: date) -> None:
    site = Site(code="x", name="x", time_zone=zone)
    assert day_bounds(site, day)[1].astimezone(UTC) == day_bounds(site, day + timedelta(days=1))[0].astimezone(UTC)


def test_an_exam_across_the_gap_of_spring_lasts_as_long_as_it_lasts(world: World) -> None:
    found = world.booking(start=at_site(world.north, SPRING, time(1, 50)))
    assert found.end.astimezone(UTC) - found.start.astimezone(UTC) == timedelta(minutes=20)
    assert f"{found.end.astimezone(world.north.zone):%H:%M}" == "03:10"


def test_the_doubled_hour_is_two_hours_and_neither_is_booked_twice(world: World) -> None:
    slots = [
        Slot(resource=world.room(), start=at_site(world.north, AUTUMN, time(2, 30, fold=fold)), minutes=20)
        for fold in (0, 1)
    ]
    for slot in slots:
        book([world.requested(world.order(world.patient(f"Fold{slot.start.fold}")))], slot=slot, by=world.clerk)
    for slot in slots:
        with pytest.raises(Collision):
            book([world.requested(world.order(world.patient(f"Again{slot.start.fold}")))], slot=slot, by=world.clerk)


def test_another_length_leaves_an_exam_of_the_second_doubled_hour_where_it_stands(world: World, client: Client) -> None:
    start = at_site(world.north, AUTUMN, time(2, 30, fold=1)).astimezone(UTC)
    found = world.booking(start=start)
    client.force_login(world.clerk)
    data = {"room": found.resource_id, "day": AUTUMN.isoformat(), "time": "02:30", "minutes": "25"}
    assert client.post(reverse("scheduling:move", args=[found.pk]), data).status_code == 302
    found.refresh_from_db()
    assert (found.start, found.end) == (start, start + timedelta(minutes=25))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(minute=st.integers(0, 59))
def test_a_form_that_names_the_skipped_hour_says_so_beside_the_field(world: World, minute: int) -> None:
    data = {"room": world.room().pk, "day": SPRING.isoformat(), "time": f"02:{minute:02}", "minutes": "20"}
    form = SlotForm(data, rooms=Resource.objects.all())
    assert form.is_valid()
    with pytest.raises(InvalidInput) as refused:
        form.slot()
    assert "skipped" in refused.value.fields["time"]


def test_a_weekly_closure_stays_at_its_hour_across_the_change(world: World) -> None:
    when = Repeated(resource=world.room(), day=date(2027, 3, 22), begins=time(8), ends=time(9), weeks=3)
    rows = close_room(when, reason="Service", by=world.siteadmin)
    assert [f"{row.start.astimezone(world.north.zone):%H:%M}" for row in rows] == ["08:00"] * 3
    assert rows[1].start.astimezone(UTC).hour == rows[0].start.astimezone(UTC).hour - 1
