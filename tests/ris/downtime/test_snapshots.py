"""The list of the day: encrypted, on time, and opened by programs that are not ours (qpdf, poppler)."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput, NotPermitted, Unavailable
from ris.downtime.actions import make_due, make_snapshot, open_snapshot, set_passphrase
from ris.downtime.contents import list_of
from ris.downtime.files import folder_of
from ris.downtime.models import Snapshot, SnapshotRule
from ris.downtime.sealing import Unreadable, unseal
from ris.downtime.state import state_of
from ris.orders.actions import Answer, answer_safety
from ris.patients.actions import AlertData, add_alert, merge_patients
from ris.scheduling.actions import miss
from tests.ris.printing.reading import words
from tests.world import World

pytestmark = pytest.mark.db
SECRET = "harbour lamp 7 willow"
NOON = datetime(2027, 7, 5, 10, 0, tzinfo=UTC)  # a Monday, 12:00 in Berlin


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR, settings.DOWNTIME_DIR = tmp_path / "data", ""


@pytest.fixture
def rule(world: World) -> SnapshotRule:
    return set_passphrase(world.north, passphrase=SECRET, by=world.siteadmin)


@pytest.fixture
def _signals_stay_as_they_are() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def taken(rule: SnapshotRule) -> bytes:
    made = make_snapshot(rule)
    assert made is not None
    return (folder_of("north") / made.name).read_bytes()


def qpdf(pdf: bytes, tmp_path: Path, password: str) -> subprocess.CompletedProcess[str]:
    path = tmp_path / "list.pdf"
    path.write_bytes(pdf)
    return subprocess.run(
        ["qpdf", "--check", f"--password={password}", str(path)], capture_output=True, text=True, check=False
    )


def test_the_file_opens_with_the_passphrase_in_other_programs_and_with_no_other(
    world: World, rule: SnapshotRule, tmp_path: Path
) -> None:
    with time_machine.travel(NOON, tick=False):
        world.booking(start=NOON + timedelta(hours=2))
        pdf = taken(rule)
    assert "Møller, Åse" in words(pdf, password=SECRET)
    opened, refused = qpdf(pdf, tmp_path, SECRET), qpdf(pdf, tmp_path, "harbour lamp 8 willow")
    assert "AESv3" in opened.stdout
    assert (opened.returncode, refused.returncode) == (0, 2)
    with pytest.raises(subprocess.CalledProcessError):
        words(pdf)


def test_nothing_of_a_patient_stands_in_the_file_in_clear(world: World, rule: SnapshotRule, tmp_path: Path) -> None:
    requested = world.booking(start=timezone.now() + timedelta(minutes=1)).steps.get().requested_procedure
    pdf = taken(rule)
    assert qpdf(pdf, tmp_path, "").returncode == 2
    for clear in ("ller", requested.accession_number, "Northgate"):
        assert clear.encode() not in pdf


def test_it_lists_today_and_tomorrow_by_room_in_the_sites_time(world: World, rule: SnapshotRule) -> None:
    with time_machine.travel(NOON, tick=False):
        world.booking(world.order(world.patient("Today")), start=NOON + timedelta(hours=1))
        world.booking(world.order(world.patient("Tomorrow")), start=NOON + timedelta(days=1))
        world.booking(world.order(world.patient("Later")), start=NOON + timedelta(days=2))
        world.order(world.patient("Waiting"), priority="STAT")
        said = words(taken(rule), password=SECRET)
    assert "Northgate Radiology: state of Monday 5 July 2027, 12:00 (Europe/Berlin)" in said
    assert said.index("Monday 5 July") < said.index("Today, Åse") < said.index("Tuesday 6 July")
    assert said.index("Tuesday 6 July") < said.index("Tomorrow, Åse") < said.index("Ordered, without a time")
    assert "13:00" in said
    assert "STAT CT" in said[said.index("Ordered, without a time") :]
    assert "Later, Åse" not in said


def test_it_shows_what_one_must_know_before_touching_the_patient(world: World, rule: SnapshotRule) -> None:
    person = world.patient()
    order = world.order(person)
    world.booking(order, start=timezone.now())
    add_alert(person, AlertData(kind="allergy", text="Latex", noted_on=timezone.localdate()), by=world.clerk)
    for kind, value in (("egfr", "20"), ("metformin", "yes"), ("pregnancy", "no")):
        answer = Answer(kind=kind, value=value, measured_on=timezone.localdate(), source="Laboratory")
        answer_safety(order, answer=answer, by=world.clerk)
    said = words(taken(rule), password=SECRET)
    for part in ("Allergy: Latex", "HARD STOP: eGFR: 20 mL/min", "Metformin: yes", "Pregnancy: no"):
        assert part in said


def test_a_merged_person_is_listed_by_name_number_and_alerts_of_both_records(world: World, rule: SnapshotRule) -> None:
    old, real = world.patient("Old"), world.patient("Real")
    world.booking(world.order(old), start=timezone.now())
    add_alert(old, AlertData(kind="implant", text="Pacemaker", noted_on=timezone.localdate()), by=world.clerk)
    merge_patients(old, into=real, reason="Same", by=world.clerk)
    number = real.identifiers.get().value
    said = words(taken(rule), password=SECRET)
    assert "Real, Åse" in said
    assert number in said
    assert "Implant: Pacemaker" in said


def test_who_did_not_come_is_not_in_a_room_but_waits(world: World, rule: SnapshotRule) -> None:
    appointment = world.booking(start=timezone.now() - timedelta(minutes=20))
    miss(appointment, by=world.clerk)
    said = words(taken(rule), password=SECRET)
    assert said.count("Møller, Åse") == 1
    assert said.index("Ordered, without a time") < said.index("Møller, Åse")


def test_one_name_that_cannot_be_drawn_does_not_cost_the_others(world: World, rule: SnapshotRule) -> None:
    world.booking(world.order(world.patient("अमित")), start=timezone.now())
    world.booking(world.order(world.patient("Plain")), start=timezone.now() + timedelta(minutes=30))
    said = words(taken(rule), password=SECRET).replace("\n", "")
    assert "[U+0905]" in said
    assert "Plain, Åse" in said


def test_another_sites_patients_are_not_on_the_list(world: World) -> None:
    south = set_passphrase(world.south, passphrase=SECRET, by=world.admin)
    world.booking(start=timezone.now())
    made = make_snapshot(south)
    assert made is not None
    assert "Møller" not in words((folder_of("south") / made.name).read_bytes(), password=SECRET)


def test_one_is_made_every_quarter_of_an_hour_and_not_more_often(world: World, rule: SnapshotRule) -> None:
    made = []
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(60):
            made.append(make_due())
            clock.shift(60)
    assert [minute for minute, count in enumerate(made) if count] == [0, 15, 30, 45]


@pytest.mark.usefixtures("_signals_stay_as_they_are")
def test_the_sweeper_makes_it_by_itself(live_world: World) -> None:
    set_passphrase(live_world.north, passphrase=SECRET, by=live_world.siteadmin)
    call_command("run_deliveries", "--once")
    assert Snapshot.objects.get().site == live_world.north
    assert words((folder_of("north") / "newest.pdf").read_bytes(), password=SECRET)


def test_files_older_than_a_day_go_and_the_newest_four_always_stay(world: World, rule: SnapshotRule) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(6):
            make_due()
            clock.shift(timedelta(minutes=15))
        clock.shift(timedelta(days=3))
        make_due()
        left = {row.name for row in Snapshot.objects.all()}
    assert len(left) == 4
    assert {path.name for path in folder_of("north").glob("north-*.pdf")} == left


def test_the_files_are_readable_by_their_owner_alone_and_no_half_file_is_left(rule: SnapshotRule) -> None:
    taken(rule)
    modes = {path.name[:5]: oct(path.stat().st_mode & 0o777) for path in folder_of("north").iterdir()}
    assert set(modes.values()) == {"0o600"}
    assert not list(folder_of("north").glob(".*"))


def test_a_second_folder_gets_the_same_file(rule: SnapshotRule, settings: Settings, tmp_path: Path) -> None:
    settings.DOWNTIME_DIR = str(tmp_path / "share")
    pdf = taken(rule)
    assert (tmp_path / "share" / "north" / "newest.pdf").read_bytes() == pdf


def test_a_second_folder_that_is_gone_is_said_and_costs_nothing_else(
    world: World, rule: SnapshotRule, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a folder")
    settings.DOWNTIME_DIR = str(tmp_path / "file")
    assert make_due() == 1
    state = state_of(world.north, world.clerk)
    assert (state.alarm, state.newest is not None) == ("", True)
    assert "copy could not be written" in state.fault


def test_the_passphrase_is_kept_sealed_and_opens_nothing_under_another_key(
    rule: SnapshotRule, settings: Settings
) -> None:
    assert SECRET not in rule.sealed_passphrase
    assert unseal(rule.sealed_passphrase) == SECRET
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-" + "k" * 50
    assert unseal(rule.sealed_passphrase) == SECRET
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(Unreadable):
        unseal(rule.sealed_passphrase)


def test_a_site_whose_list_fails_says_why_and_holds_up_no_other(
    world: World, rule: SnapshotRule, settings: Settings
) -> None:
    SnapshotRule.objects.filter(pk=rule.pk).update(sealed_passphrase="nonsense")
    set_passphrase(world.south, passphrase=SECRET, by=world.admin)
    assert make_due() == 1
    assert Snapshot.objects.get().site == world.south
    assert "SECRET_KEY has changed" in state_of(world.north, world.clerk).fault


@pytest.mark.parametrize(
    ("passphrase", "fault"),
    [("too short", "14 to 64"), ("x" * 65, "14 to 64"), ("grüne Wiese am Fluß", "keyboard"),
     (" padded with blanks ", "keyboard"), ("aaaaaaaaaaaaaaaa", "different")],
)  # fmt: skip
def test_a_passphrase_that_is_easily_found_or_cannot_be_typed_is_refused(
    passphrase: str, fault: str, world: World
) -> None:
    with pytest.raises(InvalidInput) as refused:
        set_passphrase(world.north, passphrase=passphrase, by=world.siteadmin)
    assert fault in refused.value.fields["passphrase"]
    assert not SnapshotRule.objects.exists()


def test_setting_the_passphrase_is_for_administrators_and_on_record_without_it(world: World) -> None:
    for other in (world.clerk, world.technologist, world.radiologist, world.outsider):
        with pytest.raises(NotPermitted):
            set_passphrase(world.north, passphrase=SECRET, by=other)
    set_passphrase(world.north, passphrase=SECRET, by=world.siteadmin)
    row = AuditEvent.objects.get(action="downtime.passphrase-set")
    assert SECRET not in str(row.detail)


def test_a_new_passphrase_opens_the_next_list_and_not_the_last(world: World, rule: SnapshotRule) -> None:
    old = taken(rule)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        new = taken(set_passphrase(world.north, passphrase="cellar window 9 moss", by=world.siteadmin))
    assert words(old, password=SECRET)
    assert words(new, password="cellar window 9 moss")
    with pytest.raises(subprocess.CalledProcessError):
        words(new, password=SECRET)


def test_taking_a_list_is_by_right_and_on_record(world: World, rule: SnapshotRule) -> None:
    made = make_snapshot(rule)
    assert made is not None
    with pytest.raises(NotPermitted):
        open_snapshot(made, by=world.radiologist)
    assert words(open_snapshot(made, by=world.technologist), password=SECRET)
    row = AuditEvent.objects.get(action="downtime.snapshot-taken")
    assert (row.actor_display, row.event_code, row.site_id) == ("Theo Technologist", "110106", world.north.pk)


def test_a_list_whose_file_is_gone_says_so(world: World, rule: SnapshotRule) -> None:
    made = make_snapshot(rule)
    assert made is not None
    (folder_of("north") / made.name).unlink()
    with pytest.raises(Unavailable, match="not there any more"):
        open_snapshot(made, by=world.clerk)


def test_a_list_older_than_half_an_hour_is_an_alarm_in_words(world: World, rule: SnapshotRule) -> None:
    assert "No list was made yet" in state_of(world.north, world.clerk).alarm
    make_due()
    assert state_of(world.north, world.clerk).alarm == ""
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        alarm = state_of(world.north, world.clerk).alarm
    assert "31 minutes old" in alarm
    assert "run_deliveries" in alarm
    assert "passphrase" in state_of(world.south, world.outsider).alarm


def test_a_day_of_many_costs_no_more_queries_than_a_day_of_one(
    world: World, rule: SnapshotRule, django_assert_num_queries: Any
) -> None:
    world.booking(start=timezone.now())
    with CaptureQueriesContext(connection) as one:
        list_of(world.north, timezone.now())
    for number in range(8):
        world.booking(
            world.order(world.patient(f"Many{number}")), start=timezone.now() + timedelta(minutes=25 + 25 * number)
        )
    with django_assert_num_queries(len(one)):
        list_of(world.north, timezone.now())
