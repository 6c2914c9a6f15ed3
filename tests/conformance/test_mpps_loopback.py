"""MPPS over real sockets: pynetdicom as the scanner (PS3.4 F.7)."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pydicom.uid
import pytest
from django.db import OperationalError
from pydicom.dataset import Dataset
from pynetdicom.sop_class import ModalityPerformedProcedureStep

from ris.audit.models import AuditEvent
from ris.dicom.models import DeviceContact, Node
from ris.scheduling.models import ScheduledProcedureStep
from tests.conformance.scanner import Scanner
from tests.conformance.scp_process import scp_process
from tests.worklist.mpps.samples import UID, completed, created, discontinued
from tests.worklist.mwl.samples import identifier
from tests.world import World
from worklist.models import PerformedProcedureStep

pytestmark = pytest.mark.django_db(transaction=True)


def state_of(step: ScheduledProcedureStep) -> str:
    return ScheduledProcedureStep.objects.get(pk=step.pk).state


def test_the_whole_way_from_worklist_to_completed(live_world: World, ct1: Scanner) -> None:
    step = live_world.step()
    (item,), _ = ct1.find(identifier({}, PatientName="", PatientID="", StudyInstanceUID="", AccessionNumber=""))
    message = created(step, PatientName=item.PatientName, PatientID=item.PatientID)
    message.ScheduledStepAttributesSequence[0].StudyInstanceUID = item.StudyInstanceUID
    assert ct1.create(UID, message).Status == 0x0000
    assert state_of(step) == "STARTED"
    assert ct1.find(identifier({}))[0] == []
    assert ct1.set(UID, completed()).Status == 0x0000
    assert state_of(step) == "COMPLETED"
    performed = PerformedProcedureStep.objects.get(sop_instance_uid=UID)
    assert performed.created_message["00100010"]["Value"][0]["Alphabetic"] == "Møller^Åse"
    assert AuditEvent.objects.filter(action="step.completed", actor_id="mpps", source="127.0.0.1").count() == 1


@pytest.mark.parametrize("end", [completed, discontinued])
def test_a_final_state_is_frozen_with_0110_and_error_id_a710(live_world: World, ct1: Scanner, end: Any) -> None:
    ct1.create(UID, created(live_world.step()))
    assert ct1.set(UID, end()).Status == 0x0000
    refused = ct1.set(UID, completed())
    assert (refused.Status, refused.ErrorID) == (0x0110, 0xA710)


def test_a_second_create_is_0111_and_an_unknown_uid_0112(live_world: World, ct1: Scanner) -> None:
    step = live_world.step()
    assert ct1.set(UID, completed()).Status == 0x0112
    assert ct1.create(UID, created(step)).Status == 0x0000
    assert ct1.create(UID, created(step)).Status == 0x0111
    assert PerformedProcedureStep.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"PerformedProcedureStepStatus": "COMPLETED"}, 0x0106),
        ({"PerformedProcedureStepStartDate": "20279999"}, 0x0106),
        ({"PerformedProcedureStepID": None}, 0x0120),
        ({"ScheduledStepAttributesSequence": None}, 0x0120),
        ({"Modality": ""}, 0x0121),
        ({"ScheduledStepAttributesSequence": []}, 0x0121),
    ],
)
def test_a_create_that_breaks_the_table_has_its_status_and_leaves_nothing(
    live_world: World, ct1: Scanner, changes: dict[str, Any], status: int
) -> None:
    step = live_world.step()
    message = created(step)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pydicom.config.settings.writing_validation_mode", 0)
        for keyword, value in changes.items():
            delattr(message, keyword) if value is None else setattr(message, keyword, value)
    answer = ct1.create(UID, message)
    assert answer.Status == status
    assert answer.ErrorComment == next(iter(changes))
    assert (PerformedProcedureStep.objects.count(), state_of(step)) == (0, "SCHEDULED")


def test_a_completion_without_its_series_is_refused_and_the_exam_stays_open(live_world: World, ct1: Scanner) -> None:
    step = live_world.step()
    ct1.create(UID, created(step))
    assert ct1.set(UID, completed(PerformedSeriesSequence=None)).Status == 0x0121
    assert ct1.set(UID, completed(PerformedProcedureStepStatus="FINISHED")).Status == 0x0106
    assert state_of(step) == "STARTED"
    assert ct1.set(UID, completed()).Status == 0x0000


def test_an_unscheduled_exam_is_accepted(live_world: World, ct1: Scanner) -> None:
    step = live_world.step()
    assert ct1.create(UID, created()).Status == 0x0000
    assert ct1.set(UID, completed()).Status == 0x0000
    assert PerformedProcedureStep.objects.get().unscheduled
    assert state_of(step) == "SCHEDULED"


def test_a_uid_that_would_climb_a_path_is_refused(live_world: World, ct1: Scanner) -> None:
    with ct1.association() as association:
        status, _ = association.send_n_create(created(), ModalityPerformedProcedureStep, pydicom.uid.UID("../../x"))
    assert status.get("Status") in {None, 0x0117}
    assert PerformedProcedureStep.objects.count() == 0


def test_operations_that_are_not_offered_do_not_end_the_server(live_world: World, ct1: Scanner) -> None:
    with ct1.association() as association:
        status, _ = association.send_n_get([0x00100010], ModalityPerformedProcedureStep, pydicom.uid.UID(UID))
        assert status.Status == 0x0211
    assert ct1.create(UID, created(live_world.step())).Status == 0x0000


def test_a_step_is_read_back_under_the_retrieve_sop_class(live_world: World, ct1: Scanner) -> None:
    step = live_world.step()
    ct1.create(UID, created(step))
    ct1.set(UID, completed())
    status, whole = ct1.get(UID, [])
    assert status.Status == 0x0000
    assert whole is not None
    assert (whole.PerformedProcedureStepStatus, str(whole.PatientName)) == ("COMPLETED", "Møller^Åse")
    assert whole.PerformedSeriesSequence[0].SeriesInstanceUID == "2.25.5001"
    status, part = ct1.get(UID, [0x00400252, 0x00080060])
    assert part is not None
    assert {element.keyword for element in part} == {"SpecificCharacterSet", "PerformedProcedureStepStatus", "Modality"}
    assert ct1.get(UID, [0x00400252, 0x00189345])[0].Status == 0x0001
    assert ct1.get("2.25.123", [])[0].Status == 0x0112


def test_a_step_of_another_site_is_not_there(live_world: World, scp: tuple[str, int], ct1: Scanner) -> None:
    ct1.create(UID, created(live_world.step()))
    assert Scanner("CTSOUTH", *scp).get(UID, [])[0].Status == 0x0112


def test_a_message_that_comes_before_its_start_is_carried_out_after_it(live_world: World, ct1: Scanner) -> None:
    step = live_world.step()
    assert ct1.set(UID, completed()).Status == 0x0112
    assert ct1.create(UID, created(step)).Status == 0x0000
    assert state_of(step) == "COMPLETED"
    assert ct1.set(UID, completed()).Status == 0x0000
    refused = ct1.set(UID, completed(PerformedProcedureStepEndTime="235959"))
    assert (refused.Status, refused.ErrorID) == (0x0110, 0xA710)


def test_what_only_a_creation_sets_is_left_with_a_warning(live_world: World, ct1: Scanner) -> None:
    ct1.create(UID, created(live_world.step()))
    answer = ct1.set(UID, completed(PatientID="OTHER"))
    assert (answer.Status, answer.ErrorComment) == (0x0107, "PatientID")
    assert PerformedProcedureStep.objects.get().created_message["00100020"]["Value"] != ["OTHER"]


def test_a_device_switched_off_meanwhile_is_not_authorized(live_world: World, ct1: Scanner) -> None:
    with ct1.association() as association:
        Node.objects.filter(ae_title="CT1").update(active=False)
        status, _ = association.send_n_create(created(), ModalityPerformedProcedureStep, pydicom.uid.UID(UID))
    assert status.Status == 0x0124


def test_a_database_that_fails_is_0110_and_the_same_message_is_taken_later(
    live_world: World, ct1: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = live_world.step()

    def fail(*_: object, **__: object) -> None:
        raise OperationalError("database is locked")

    with monkeypatch.context() as broken:
        broken.setattr("worklist.actions.performed.audit.record", fail)
        refused = ct1.create(UID, created(step))
        assert refused.Status == 0x0110
        assert "ErrorID" not in refused
    assert (PerformedProcedureStep.objects.count(), state_of(step)) == (0, "SCHEDULED")
    assert ct1.create(UID, created(step)).Status == 0x0000


def test_eight_copies_at_once_create_one_step(live_world: World, ct1: Scanner) -> None:
    step = live_world.step()

    message = created(step)
    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(lambda _: int(ct1.create(UID, message).Status), range(8)))
    assert statuses == [0x0000] + [0x0111] * 7
    assert PerformedProcedureStep.objects.count() == 1
    assert AuditEvent.objects.filter(action="step.started").count() == 1


def test_no_name_of_a_message_reaches_the_log(
    live_world: World, ct1: Scanner, caplog: pytest.LogCaptureFixture
) -> None:
    step = live_world.step()
    with caplog.at_level("DEBUG"), caplog.at_level("DEBUG", "pynetdicom"), caplog.at_level("DEBUG", "worklist"):
        ct1.create(UID, created(step))
        ct1.create(UID, created(step))
        ct1.set(UID, completed(PerformedSeriesSequence=[Dataset()]))
        ct1.set(UID, completed())
    assert "answered 0x0111" in caplog.text
    assert "answered 0x0120" in caplog.text
    assert "øller" not in caplog.text
    assert "Tech^Tom" not in caplog.text


@pytest.mark.db
def test_another_process_records_what_this_one_reads(live_world: World, tmp_path: Path) -> None:
    step = live_world.step()
    with scp_process(tmp_path) as (_process, port, _log):
        ct1 = Scanner("CT1", "ISOCENTER", port)
        assert ct1.create(UID, created(step)).Status == 0x0000
        assert state_of(step) == "STARTED"
        assert ct1.set(UID, completed()).Status == 0x0000
        assert state_of(step) == "COMPLETED"


def test_the_device_log_says_what_was_told_and_what_was_wrong_with_it(live_world: World, ct1: Scanner) -> None:
    step = live_world.step()
    ct1.create(UID, created(step))
    ct1.set(UID, completed(PerformedSeriesSequence=[]))
    ct1.set(UID, completed())
    deadline = time.monotonic() + 5
    while DeviceContact.objects.filter(kind="mpps").count() < 3 and time.monotonic() < deadline:
        time.sleep(0.1)
    rows = DeviceContact.objects.filter(kind="mpps").order_by("pk")
    said = [(row.detail["operation"], row.status, row.detail.get("problem")) for row in rows]
    assert said == [
        ("N-CREATE", "0000", None),
        ("N-SET", "0121", "PerformedSeriesSequence"),
        ("N-SET", "0000", None),
    ]
    assert {row.node for row in rows} == {live_world.node()}
