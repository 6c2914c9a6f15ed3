"""From events to messages: what a receiver reads of a report, an order, an appointment."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from reporting.actions.amend import Typed, begin_amendment, save_amendment, sign_amendment, withdraw_report
from reporting.actions.critical import flag
from reporting.actions.sign import Proof
from reporting.models import Artifact
from ris.events.models import Event
from ris.hl7.outgoing.actions import send_again
from ris.hl7.outgoing.composing import compose
from ris.hl7.outgoing.models import OutgoingMessage
from ris.orders.actions import cancel_order
from ris.orders.models import RequestedProcedure
from ris.patients.actions import merge_patients
from ris.scheduling.actions import cancel_appointment, complete_step, miss, start_step
from tests import exam
from tests.ris.hl7.outgoing import composed, destination, messages
from tests.world import World
from worklist.actions.reading import claim
from worklist.models import ReadingTask

pytestmark = pytest.mark.usefixtures("signing_key")


def test_a_signed_report_is_one_oru_with_its_text_study_and_pdf(world: World) -> None:
    destination(world.north)
    version = exam.sign(exam.draft(world), world.radiologist)
    (oru,) = messages("report")
    requested = version.report.task.requested_procedures.get()
    obr = oru.first("OBR")
    assert oru.kind == "ORU^R01"
    assert (oru.header.text(4), oru.header.text(5), oru.header.text(6)) == ("NORTH", "HIS", "CLINIC")
    assert (obr.text(18), obr.text(25), obr.text(4)) == (requested.accession_number, "F", "CTCHEST")
    assert oru.first("ORC").text(3) == requested.order.filler_number
    by_code = {one.text(3): one for one in oru.all("OBX")}
    assert by_code["59776-5"].text(5) == exam.FINDINGS["findings"]
    assert by_code["19005-8"].text(5) == exam.FINDINGS["impression"]
    assert by_code["113014"].text(5) == version.study_instance_uid
    pdf = base64.b64decode(by_code["18748-4"].text(5, 5))
    assert pdf == bytes(Artifact.objects.get(version=version, kind="pdf").body)
    assert {one.text(11) for one in oru.all("OBX")} == {"F"}


def test_the_patient_is_named_by_the_sites_number_and_in_every_script(world: World) -> None:
    destination(world.north)
    patient = world.patient("Yamada", "Tarou", ideographic="山田^太郎", phonetic="やまだ^たろう")
    exam.sign(exam.draft(world, task=exam.case(world, world.requested(world.order(patient)))), world.radiologist)
    pid = messages("report")[0].first("PID")
    number = patient.identifier_at(world.north)
    assert number is not None
    assert (pid.text(3), pid.text(3, 4), pid.text(3, 5)) == (number.value, number.issuer, "PI")
    written = [(pid.text(5, 1, repetition=at), pid.text(5, 8, repetition=at)) for at in (1, 2, 3)]
    assert written == [("Yamada", "A"), ("山田", "I"), ("やまだ", "P")]


def test_a_patient_who_was_merged_is_named_as_the_one_who_stayed(world: World) -> None:
    destination(world.north)
    patient, other = world.patient("Before"), world.patient("After")
    report = exam.draft(world, task=exam.case(world, world.requested(world.order(patient))))
    merge_patients(patient, into=other, reason="Same passport", by=world.clerk)
    exam.sign(report, world.radiologist)
    number = other.identifier_at(world.north)
    assert number is not None
    assert messages("report")[0].first("PID").text(3) == number.value


def test_preliminary_final_addendum_and_withdrawal_say_so(world: World) -> None:
    destination(world.north)
    report = exam.draft(world, by=world.resident)
    exam.sign(report, world.resident, "preliminary")
    claim(ReadingTask.objects.get(pk=report.task_id), by=world.radiologist)
    report.refresh_from_db()
    final = exam.sign(report, world.radiologist, grade="minor")
    amendment = begin_amendment(report, kind="addendum", by=world.radiologist)
    typed = Typed(["Seen again with the older images."], seen=final.number)
    amendment = save_amendment(amendment, typed, revision=amendment.revision, by=world.radiologist)
    sign_amendment(amendment, revision=amendment.revision, proof=Proof(timezone.now()), by=world.radiologist)
    withdraw_report(report, reason="Other patient", proof=Proof(timezone.now()), by=world.radiologist)
    found = messages("report")
    assert [one.first("OBR").text(25) for one in found] == ["P", "F", "C", "X"]
    assert [one.first("OBX").text(11) for one in found] == ["P", "F", "C", "W"]
    assert "Seen again with the older images." in [one.text(5) for one in found[2].all("OBX")]
    assert exam.FINDINGS["findings"] in [one.text(5) for one in found[2].all("OBX")]
    assert exam.FINDINGS["findings"] not in [one.text(5) for one in found[3].all("OBX")]


def test_a_withdrawal_goes_to_those_who_had_the_report_under_the_patient_that_it_named(world: World) -> None:
    destination(world.north, name="Had it")
    report = exam.draft(world)
    exam.sign(report, world.radiologist)
    (first,) = messages("report")
    destination(world.north, name="Came later")
    other = world.patient("After")
    merge_patients(report.task.patient, into=other, reason="Same passport", by=world.clerk)
    report.refresh_from_db()
    withdraw_report(report, reason="Other patient", proof=Proof(timezone.now()), by=world.radiologist)
    _, withdrawn = messages("report")
    assert withdrawn.first("OBR").text(25) == "X"
    assert withdrawn.first("PID").text(3) == first.first("PID").text(3)


def test_a_critical_finding_is_coded(world: World) -> None:
    destination(world.north)
    report = exam.draft(world)
    flag(report.task, category=1, finding="Pneumothorax", recipient="Dr. Ward", by=world.radiologist)
    exam.sign(report, world.radiologist)
    found = [one for one in messages("report")[0].all("OBX") if one.text(3) == "73568-4"]
    assert [(one.text(2), one.text(5), one.text(8)) for one in found] == [
        ("CWE", "RID49480", "AA"),
        ("TX", "Pneumothorax", "AA"),
    ]


def test_a_finding_of_images_that_were_another_patients_is_told_to_nobody(world: World) -> None:
    destination(world.north)
    report = exam.draft(world)
    flag(report.task, category=1, finding="Pneumothorax", recipient="Dr. Ward", by=world.radiologist)
    exam.sign(report, world.radiologist)
    messages("report")  # made before anybody knew
    ReadingTask.objects.filter(pk=report.task_id).update(images_closed_at=timezone.now())
    report.refresh_from_db()
    draft = begin_amendment(report, kind="addendum", by=world.radiologist)
    draft = save_amendment(draft, Typed(["Seen again."], seen=1), revision=draft.revision, by=world.radiologist)
    sign_amendment(draft, revision=draft.revision, proof=Proof(timezone.now()), by=world.radiologist)
    told = [any(one.text(3) == "73568-4" for one in oru.all("OBX")) for oru in messages("report")]
    assert told == [True, False]


def test_an_exam_tells_its_placer_each_step_and_the_hospital_its_time(world: World) -> None:
    destination(world.north, reports=False)
    booked = world.booking()
    step = start_step(world.step(booked), by=world.technologist)
    complete_step(step, by=world.technologist)
    told = [(one.first("ORC").text(1), one.first("ORC").text(5)) for one in messages("order")]
    assert told == [("SC", "SC"), ("SC", "IP"), ("SC", "CM")]
    (siu,) = messages("appointment")
    assert siu.kind == "SIU^S12"
    assert siu.first("SCH").text(25) == "Booked"
    assert siu.first("AIS").text(3) == "CTCHEST"
    local = booked.start.astimezone(world.north.zone)
    assert siu.first("AIS").text(4) == f"{local:%Y%m%d%H%M%S%z}"


def test_a_destination_may_want_orders_as_omi_with_the_numbers_of_the_study(world: World) -> None:
    destination(world.north, reports=False, appointments=False, order_form="OMI^O23")
    world.booking()
    requested = RequestedProcedure.objects.get()
    (told,) = messages("order")
    assert (told.kind, told.header.text(9, 3)) == ("OMI^O23", "OMI_O23")
    ipc, step = told.first("IPC"), requested.steps.get()
    assert [ipc.text(place) for place in range(1, 6)] == [
        requested.accession_number, requested.requested_procedure_id, requested.study_instance_uid, step.sps_id, "CT"
    ]  # fmt: skip
    assert told.first("TQ1").text(9) == "R"


def test_a_cancelled_appointment_still_names_its_exam_and_the_order_waits(world: World) -> None:
    destination(world.north, reports=False)
    cancel_appointment(world.booking(), reason="Ill", by=world.clerk)
    assert [one.kind for one in messages("appointment")] == ["SIU^S12", "SIU^S15"]
    assert messages("appointment")[1].first("AIS").text(3) == "CTCHEST"
    assert [one.first("ORC").text(5) for one in messages("order")] == ["SC", "HD"]


def test_a_cancelled_order_says_cancelled_and_not_that_it_waits(world: World) -> None:
    destination(world.north, reports=False)
    order = world.order()
    world.booking(order)
    composed()
    cancel_order(order, reason="Not needed", by=world.clerk)
    told = [(one.first("ORC").text(1), one.first("ORC").text(5)) for one in messages("order")]
    assert told == [("SC", "SC"), ("OC", "CA")]
    assert [one.kind for one in messages("appointment")] == ["SIU^S12", "SIU^S15"]


def test_who_did_not_come_is_a_no_show(world: World) -> None:
    destination(world.north, reports=False, orders=False)
    start = timezone.now().replace(second=0, microsecond=0) - timedelta(hours=2)
    miss(world.booking(start=start), by=world.clerk)
    assert [one.kind for one in messages()] == ["SIU^S12", "SIU^S26"]


def test_an_omg_has_its_time_in_tq1(world: World) -> None:
    destination(world.north, reports=False, appointments=False, order_form="OMG^O19")
    world.booking()
    (omg,) = messages()
    assert (omg.kind, omg.first("TQ1").text(9)) == ("OMG^O19", "R")


@pytest.mark.parametrize(
    ("setting", "kinds"),
    [
        ({"reports": False}, {"order", "appointment"}),
        ({"orders": False, "appointments": False, "preliminary": False}, set()),
        ({"active": False}, {"report", "order", "appointment"}),
        ({"closed": True}, set()),
    ],
)
def test_a_destination_is_told_what_it_asked_for(world: World, setting: dict[str, Any], kinds: set[str]) -> None:
    destination(world.north, **setting)
    world.booking()
    exam.sign(exam.draft(world, by=world.resident), world.resident, "preliminary")
    composed()
    assert set(OutgoingMessage.objects.values_list("kind", flat=True)) == kinds


def test_another_sites_destination_hears_nothing(world: World) -> None:
    destination(world.south)
    world.booking()
    assert messages() == []


def test_a_name_that_a_destination_cannot_read_is_never_sent_with_a_question_mark(world: World) -> None:
    where = destination(world.north, reports=False, appointments=False, charset="8859/1")
    world.booking(world.order(world.patient("Dvořák", "Jan")))
    composed()
    kept = OutgoingMessage.objects.get()
    assert (kept.state, bytes(kept.body)) == ("parked", b"")
    assert "U+0159" in kept.last_error
    assert "8859/1" in kept.last_error
    where.charset = "8859/2"
    where.save()
    send_again(kept, by=world.siteadmin)
    kept.refresh_from_db()
    assert kept.state == "queued"
    assert "Dvořák".encode("iso8859-2") in bytes(kept.body)


def test_an_event_that_is_delivered_twice_writes_once(world: World) -> None:
    destination(world.north)
    world.booking()
    composed()
    before = OutgoingMessage.objects.count()
    for event in Event.objects.filter(kind="appointment.booked"):
        compose(event)
    assert OutgoingMessage.objects.count() == before
