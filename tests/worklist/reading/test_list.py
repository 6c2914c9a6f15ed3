"""Narrowing the reading list, keeping filters, the next case, what is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from ris.accounts.models import Membership, User
from ris.core.errors import InvalidInput, NotPermitted
from ris.core.texts import said_once
from ris.orders.actions import OrderDetails, modify_order
from ris.orders.models import Procedure
from ris.patients.actions import merge_patients
from ris.scheduling.actions import start_step
from tests import exam
from tests.world import World
from worklist.actions.filters import drop_filter, keep_filter
from worklist.actions.handing import Heir, assign
from worklist.actions.reading import claim, claim_next, count_images
from worklist.exam.record import ReceivedSeries
from worklist.models import ReadingTask, Study
from worklist.reading.deadlines import TurnaroundRule, due_at, urgency
from worklist.reading.filters import SORTS, WHOSE, Filter
from worklist.reading.rows import next_cases, open_cases
from worklist.reading.saved import SavedFilter
from worklist.reading.staff import ReadingGroup

pytestmark = pytest.mark.db
LIST = "/worklist/reading/"


def waiting(world: World, name: str, *, code: str = "CTCHEST", priority: str = "ROUTINE") -> ReadingTask:
    return exam.case(world, world.requested(world.order(world.patient(name), code=code, priority=priority)))


@pytest.fixture
def cases(world: World) -> dict[str, ReadingTask]:
    return {
        "chest": waiting(world, "Olsen"),
        "brain": waiting(world, "Berg", code="MRBRAIN"),
        "stat": waiting(world, "Dahl", priority="STAT"),
    }


def listed(world: World, cases: dict[str, ReadingTask], user: User | None = None, **asked: str) -> list[str]:
    names = {task.pk: name for name, task in cases.items()}
    return [names[task.pk] for task in open_cases(user or world.radiologist, Filter.read(asked))]


def test_every_filter_lets_through_what_it_says(world: World, cases: dict[str, ReadingTask]) -> None:
    accession = cases["brain"].requested_procedures.get().accession_number
    claim(cases["chest"], by=world.resident)

    assert listed(world, cases) == ["stat", "chest", "brain"]
    assert listed(world, cases, priority="STAT") == ["stat"]
    assert listed(world, cases, modality="MR") == ["brain"]
    assert listed(world, cases, part="chest") == ["stat", "chest"]
    assert listed(world, cases, q=accession.lower()) == ["brain"]
    assert listed(world, cases, q="dahl") == ["stat"]
    assert listed(world, cases, whose="free") == ["stat", "brain"]
    assert listed(world, cases, whose="others") == ["chest"]
    assert listed(world, cases, world.resident, whose="mine") == ["chest"]
    assert listed(world, cases, site=str(world.south.pk)) == []
    assert listed(world, cases, sort="newest") == ["stat", "brain", "chest"]


def test_a_case_is_found_by_the_name_of_a_merged_record(world: World, cases: dict[str, ReadingTask]) -> None:
    maiden = world.patient("Halvorsen", "Åse")
    merge_patients(maiden, into=cases["chest"].patient, reason="Married", by=world.clerk)

    assert listed(world, cases, q="halvorsen") == ["chest"]


def test_what_an_address_says_wrongly_is_left_out() -> None:
    assert (
        Filter.read({"whose": "thieves", "priority": "'; --", "site": "x", "sort": "password", "due": "never"})
        == Filter()
    )
    assert Filter.read({"mine": "1"}).whose == "mine"


@given(
    st.builds(
        Filter,
        whose=st.sampled_from(sorted(WHOSE)),
        part=st.text(max_size=20).map(str.strip),
        q=st.text(max_size=20).map(str.strip),
        site=st.sampled_from(["", "1", "77"]),
        sort=st.sampled_from(sorted(SORTS)),
    )
)
def test_a_filter_survives_its_address(chosen: Filter) -> None:
    assert Filter.of_query(chosen.query) == chosen


def test_a_filter_is_kept_for_oneself_or_shared_and_shows_its_count(
    world: World, cases: dict[str, ReadingTask], client: Client
) -> None:
    client.force_login(world.radiologist)
    keep = reverse("worklist:filter-keep")
    assert client.post(keep, {"filter": "modality=MR", "name": "MR today", "site": world.north.pk}).status_code == 302
    assert client.post(keep, {"filter": "priority=STAT", "name": "Urgent"}).status_code == 302

    client.force_login(world.resident)
    page = client.get(LIST).content.decode()

    assert 'href="/worklist/reading/?modality=MR"' in page
    assert 'MR today <span class="count">1</span>' in page
    assert "Urgent <span" not in page


def test_a_filter_is_shared_with_a_group_and_with_nobody_else(
    world: World, cases: dict[str, ReadingTask], client: Client
) -> None:
    group = ReadingGroup.objects.create(site=world.north, name="Neuro")
    client.force_login(world.radiologist)
    kept = {"filter": "modality=MR", "name": "Brains", "site": f"g{group.pk}"}
    assert client.post(reverse("worklist:filter-keep"), kept).status_code == 302
    client.force_login(world.resident)
    assert "Brains <span" not in client.get(LIST).content.decode()
    group.members.add(world.resident)
    assert 'Brains <span class="count">1</span>' in client.get(LIST).content.decode()
    client.force_login(world.outsider)
    group.members.add(world.outsider)
    assert "Brains <span" not in client.get(LIST).content.decode()


def test_a_filter_without_a_name_is_refused_beside_the_field_and_nothing_typed_is_lost(
    world: World, client: Client
) -> None:
    client.force_login(world.radiologist)

    answer = client.post(reverse("worklist:filter-keep"), {"filter": "", "name": "Everything"})

    assert answer.status_code == 400
    assert "Narrow the list first" in answer.content.decode()
    assert not SavedFilter.objects.exists()


def test_only_its_owner_drops_a_filter(world: World) -> None:
    shared = keep_filter(Filter(modality="MR"), name="MR", site=world.north, by=world.radiologist)
    with pytest.raises(NotPermitted):
        drop_filter(shared, by=world.resident)

    drop_filter(shared, by=world.radiologist)

    assert not SavedFilter.objects.exists()
    with pytest.raises(NotPermitted):
        keep_filter(Filter(modality="MR"), name="MR", site=world.south, by=world.radiologist)
    with pytest.raises(InvalidInput):
        keep_filter(Filter(), name="All", site=None, by=world.radiologist)


def test_the_next_case_is_the_first_of_the_filter_that_nobody_has(
    world: World, cases: dict[str, ReadingTask], client: Client
) -> None:
    client.force_login(world.radiologist)
    client.get(LIST, {"part": "CHEST"})
    after = reverse("worklist:next")

    first, second, none = (client.post(after) for _ in range(3))

    assert first.headers["Location"] == reverse("viewer:reading-room", args=[cases["stat"].pk])
    assert second.headers["Location"] == reverse("viewer:reading-room", args=[cases["chest"].pk])
    assert none.headers["Location"] == f"{LIST}?part=CHEST"
    assert "Nothing waits under this filter." in client.get(none.headers["Location"]).content.decode()
    cases["brain"].refresh_from_db()
    assert cases["brain"].state == "waiting"


@pytest.mark.usefixtures("signing_key")
def test_a_resident_is_not_handed_a_preliminary_report_to_confirm(world: World, cases: dict[str, ReadingTask]) -> None:
    report = exam.draft(world, by=world.resident, task=cases["stat"])
    exam.sign(report, world.resident, kind="preliminary")

    handed = claim_next(open_cases(world.resident, Filter(priority="STAT")), by=world.resident)

    assert handed is None
    assert listed(world, cases, whose="preliminary") == ["stat"]


@pytest.mark.django_db(transaction=True)
def test_of_twenty_readers_who_ask_at_once_no_two_are_handed_the_same_case(live_world: World) -> None:
    for number in range(20):
        waiting(live_world, f"P{number}")
    handed: list[int] = []
    gate = Barrier(20)

    def ask(user: User) -> None:
        gate.wait()
        try:
            task = claim_next(next_cases(user, Filter()), by=user)
            handed.append(task.pk if task else 0)
        finally:
            connections.close_all()

    readers = [_reader(live_world, number) for number in range(20)]
    threads = [Thread(target=ask, args=(user,)) for user in readers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(handed) == len(set(handed)) == 20
    assert 0 not in handed
    assert {task.claimed_by_id for task in ReadingTask.objects.all()} == {reader.pk for reader in readers}


def _reader(world: World, number: int) -> User:
    user = User.objects.create(username=f"reader{number}")
    Membership.objects.create(user=user, site=world.north, role="radiologist")
    return user


def test_cases_are_found_by_images_report_age_deadline_and_people(world: World, cases: dict[str, ReadingTask]) -> None:
    now = timezone.now()
    ReadingTask.objects.filter(pk=cases["brain"].pk).update(
        exam_at=now - timedelta(hours=30), image_state="partial", due_at=now + timedelta(minutes=30)
    )
    exam.draft(world, by=world.resident, task=cases["chest"])
    assign(cases["stat"], to=Heir(person=world.resident), by=world.radiologist)

    assert listed(world, cases, age="24") == ["brain"]
    assert listed(world, cases, images="partial") == ["brain"]
    assert "brain" in listed(world, cases, due="1")
    assert listed(world, cases, report="draft") == ["chest"]
    assert listed(world, cases, report="none") == ["stat", "brain"]
    assert listed(world, cases, reader=str(world.resident.pk)) == ["chest"]
    assert listed(world, cases, assigned=f"u{world.resident.pk}") == ["stat"]
    assert listed(world, cases, assigned="nobody") == ["chest", "brain"]
    assert listed(world, cases, whose="unread") == ["stat", "brain"]


def test_the_list_names_every_column(world: World, cases: dict[str, ReadingTask], client: Client) -> None:
    claim(cases["chest"], by=world.resident)
    client.force_login(world.radiologist)

    page = client.get(LIST).content.decode()

    for column in ("Priority", "Patient", "Exam", "Part", "Site", "Examined", "Due", "Images", "Report", "For"):
        assert f'<th scope="col">{column}</th>' in page
    assert "<td>Renee Resident</td>" in page


def test_measurements_and_reports_are_no_images_and_what_is_missing_is_said(world: World) -> None:
    requested = world.requested()
    Procedure.objects.filter(pk=requested.procedure_id).update(expected_images=200)
    task = exam.case(world, requested)
    study = Study.objects.get()
    for number, (modality, images) in enumerate((("CT", 120), ("SR", 7), ("SEG", 1))):
        ReceivedSeries.objects.create(
            study=study, series_instance_uid=f"2.25.{number}", modality=modality, images=images
        )

    count_images(study)
    task.refresh_from_db()
    assert (task.image_count, task.image_state) == (120, "partial")
    ReceivedSeries.objects.filter(modality="CT").update(images=200)
    count_images(study)
    task.refresh_from_db()
    assert (task.image_count, task.image_state) == (200, "complete")


def test_a_report_is_due_by_the_rule_that_fits_best(world: World) -> None:
    since = datetime(2027, 3, 12, 8, 0, tzinfo=UTC)
    TurnaroundRule.objects.create(site=world.north, priority="STAT", minutes=30)
    TurnaroundRule.objects.create(site=world.north, priority="STAT", modality="CT", minutes=15)

    found = [
        due_at(site.pk, "STAT", modality, since) - since
        for site in (world.north, world.south)
        for modality in ("CT", "MR")
    ]

    assert found == [timedelta(minutes=minutes) for minutes in (15, 30, 60, 60)]


def test_a_case_turns_from_quiet_to_soon_to_overdue() -> None:
    since = datetime(2027, 3, 12, 8, 0, tzinfo=UTC)
    due = since + timedelta(minutes=60)

    said = [urgency(since, due, since + timedelta(minutes=minutes)) for minutes in (0, 44, 46, 61)]

    assert said == ["", "", "soon", "overdue"]


def test_a_case_gets_its_deadline_with_its_images_and_a_new_one_with_its_priority(world: World) -> None:
    order = world.order(priority="STAT")
    requested = world.requested(order)
    start_step(requested.steps.get(), by=world.technologist)
    exam.noted(requested)
    task = ReadingTask.objects.get()
    assert task.due_at is not None
    assert abs(task.due_at - task.created_at - timedelta(minutes=60)) < timedelta(seconds=5)
    order.refresh_from_db()

    modify_order(order, details=OrderDetails(priority="HIGH", reason="Worse"), revision=order.revision, by=world.clerk)

    task.refresh_from_db()
    assert task.due_at == task.created_at + timedelta(minutes=240)


def test_an_overdue_case_is_marked_and_can_be_listed_alone(
    world: World, cases: dict[str, ReadingTask], client: Client
) -> None:
    ReadingTask.objects.filter(pk=cases["brain"].pk).update(due_at=timezone.now() - timedelta(minutes=1))
    client.force_login(world.radiologist)

    page = client.get(LIST, {"due": "overdue"}).content.decode()

    assert listed(world, cases, due="overdue") == ["brain"]
    assert page.count('<span class="due due--overdue">overdue</span>') == 1


def test_the_page_asks_as_often_with_ten_filters_as_with_one(world: World, client: Client) -> None:
    client.force_login(world.radiologist)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(LIST).status_code == 200
        return len(seen)

    keep_filter(Filter(modality="MR"), name="MR", site=None, by=world.radiologist)
    queries()
    before = queries()
    for number in range(9):
        keep_filter(Filter(q=f"P{number}"), name=f"Filter {number}", site=None, by=world.radiologist)

    assert queries() == before


def test_the_counts_of_the_tabs_follow_without_reloading(
    world: World, cases: dict[str, ReadingTask], client: Client
) -> None:
    client.force_login(world.radiologist)
    keep_filter(Filter(modality="MR"), name="MR today", by=world.radiologist)
    page = client.get(f"{LIST}?modality=MR")
    again = f"{LIST}tabs/?modality=MR&seen={page.context['tabs_version']}"
    assert 'Unread <span class="count">3</span>' in page.content.decode()
    assert client.get(again).status_code == 204

    waiting(world, "Vik", code="MRBRAIN")

    told = client.get(again).content.decode()
    assert told.startswith("<nav")
    assert 'Unread <span class="count">4</span>' in told
    assert 'MR today <span class="count">2</span>' in told
    assert told.count('aria-current="page"') == 1


def test_a_modality_is_said_once(world: World, cases: dict[str, ReadingTask], client: Client) -> None:
    Procedure.objects.filter(code="MRBRAIN").update(name="Brain")
    client.force_login(world.radiologist)
    page = client.get(LIST).content.decode()
    assert 'Brain <span class="quiet">MR</span>' in page
    assert "CT chest</td>" in page
    assert (said_once("CT", "CT Thorax"), said_once("CT", "Thorax"), said_once("", "Thorax"), said_once("CT", "")) == (
        "CT Thorax", "CT Thorax", "Thorax", "CT",
    )  # fmt: skip
