"""Who is handed what: rules by site, modality, part and priority, to a group, the least busy, or who is on call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests import exam
from tests.world import World
from worklist.actions.reading import claim
from worklist.models import ReadingTask
from worklist.reading.duty import Decision, Reader, Rule, Wanted, decide
from worklist.reading.roster import OnCallForm
from worklist.reading.staff import AssignmentRule, OnCall, ReadingGroup, ReadingProfile

CASE = Wanted("STAT", "MR", "BRAIN")
ANNA, BERT, CARL = (Reader(pk, name) for pk, name in ((1, "Anna"), (2, "Bert"), (3, "Carl")))
NEURO = Rule(7, "Neuro", "least", (1, 2), modality="MR", body_part="BRAIN")
ALL = Rule(8, "Everybody", "group", (1, 2, 3))


def changed(reader: Reader, **values: object) -> Reader:
    return Reader(**{name: getattr(reader, name) for name in Reader.__slots__} | values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rules", "readers", "expected"),
    [
        ([NEURO, ALL], [ANNA, BERT], (7, 1)),  # as busy as each other: always the same
        ([NEURO, ALL], [changed(ANNA, load=3), BERT], (7, 2)),
        ([NEURO, ALL], [changed(ANNA, away=True), changed(BERT, load=9)], (7, 2)),
        (
            [NEURO, ALL],
            [changed(ANNA, modalities=frozenset({"CT"})), changed(BERT, load=5, most_open=5), CARL],
            (8, None),
        ),
        ([NEURO, ALL], [changed(ANNA, may_read=False), changed(BERT, may_read=False), CARL], (8, None)),
        ([Rule(9, "Night", "on-call", (1, 2))], [ANNA, changed(BERT, on_call=True)], (9, 2)),
        ([Rule(9, "Night", "on-call", (1, 2))], [ANNA, BERT], None),
        ([Rule(9, "CT", "group", (1,), modality="CT")], [ANNA], None),
        ([Rule(9, "Urgent", "group", (1,), priority="STAT")], [ANNA], (9, None)),
        ([], [ANNA], None),
    ],
)
def test_the_first_rule_that_fits_and_finds_somebody_counts(
    rules: list[Rule], readers: list[Reader], expected: tuple[int, int | None] | None
) -> None:
    found = decide(CASE, rules, readers)
    assert (found and (found.group, found.person)) == expected


@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 9), st.booleans()), max_size=6, unique_by=lambda one: one[0])
)
def test_nobody_away_is_handed_a_case_and_nobody_busier_than_another(people: list[tuple[int, int, bool]]) -> None:
    readers = [Reader(pk, str(pk), load, away=away) for pk, load, away in people]
    found = decide(CASE, [Rule(1, "All", "least", tuple(range(1, 7)))], readers)

    here = {pk: load for pk, load, away in people if not away}
    if not here:
        assert found is None
    else:
        assert isinstance(found, Decision)
        assert found.person is not None
        assert here[found.person] == min(here.values())


@pytest.fixture
def group(world: World) -> ReadingGroup:
    group = ReadingGroup.objects.create(site=world.north, name="Chest")
    group.members.set([world.radiologist, world.resident])
    return group


@pytest.mark.db
def test_a_case_is_handed_out_when_it_becomes_readable(world: World, group: ReadingGroup) -> None:
    AssignmentRule.objects.create(site=world.north, modality="CT", body_part="chest", group=group, way="least")
    claim(exam.case(world, world.requested(world.order(code="DXCHEST"))), by=world.radiologist)

    task = exam.case(world)

    assert (task.assigned_to, task.assigned_group) == (world.resident, group)
    assert task.assigned_why == "Rule: fewest open cases of Chest"
    other = exam.case(world, world.requested(world.order(code="MRBRAIN")))
    assert (other.assigned_to, other.assigned_group) == (None, None)


@pytest.mark.db
def test_privileges_limits_absence_and_the_roster_are_rows_of_the_admin(world: World, group: ReadingGroup) -> None:
    rule = AssignmentRule.objects.create(site=world.north, group=group, way="least")
    ReadingProfile.objects.create(user=world.resident, modalities="MR US")
    assert exam.case(world).assigned_to == world.radiologist
    ReadingProfile.objects.create(user=world.radiologist, most_open=1)
    assert exam.case(world).assigned_to is None
    rule.way = "on-call"
    rule.save()
    now = timezone.now()
    ReadingProfile.objects.all().delete()
    OnCall.objects.create(site=world.north, user=world.resident, start=now - timedelta(hours=1), end=now)
    assert exam.case(world).assigned_to is None
    OnCall.objects.create(site=world.north, user=world.resident, start=now, end=now + timedelta(hours=1))
    assert exam.case(world).assigned_to == world.resident
    assert ReadingTask.objects.filter(assigned_at__isnull=False).count() == 2


def test_a_profile_names_modalities_that_exist() -> None:
    with pytest.raises(ValidationError):
        ReadingProfile(modalities="CT XX").clean()
    ReadingProfile(modalities="CT MR").clean()


@pytest.mark.db
def test_the_roster_is_written_and_shown_by_the_clock_of_the_site(world: World, client: Client) -> None:
    world.north.time_zone = "Asia/Kathmandu"  # 5:45 ahead, the whole year
    world.north.save()
    client.force_login(world.admin)
    body = {"site": world.north.pk, "user": world.resident.pk, "start_0": "2027-03-12", "start_1": "18:00",
            "end_0": "2027-03-13", "end_1": "06:00"}  # fmt: skip

    answer = client.post(reverse("admin:worklist_oncall_add"), body)

    assert answer.status_code == 302, answer.content
    duty = OnCall.objects.get()
    assert (duty.start, duty.end) == (
        datetime(2027, 3, 12, 12, 15, tzinfo=UTC),
        datetime(2027, 3, 13, 0, 15, tzinfo=UTC),
    )
    change = reverse("admin:worklist_oncall_change", args=[duty.pk])
    shown = client.get(change).content.decode()
    assert 'value="18:00:00"' in shown
    assert "2027-03-12 18:00" in client.get(reverse("admin:worklist_oncall_changelist")).content.decode()
    assert client.post(change, body).status_code == 302
    assert OnCall.objects.get().start == duty.start, "kept as it was"
    refused = client.post(change, body | {"end_0": "2027-03-12"})
    assert "A duty ends after it has begun." in refused.content.decode()


@pytest.mark.db
def test_a_time_counts_by_the_clock_of_the_site_wherever_the_server_stands(world: World) -> None:
    body = {"site": world.north.pk, "user": world.resident.pk, "start": "2027-03-28 02:30", "end": "2027-03-28 08:00"}
    forward = "The clocks of the site are set forward then: it has no such time."
    for zone, server, faults in (
        ("Asia/Kathmandu", "Europe/Oslo", {}),
        ("Europe/Oslo", "UTC", {"start": [forward]}),
        ("Europe/Oslo", "Europe/Oslo", {"start": [forward]}),
    ):
        world.north.time_zone = zone
        world.north.save()
        with timezone.override(ZoneInfo(server)):
            assert OnCallForm(body).errors == faults, (zone, server)
    twice = OnCallForm(body | {"start": "2027-10-31 02:30", "end": "2027-10-31 08:00"})
    assert twice.errors == {}
    assert twice.cleaned_data["start"].astimezone(UTC) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC), "the first one"
