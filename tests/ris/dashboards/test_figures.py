"""From the event log to a dashboard: stages, volumes, no-shows, rooms, what waits; and what it costs."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from ris.accounts.days import newest_day
from ris.dashboards import histogram, plot
from ris.dashboards.figures import Asked, tables
from ris.dashboards.following import SETTLED, follow
from ris.dashboards.models import EventCursor, ExamDay, ExamTimes, RoomDay
from ris.dashboards.stages import STAGES
from ris.events.models import Event
from ris.scheduling.actions import Slot, arrive, complete_step, miss, move, start_step
from ris.scheduling.models import Resource
from tests import exam
from tests.world import World
from worklist.models import ReadingTask

PAGE = "/dashboards/"


@given(st.lists(st.floats(0.1, 100_000), min_size=1, max_size=200), st.sampled_from([0.5, 0.75, 0.9, 0.95]))
def test_a_percentile_of_classes_is_true_to_three_percent(minutes: list[float], share: float) -> None:
    exact = sorted(minutes)[max(-(-len(minutes) * int(share * 100) // 100) - 1, 0)]
    found = histogram.percentile(histogram.of(minutes), share)
    assert found is not None
    assert abs(found - exact) <= exact * 0.03


@given(st.lists(st.lists(st.floats(0, 9_000), max_size=20), max_size=6))
def test_days_add_up_to_what_all_their_exams_are(days: list[list[float]]) -> None:
    together = histogram.of(minutes for day in days for minutes in day)
    assert histogram.added(histogram.of(day) for day in days) == together
    assert histogram.count(together) == sum(len(day) for day in days)


def test_a_stage_ends_when_it_ended_and_never_lasts_less_than_nothing() -> None:
    now = timezone.now()
    names = ("ordered_at", "booked_at", "arrived_at", "begun_at", "done_at", "images_at", "claimed_at",
             "preliminary_at", "signed_at")  # fmt: skip
    moments = {name: now + timedelta(minutes=10 * place) for place, name in enumerate(names)}
    found = {stage.key: stage.minutes(moments) for stage in STAGES}
    assert found == {"to-booking": 10, "to-exam": 30, "waiting": 10, "exam": 10, "to-reader": 10, "reading": 10,
                     "turnaround": 40, "whole": 80}  # fmt: skip
    early = moments | {"claimed_at": now}
    assert next(stage for stage in STAGES if stage.key == "to-reader").minutes(early) == 0
    assert next(stage for stage in STAGES if stage.key == "waiting").minutes(moments | {"arrived_at": None}) is None


@pytest.mark.db
@pytest.mark.usefixtures("signing_key")
def test_an_exam_leaves_its_moments_and_its_day(world: World) -> None:
    visit = world.booking()
    step = world.step(arrive(visit, by=world.clerk))
    complete_step(start_step(step, by=world.technologist), by=world.technologist)
    exam.noted(step.requested_procedure)
    report = exam.draft(world, by=world.resident, task=ReadingTask.objects.get())
    exam.sign(report, world.resident, kind="preliminary")

    follow()

    times = ExamTimes.objects.get(requested_procedure=step.requested_procedure)
    told = ("ordered_at", "booked_at", "arrived_at", "begun_at", "done_at", "images_at", "claimed_at", "preliminary_at")
    assert [name for name in told if getattr(times, name) is None] == []
    assert times.signed_at is None
    assert times.day is not None
    day = ExamDay.objects.get(day=times.day)
    assert (day.ordered, day.performed, day.signed) == (1, 1, 0)
    assert histogram.count(day.stages["reading"]) == 1
    room = RoomDay.objects.get(day=visit.start.astimezone(world.north.zone).date())
    assert (room.visits, room.missed, room.booked_minutes) == (1, 0, 20)


@pytest.mark.db
def test_reading_the_log_again_changes_nothing_and_a_young_event_is_read_again(world: World) -> None:
    exam.case(world)
    follow()
    before = list(ExamDay.objects.values())
    assert EventCursor.objects.get().position < Event.objects.get(kind="order.placed").pk

    Event.objects.update(at=timezone.now() - SETTLED - timedelta(seconds=1))
    follow()
    EventCursor.objects.update(position=0)
    follow()

    assert [row["performed"] for row in ExamDay.objects.values()] == [row["performed"] for row in before]
    assert ExamDay.objects.count() == len(before)
    assert follow() == 0


@pytest.mark.db
def test_who_did_not_come_and_who_moved_is_counted_where_they_are(world: World) -> None:
    earlier = timezone.now().replace(second=0, microsecond=0) - timedelta(hours=3)
    miss(world.booking(start=earlier), by=world.clerk)
    moved = world.booking(start=earlier + timedelta(hours=30))
    follow()
    first = RoomDay.objects.get(day=moved.start.astimezone(world.north.zone).date()).booked_minutes

    move(moved, slot=Slot(resource=world.room(), start=earlier + timedelta(days=5), minutes=20), by=world.clerk)
    follow()

    assert first == 20
    assert (
        RoomDay.objects.get(day=(earlier + timedelta(hours=30)).astimezone(world.north.zone).date()).booked_minutes == 0
    )
    missed = next(one for one in tables(world.siteadmin, Asked()) if one.key == "no-shows")
    assert [row[1:4] for row in missed.rows if row[0].startswith("CT 1")] == [(1, 1, 100.0)]


@pytest.mark.db
def test_the_page_plots_tables_and_hands_out_csv_of_ones_own_sites(world: World, client: Client) -> None:
    exam.case(world)
    follow()
    client.force_login(world.siteadmin)

    page = client.get(PAGE).content.decode()
    rows = list(csv.reader(io.StringIO(client.get(f"{PAGE}volumes.csv?period=7").content.decode())))

    assert page.count("<svg viewBox") >= 3
    assert rows[0] == ["Day", "Ordered", "Performed", "Signed"]
    assert rows[1][1:] == ["1", "1", "0"]
    client.force_login(world.outsider)
    assert len(client.get(f"{PAGE}volumes.csv").content.decode().splitlines()) == 1
    client.force_login(world.siteadmin)
    assert client.get(f"{PAGE}secrets.csv").status_code == 404
    assert list(csv.reader(io.StringIO(client.get(f"{PAGE}volumes.csv?modality=MR").content.decode())))[1:] == []


@pytest.mark.db
def test_the_page_asks_as_often_for_a_year_as_for_a_day_and_touches_no_exam(world: World, client: Client) -> None:
    client.force_login(world.siteadmin)
    today = newest_day()

    def queries(period: str) -> list[str]:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(PAGE, {"period": period}).status_code == 200
        return [query["sql"] for query in seen]

    queries("7")
    ExamDay.objects.create(site=world.north, day=today, modality="CT", performed=1)
    few = queries("7")
    ExamDay.objects.bulk_create(
        ExamDay(
            site=world.north, day=today - timedelta(days=back), modality="CT", performed=3, stages={"exam": {"9": 3}}
        )
        for back in range(1, 300)
    )
    many = queries("365")

    assert len(many) == len(few)
    assert not any("dashboards_examtimes" in sql or "events_event" in sql for sql in many)


def test_bars_stay_within_their_plot() -> None:
    names = [f"2027-01-{day:02d}" for day in range(1, 32)]
    for drawn in (
        plot.columns(names, [("Performed", list(range(31))), ("Signed", [None] * 31)]),
        plot.rows(names, [("p50", list(range(31)))], log=True),
    ):
        assert all(bar.x >= 0 and bar.x + bar.width <= drawn.width for bar in drawn.bars)
        assert all(bar.y >= 0 and bar.y + bar.height <= drawn.height for bar in drawn.bars)


@pytest.mark.db
def test_a_room_whose_name_is_a_formula_is_text_in_the_csv(world: World, client: Client) -> None:
    earlier = timezone.now().replace(second=0, microsecond=0) - timedelta(hours=3)
    miss(world.booking(start=earlier), by=world.clerk)
    follow()
    Resource.objects.filter(name="CT 1").update(name="=1+1")
    client.force_login(world.siteadmin)

    rows = list(csv.reader(io.StringIO(client.get(f"{PAGE}no-shows.csv").content.decode())))

    assert [row[0] for row in rows if "1+1" in row[0]] == ["'=1+1 (north)"]
