"""The cases of IHE's connectathon for Scheduled Workflow and Patient Information Reconciliation, over real sockets.

HL7 comes over MLLP as a hospital's system sends it; what devices see of it is asked over DICOM (RAD TF-2 4.1 to 4.13).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from ris.events import outbox
from ris.orders.models import Order, RequestedProcedure
from ris.patients.actions import register_temporary
from ris.patients.models import Patient
from ris.scheduling.actions import Slot, WalkIn, book, cancel_appointment, move, walk_in
from ris.scheduling.models import Appointment, ScheduledProcedureStep
from tests.conformance.scanner import Scanner
from tests.conformance.workflow import Hospital, accepted, examine, seen, step_of, store, tell, tomorrow
from tests.exam import noted, performed
from tests.ris.hl7.incoming.hospital import order, pid, visit
from tests.ris.hl7.wire import Line
from tests.services.orthanc import Server
from tests.worklist.mpps.samples import UID, completed, created
from tests.world import World
from worklist.actions.decisions import link
from worklist.models import PerformedProcedureStep, ReadingTask, Study

pytestmark = pytest.mark.django_db(transaction=True)


def test_adt_filler(live_world: World, placer: Line, ct1: Scanner) -> None:
    """ADT_Filler: registered, corrected and renumbered at the placer, and so on the worklist."""
    accepted(placer, "ADT^A04", pid(name="Moller^Aase", born="19610101"))
    accepted(placer, "ORM^O01", pid(), *order())
    accepted(placer, "SIU^S12", pid(), *visit(start=tomorrow(live_world)))
    accepted(placer, "ADT^A08", pid(), at="20261120090000")
    accepted(placer, "ADT^A47", pid("P900"), "MRG|P100")
    (item,) = seen(ct1)
    assert (str(item.PatientName), item.PatientID, item.PatientBirthDate) == ("Møller^Åse", "P900", "19610517")


def test_swf_orders(live_world: World, placer: Line, ct1: Scanner) -> None:
    """SWF_ORDERS, MESA 102: ordered, changed, cancelled and ordered again; the worklist has the last one only."""
    accepted(placer, "ADT^A04", pid())
    accepted(placer, "ORM^O01", pid(), *order())
    accepted(placer, "SIU^S12", pid(), *visit(start=tomorrow(live_world)))
    first = seen(ct1)[0].AccessionNumber
    assert accepted(placer, "ORM^O01", pid(), *order("XO", priority="S")).orders == ["XR"]
    assert accepted(placer, "ORM^O01", pid(), *order("CA")).orders == ["CR"]
    assert seen(ct1) == []
    accepted(placer, "ORM^O01", pid(), *order(placer="PL2"))
    accepted(placer, "SIU^S12", pid(), *visit("V2", "PL2", start=tomorrow(live_world)))
    (item,) = seen(ct1)
    assert item.AccessionNumber != first


def test_swf_of_op_an(live_world: World, placer: Line, ct1: Scanner, hospital: Hospital) -> None:
    """SWF_OF_OP_AN: the placer is notified of the appointment that the department makes, moves and cancels (RAD-48)."""
    accepted(placer, "ADT^A04", pid())
    ours = accepted(placer, "OMI^O23", pid(), *order()).message
    slot = Slot(resource=live_world.room(), start=live_world.soon(), minutes=20)
    booked = book([RequestedProcedure.objects.get()], slot=slot, by=live_world.clerk)
    (item,) = seen(ct1)
    assert ours.first("OBR").text(18) == item.AccessionNumber, "the numbers of the answer are those that devices get"
    hospital.heard()
    later = replace(slot, start=live_world.soon())
    move(booked, slot=later, by=live_world.clerk)
    hospital.heard()
    cancel_appointment(booked, reason="The patient called", by=live_world.clerk)
    told = [one for one in hospital.heard() if one.header.text(9) == "SIU"]
    assert [(one.kind, one.first("SCH").text(25)) for one in told] == [
        ("SIU^S12", "Booked"), ("SIU^S13", "Booked"), ("SIU^S15", "Cancelled"),
    ]  # fmt: skip
    assert [_moment(one.first("AIS").text(4)) for one in told] == [slot.start, later.start, later.start]
    numbers = {(one.first("SCH").text(26), one.first("SCH").text(27), one.first("PID").text(3)) for one in told}
    assert numbers == {("PL1", ours.first("ORC").text(3), "P100")}
    assert len({one.first("SCH").text(2) for one in told}) == 1, "one appointment under one number"
    assert "The patient called" in told[-1].first("SCH").text(6, 2)


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d%H%M%S%z")


def test_swf_of_modality_interface(live_world: World, placer: Line, ct1: Scanner) -> None:
    """SWF_OF_Modality_Interface: what was sent over HL7 is found, begun and finished over DICOM."""
    accepted(placer, "ADT^A04", pid())
    accepted(placer, "OMG^O19", pid(), *order())
    accepted(placer, "SIU^S12", pid(), *visit(start=tomorrow(live_world)))
    accepted(placer, "SIU^S13", pid(), *visit(start=tomorrow(live_world, 11)))
    (item,) = seen(ct1)
    assert item.ScheduledProcedureStepSequence[0].ScheduledProcedureStepStartTime.startswith("11")
    step = ScheduledProcedureStep.objects.select_related("requested_procedure__order", "node").get()
    assert ct1.create(UID, created(step)).Status == 0
    refused = tell(placer, "ORM^O01", pid(), *order("CA"))
    assert (refused.code, refused.orders) == ("AE", ["UC"])
    assert ct1.set(UID, completed()).Status == 0
    assert Order.objects.get().state == "completed"


def test_mod_group_case(live_world: World, placer: Line, ct1: Scanner) -> None:
    """MOD_GROUP_CASE: two procedures of one order, each with numbers of its own, are performed in one step (PPS)."""
    accepted(placer, "ADT^A04", pid())
    said = accepted(placer, "ORM^O01", pid(), *order(code="CTCHEST"), *order(code="CTABD"))
    sch, ais, ail = visit(start=tomorrow(live_world))
    accepted(placer, "SIU^S12", pid(), sch, ais, ais.replace("AIS|1|A|CTCHEST", "AIS|2|A|CTABD"), ail)
    items = seen(ct1)
    numbers = {item.AccessionNumber for item in items}
    assert numbers == {obr.text(18) for obr in said.message.all("OBR")}
    assert len({item.StudyInstanceUID for item in items}) == len(numbers) == 2
    steps = [step_of(requested) for requested in RequestedProcedure.objects.order_by("pk")]
    assert ct1.create(UID, created(*steps)).Status == 0
    assert _states() == [("CTABD", "STARTED"), ("CTCHEST", "STARTED")]
    assert seen(ct1) == []
    assert ct1.set(UID, completed()).Status == 0
    assert _states() == [("CTABD", "COMPLETED"), ("CTCHEST", "COMPLETED")]
    performed_step = PerformedProcedureStep.objects.get()
    assert (performed_step.state, set(performed_step.steps.all())) == ("COMPLETED", set(steps))
    assert (Order.objects.get().state, Appointment.objects.get().state) == ("completed", "fulfilled")


def _states() -> list[tuple[str, str]]:
    rows = ScheduledProcedureStep.objects.order_by("requested_procedure__procedure__code")
    return list(rows.values_list("requested_procedure__procedure__code", "state"))


def test_swf_of_im(live_world: World, placer: Line, ct1: Scanner, image_manager: Server) -> None:
    """SWF_OF_IM: the image manager says that a study is there; it is asked, and what it has is linked and read."""
    accepted(placer, "ADT^A04", pid())
    accepted(placer, "ORM^O01", pid(), *order())
    accepted(placer, "SIU^S12", pid(), *visit(start=tomorrow(live_world)))
    requested = RequestedProcedure.objects.get()
    (item,) = seen(ct1)
    examine(ct1, requested)
    available = ("OBR|1", f"OBX|1|ST|113014^DICOM Study^DCM||{requested.study_instance_uid}")
    accepted(placer, "ORU^R01", pid(), *available)
    outbox.sweep()
    assert not Study.objects.exists(), "the archive is believed, not the message: it has no such study yet"
    store(image_manager, item)
    accepted(placer, "ORU^R01", pid(), *available)
    outbox.sweep()
    study = Study.objects.get()
    assert (study.study_instance_uid, study.state) == (requested.study_instance_uid, "matched")
    assert ReadingTask.objects.get().studies().get() == study


def test_swfpir(live_world: World, placer: Line, ct1: Scanner) -> None:
    """SWFPIR: somebody unknown is examined, then known: renamed by A08, merged by A40, whatever came first."""
    unknown = register_temporary(site=live_world.north, by=live_world.clerk)
    number = unknown.identifiers.get().value
    wanted = WalkIn(
        procedure=live_world.procedure(), room=live_world.room(), priority="STAT", reason="Found in the street"
    )
    walk_in(unknown, site=live_world.north, wanted=wanted, by=live_world.clerk)
    step = ScheduledProcedureStep.objects.select_related("requested_procedure__order__patient", "node").get()
    assert ct1.create(UID, created(step)).Status == 0
    assert ct1.set(UID, completed()).Status == 0
    accepted(placer, "ADT^A40", pid("P100"), f"MRG|{number}")
    accepted(placer, "ORM^O01", pid(), *order())
    known = Patient.objects.get(merged_into=None)
    unknown.refresh_from_db()
    assert unknown.current == known
    assert {found.patient.current for found in Order.objects.all()} == {known}
    assert known.display_name == "Møller, Åse"


def test_swfpir_renamed(live_world: World, placer: Line, ct1: Scanner) -> None:
    """SWFPIR, MESA 103: registered and ordered under an alias, examined under it, renamed by A08 afterwards."""
    accepted(placer, "ADT^A04", pid(name="Doe^John", born="", sex=""))
    for number in ("1", "2"):
        accepted(placer, "ORM^O01", pid(name="Doe^John", born="", sex=""), *order(placer=f"PL{number}"))
        accepted(placer, "SIU^S12", pid(), *visit(f"V{number}", f"PL{number}", start=tomorrow(live_world, int(number))))
    first, second = RequestedProcedure.objects.order_by("pk")
    assert {str(item.PatientName) for item in seen(ct1)} == {"Doe^John"}
    examine(ct1, first)
    study = noted(first)
    accepted(placer, "ADT^A08", pid(), at="20261120090000")
    (item,) = seen(ct1)
    assert (str(item.PatientName), item.AccessionNumber) == ("Møller^Åse", second.accession_number)
    study.refresh_from_db()
    assert (study.state, ReadingTask.objects.get().patient.person_name) == ("matched", "Møller^Åse")


def test_swfpir_examined_before_anything_was_known(live_world: World, placer: Line, ct1: Scanner) -> None:
    """SWFPIR, MESA 105: examined without worklist, registered and ordered later; nobody's until a person links it."""
    assert ct1.create(UID, created()).Status == 0
    assert ct1.set(UID, completed()).Status == 0
    accepted(placer, "ADT^A04", pid())
    accepted(placer, "ORM^O01", pid(), *order())
    requested = RequestedProcedure.objects.get()
    performed(live_world, requested)
    lost = {"study_instance_uid": "2.25.9999", "accession_number": ""}
    study = noted(requested, **lost, patient_id="X-1", patient_name="Nobody^Known")
    assert (study.state, ReadingTask.objects.count()) == ("unmatched", 0)
    link(study, requested, reason="The wristband was read afterwards", by=live_world.technologist)
    study.refresh_from_db()
    assert study.state == "correcting", "closed until the archive has the number too"
    assert noted(requested, **lost).state == "matched"
    assert ReadingTask.objects.get().studies().get() == study
