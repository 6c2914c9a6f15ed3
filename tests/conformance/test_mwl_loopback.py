"""The worklist over real sockets: dcmtk's findscu and pynetdicom as scanners (PS3.4 K)."""

from __future__ import annotations

import time
from collections.abc import Callable
from copy import copy
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pynetdicom import _config
from pynetdicom.sop_class import ModalityWorklistInformationFind

from ris.accounts.models import Site
from ris.audit.models import AuditEvent
from ris.dicom.models import DeviceContact, DeviceProfile, Node
from ris.scheduling.actions import move, start_step
from ris.scheduling.actions.slots import Slot
from ris.scheduling.models import ScheduledProcedureStep
from tests.conformance.scanner import STEP, Scanner
from tests.worklist.mwl.samples import identifier
from tests.worklist.upper.lean import RJ, Asking, Lean
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

PENDING, PENDING_WARNING, SUCCESS, CANCELLED = 0xFF00, 0xFF01, 0x0000, 0xFE00
MISMATCH, OUT_OF_RESOURCES = 0xA900, 0xA700
DATE = "ScheduledProcedureStepStartDate"
TIME = "ScheduledProcedureStepStartTime"
STEP_ID = "ScheduledProcedureStepID"


def step_ids(answers: list[Dataset]) -> set[str]:
    return {answer.ScheduledProcedureStepSequence[0].ScheduledProcedureStepID for answer in answers}


def at(world: World, day: str, time: str) -> datetime:
    return datetime.strptime(f"{day} {time}", "%Y-%m-%d %H:%M").replace(tzinfo=world.north.zone)


def test_dcmtk_gets_exactly_the_step_of_its_ae_title_and_another_scanner_nothing(
    live_world: World, ct1: Scanner, mr1: Scanner
) -> None:
    step = live_world.step()
    requested = step.requested_procedure
    keys = ("PatientName=", "PatientID=", "AccessionNumber=", "StudyInstanceUID=", f"{STEP}{STEP_ID}=")
    (answer,) = ct1.findscu(*keys)
    assert answer.AccessionNumber == requested.accession_number
    assert answer.StudyInstanceUID == requested.study_instance_uid
    number = requested.order.patient.identifier_at(live_world.north)
    assert number is not None
    assert answer.PatientID == number.value
    assert answer.PatientName == "Møller^Åse"
    assert step_ids([answer]) == {step.sps_id}
    assert mr1.findscu(*keys) == []


def test_asking_for_another_scanners_title_gives_nothing_of_it(live_world: World, mr1: Scanner) -> None:
    live_world.step()
    assert mr1.findscu(f"{STEP}ScheduledStationAETitle=CT1", "PatientName=") == []


@pytest.mark.parametrize(("calling", "called"), [("STRANGER", "ISOCENTER"), ("CT1", "SOMEBODY"), ("ct1", "ISOCENTER")])
def test_an_unknown_scanner_or_a_wrong_called_title_is_rejected(
    scp: tuple[str, int], calling: str, called: str
) -> None:
    with Lean(scp[1]) as lean:
        kind, told = lean.associate(Asking(calling=calling, called=called))
    _reserved, result, source, reason = told
    assert (kind, result, source) == (RJ, 1, 1)  # permanent, by the service user (PS3.8 Table 9-21)
    assert reason == (7 if called == "SOMEBODY" else 3)


def test_dcmtk_is_told_that_its_title_is_not_recognised(scp: tuple[str, int]) -> None:
    run = Scanner("STRANGER", *scp).run_findscu("PatientName=")
    assert run.returncode != 0
    assert "Calling AE Title Not Recognized" in run.stderr + run.stdout


@pytest.mark.parametrize("change", [{"active": False}, {"kind": "archive"}])
def test_a_device_that_is_switched_off_or_no_modality_is_rejected(
    live_world: World, ct1: Scanner, change: dict[str, object]
) -> None:
    Node.objects.filter(ae_title="CT1").update(**change)
    with ct1.association() as association:
        assert association.is_rejected


def test_a_device_switched_off_during_its_association_gets_nothing_more(live_world: World, ct1: Scanner) -> None:
    live_world.step()
    with ct1.association() as association:
        Node.objects.filter(ae_title="CT1").update(active=False)
        (status, answer), *more = association.send_c_find(identifier({}), ModalityWorklistInformationFind)
    assert (status.Status, answer, more) == (0xC001, None, [])


@pytest.mark.parametrize(
    ("charset", "expected"),
    [("ISO_IR 192", "Łukasiewicz^Änne"), ("ISO_IR 101", "Łukasiewicz^Änne"), ("ISO_IR 100", "Lukasiewicz^Änne")],
)
def test_a_name_survives_in_the_character_set_of_the_device(
    live_world: World, ct1: Scanner, charset: str, expected: str
) -> None:
    Node.objects.filter(ae_title="CT1").update(charset=charset)
    live_world.booking(live_world.order(live_world.patient("Łukasiewicz", "Änne")))
    (answer,) = ct1.findscu("PatientName=", "SpecificCharacterSet=")
    assert answer.SpecificCharacterSet == charset
    assert str(answer.PatientName) == expected


def test_a_date_range_is_counted_in_the_days_of_the_site(live_world: World, ct1: Scanner) -> None:
    late = live_world.step(live_world.booking(start=at(live_world, "2027-03-12", "23:50")))
    early = live_world.step(live_world.booking(start=at(live_world, "2027-03-13", "00:10")))
    assert step_ids(ct1.findscu(f"{STEP}{DATE}=20270312", f"{STEP}{STEP_ID}=")) == {late.sps_id}
    assert step_ids(ct1.findscu(f"{STEP}{DATE}=20270313-", f"{STEP}{STEP_ID}=")) == {early.sps_id}
    both = ct1.findscu(f"{STEP}{DATE}=20270312-20270313", f"{STEP}{STEP_ID}=", f"{STEP}{TIME}=")
    assert step_ids(both) == {late.sps_id, early.sps_id}
    assert [answer.ScheduledProcedureStepSequence[0][TIME].value for answer in both] == ["235000", "001000"]


def test_date_and_time_ranges_are_one_period(live_world: World, ct1: Scanner) -> None:
    moments = [("2027-03-12", "07:00"), ("2027-03-12", "09:00"), ("2027-03-13", "07:00"), ("2027-03-13", "09:00")]
    steps = [live_world.step(live_world.booking(start=at(live_world, *moment))).sps_id for moment in moments]
    found = ct1.findscu(f"{STEP}{DATE}=20270312-20270313", f"{STEP}{TIME}=0800-0730", f"{STEP}{STEP_ID}=")
    assert step_ids(found) == {steps[1], steps[2]}


def test_a_wildcard_and_a_name_without_its_accents_find_the_patient(live_world: World, ct1: Scanner) -> None:
    step = live_world.step()
    other = live_world.step(live_world.booking(live_world.order(live_world.patient("Okafor", "Chidi"))))
    assert step_ids(ct1.findscu("PatientName=OKA*", f"{STEP}{STEP_ID}=")) == {other.sps_id}
    assert step_ids(ct1.findscu("PatientName=*ase", f"{STEP}{STEP_ID}=")) == {step.sps_id}
    assert ct1.findscu("PatientName=Nobody*") == []


def test_a_step_leaves_the_list_when_it_is_started_and_follows_its_appointment(live_world: World, ct1: Scanner) -> None:
    appointment = live_world.booking(start=at(live_world, "2027-03-12", "09:00"))
    step = live_world.step(appointment)
    slot = Slot(resource=live_world.room(), start=at(live_world, "2027-03-15", "11:00"), minutes=20)
    move(appointment, slot=slot, by=live_world.clerk)
    assert ct1.findscu(f"{STEP}{DATE}=20270312") == []
    assert step_ids(ct1.findscu(f"{STEP}{DATE}=20270315", f"{STEP}{STEP_ID}=")) == {step.sps_id}
    start_step(step, by=live_world.technologist)
    assert ct1.findscu(f"{STEP}{DATE}=20270315") == []


def test_statuses_are_pending_then_success_and_a_warning_for_an_unsupported_key(
    live_world: World, ct1: Scanner
) -> None:
    live_world.step()
    answers, statuses = ct1.find(identifier({"Modality": "CT"}, PatientName=""))
    assert (len(answers), statuses) == (1, [PENDING, SUCCESS])
    answers, statuses = ct1.find(identifier({"Modality": "CT"}, EthnicGroup=""))
    assert statuses == [PENDING_WARNING, SUCCESS]
    assert "EthnicGroup" not in answers[0]


@pytest.mark.parametrize(
    ("step", "keys"),
    [
        (None, {"SpecificCharacterSet": "ISO_IR 100"}),
        ({DATE: "20271399"}, {}),
        ({TIME: "9 o'clock"}, {}),
        ({}, {"PatientBirthDate": "yesterday"}),
    ],
)
def test_a_bad_identifier_is_refused_with_a900_and_the_next_query_answered(
    live_world: World, ct1: Scanner, step: dict[str, str] | None, keys: dict[str, str]
) -> None:
    live_world.step()
    assert ct1.find(identifier(step, **keys))[1] == [MISMATCH]
    assert len(ct1.find(identifier({}))[0]) == 1


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x40\x00",
        b"\x40\x00\x00\x01\xff\xff\xff\xffgarbage!",
        b"\xfe\xff\x00\xe0" * 4,
        b"\x40\x00\x00\x01\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff" * 3000,
    ],
    ids=["cut", "no item", "items without a sequence", "three thousand nested sequences"],
)
def test_bytes_that_are_no_dataset_are_refused_and_the_next_query_answered(
    live_world: World, ct1: Scanner, monkeypatch: pytest.MonkeyPatch, garbage: bytes
) -> None:
    live_world.step()
    with monkeypatch.context() as broken:
        broken.setattr("pynetdicom.association.encode", lambda *_: garbage)
        assert ct1.find(identifier({}))[1] == [MISMATCH]
    assert ct1.find(identifier({}))[1] == [PENDING, SUCCESS]


def test_a_cancel_ends_the_answers(live_world: World, ct1: Scanner) -> None:
    step = live_world.step()
    profile = DeviceProfile.objects.create(name="wide", result_limit=10_000)
    Node.objects.filter(ae_title="CT1").update(profile=profile)
    copies = [copy(step) for _ in range(3000)]
    for number, one in enumerate(copies):
        one.pk, one.sps_id = None, f"COPY{number}"
    ScheduledProcedureStep.objects.bulk_create(copies)
    with ct1.association() as association:
        responses = association.send_c_find(identifier({}), ModalityWorklistInformationFind, msg_id=7)
        association.send_c_cancel(7, query_model=ModalityWorklistInformationFind)
        statuses = [status.Status for status, _ in responses]
    assert statuses[-1] == CANCELLED
    assert statuses.count(PENDING) < 3000


def test_more_matches_than_the_limit_of_its_profile_end_with_out_of_resources(live_world: World, ct1: Scanner) -> None:
    Node.objects.filter(ae_title="CT1").update(profile=DeviceProfile.objects.create(name="old", result_limit=2))
    for _ in range(3):
        live_world.booking()
    assert ct1.find(identifier({}))[1] == [PENDING, PENDING, OUT_OF_RESOURCES]


def test_each_query_leaves_one_audit_row_with_keys_and_count_and_no_value(live_world: World, ct1: Scanner) -> None:
    live_world.step()
    ct1.find(identifier({"Modality": "CT"}, PatientName="Møl*"))
    ct1.find(identifier({DATE: "nonsense"}))
    good, bad = within_a_second(lambda: list(AuditEvent.objects.filter(action="worklist.queried").order_by("id")), 2)
    assert (good.event_code, good.outcome, good.source) == ("110112", "success", "127.0.0.1")
    assert good.detail["keys"] == ["Modality", "PatientName"]
    assert (good.detail["returned"], good.detail["ae_title"]) == (1, "CT1")
    assert (bad.outcome, bad.detail["status"]) == ("failure", "A900")
    assert "øl" not in str(good.detail)


def test_the_device_log_says_who_asked_what_and_how_many_came_back(
    live_world: World, ct1: Scanner, scp: tuple[str, int]
) -> None:
    live_world.step()
    ct1.find(identifier({"Modality": "CT"}, PatientName="Møl*"))
    with Scanner("NOBODY", *scp).association() as association:
        assert not association.is_established
    refused, asked = within_a_second(lambda: list(DeviceContact.objects.order_by("-kind").reverse()), 2)
    assert (asked.kind, asked.node, asked.address) == ("worklist", live_world.node(), "127.0.0.1")
    assert (asked.returned, asked.status, asked.detail) == (1, "0000", {"keys": ["Modality", "PatientName"]})
    assert (refused.kind, refused.node, refused.ae_title) == ("refused", None, "NOBODY")
    assert live_world.node().last_seen_at == asked.at


def test_where_discovery_is_allowed_an_unknown_device_is_noted_and_sees_an_empty_list(
    live_world: World, scp: tuple[str, int]
) -> None:
    live_world.step()
    Site.objects.filter(pk=live_world.north.pk).update(discovery=True)
    stranger = Scanner("NEW1", *scp)
    assert stranger.find(identifier({})) == ([], [SUCCESS])
    (noted,) = within_a_second(lambda: list(DeviceContact.objects.filter(ae_title="NEW1")), 1)
    assert (noted.kind, noted.node, noted.returned) == ("worklist", None, 0)
    Node.objects.filter(ae_title="CT1").update(active=False)
    with Scanner("CT1", *scp).association() as switched_off:
        assert not switched_off.is_established


def within_a_second(rows: Callable[[], list[Any]], count: int) -> list[Any]:
    """What the server writes in batches, at most a second late."""
    deadline = time.monotonic() + 1.0
    while len(rows()) < count and time.monotonic() < deadline:
        time.sleep(0.02)
    return rows()


def test_no_name_reaches_the_log_at_its_most_talkative(
    live_world: World, ct1: Scanner, caplog: pytest.LogCaptureFixture
) -> None:
    live_world.step()
    with caplog.at_level("DEBUG"), caplog.at_level("DEBUG", "pynetdicom"), caplog.at_level("DEBUG", "worklist"):
        ct1.find(identifier({}, PatientName="Møl*", PatientID=""))
        ct1.find(identifier(PatientBirthDate="Møller"))
    assert caplog.records
    assert "øller" not in caplog.text
    assert "Møl" not in caplog.text
    assert _config.LOG_RESPONSE_IDENTIFIERS is False


def test_a_database_that_fails_is_one_failed_query_and_not_a_dead_server(
    live_world: World, ct1: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    live_world.step()

    def fail(*_: object, **__: object) -> None:
        raise OperationalError("database is gone")

    with monkeypatch.context() as broken:
        broken.setattr("worklist.mwl.schedule.changes.since", fail)
        broken.setattr("worklist.mwl.schedule.changes.position", fail)
        assert ct1.find(identifier({}))[1] == [0xC001]
    assert ct1.find(identifier({}))[1] == [PENDING, SUCCESS]


def test_an_audit_that_cannot_be_written_does_not_keep_a_scanner_from_its_list(
    live_world: World, ct1: Scanner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from django.db import OperationalError

    live_world.step()

    def fail(*_: object, **__: object) -> None:
        raise OperationalError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr("worklist.contacts.row", fail)
        assert ct1.find(identifier({}))[1] == [PENDING, SUCCESS]
        within_a_second(lambda: [line for line in caplog.messages if "wait for the audit trail" in line], 1)
    assert "contacts of devices wait for the audit trail (OperationalError)" in caplog.text
    assert len(within_a_second(lambda: list(AuditEvent.objects.filter(action="worklist.queried")), 1)) == 1


def test_fifty_associations_at_once_are_all_served(live_world: World, ct1: Scanner) -> None:
    live_world.step()
    open_ones = []
    managers = [ct1.association() for _ in range(50)]
    try:
        open_ones = [manager.__enter__() for manager in managers]
        assert all(association.is_established for association in open_ones)
        assert len(ct1.find(identifier({}))[0]) == 1
    finally:
        for manager in managers[: len(open_ones)]:
            manager.__exit__(None, None, None)


def test_echo_is_answered(ct1: Scanner) -> None:
    with ct1.association() as association:
        assert association.send_c_echo().Status == SUCCESS


def test_the_window_of_days_is_half_open_in_both_directions(live_world: World, ct1: Scanner) -> None:
    step = live_world.step(live_world.booking(start=at(live_world, "2027-03-28", "03:30")))
    for asked, expected in (("-20270327", 0), ("-20270328", 1), ("20270328-", 1), ("20270329-", 0)):
        answers, _ = ct1.find(identifier({DATE: asked, STEP_ID: ""}))
        assert len(answers) == expected, asked
    assert step.start is not None
    assert step.start.utcoffset() == timedelta(0)
