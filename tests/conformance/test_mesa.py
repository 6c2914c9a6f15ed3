"""MESA's sequences of radiology transactions for an order filler that have no test beside SWF's (100, 101, 104).

102 (cancelled, ordered again), 103 and 105 (reconciliation) are in test_swf_hl7.py.
"""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from ris.events import outbox
from ris.orders.actions import OrderDetails, place_order
from ris.orders.models import Order, RequestedProcedure
from ris.patients.actions import register_temporary
from ris.patients.models import Patient
from ris.scheduling.actions import Slot, book
from tests import exam
from tests.conformance.scanner import STEP, Scanner
from tests.conformance.workflow import Hospital, accepted, examine, seen, store, tomorrow
from tests.ris.hl7.incoming.hospital import order, pid, visit
from tests.ris.hl7.wire import Line
from tests.services.orthanc import Server
from tests.world import World
from worklist.models import ReadingTask, Study

pytestmark = pytest.mark.django_db(transaction=True)
START = f"{STEP}ScheduledProcedureStepStartDate"
PEOPLE = [("P1", "Alpha^Anna", "CTCHEST", "CT 1", 1), ("P2", "Alpha^Bert", "CTABD", "CT 1", 2),
          ("P3", "Beta^Carl", "MRBRAIN", "MR 1", 1)]  # fmt: skip


def ids(found: list[Dataset]) -> set[str]:
    return {item.PatientID for item in found}


def test_mesa_100_each_key_of_a_worklist_query_finds_what_was_ordered(
    live_world: World, placer: Line, ct1: Scanner, mr1: Scanner
) -> None:
    """MESA 100: broad and narrow queries of the worklist, by dcmtk, for three orders of three patients and days."""
    for place, (number, name, code, room, days) in enumerate(PEOPLE):
        accepted(placer, "ADT^A04", pid(number, name))
        accepted(placer, "ORM^O01", pid(number, name), *order(placer=f"PL{place}", code=code))
        when = tomorrow(live_world, 9 + place, days=days)
        accepted(placer, "SIU^S12", pid(number, name), *visit(f"V{place}", f"PL{place}", room, when))
    first = RequestedProcedure.objects.get(order__placer_number="PL0")
    day = tomorrow(live_world)[:8]

    def found(scanner: Scanner, *keys: str) -> set[str]:
        asked = {key.partition("=")[0] for key in keys}
        return ids(scanner.findscu(*keys, *(f"{key}=" for key in ("PatientID", "PatientName") if key not in asked)))

    assert found(ct1, f"{STEP}Modality=CT") == {"P1", "P2"}
    assert found(mr1, f"{STEP}Modality=MR") == {"P3"}
    assert found(ct1, f"{STEP}Modality=MR") == set()
    assert found(ct1, f"{STEP}ScheduledStationAETitle=CT1", f"{START}={day}") == {"P1"}
    assert found(ct1, f"{START}={day}-{tomorrow(live_world, days=2)[:8]}") == {"P1", "P2"}
    assert found(ct1, "PatientName=Alpha*") == {"P1", "P2"}
    assert found(ct1, "PatientName=Alpha^B*") == {"P2"}
    assert found(ct1, "PatientID=P2") == {"P2"}
    assert found(ct1, f"AccessionNumber={first.accession_number}") == {"P1"}
    assert found(ct1, f"RequestedProcedureID={first.requested_procedure_id}") == {"P1"}
    (item,) = seen(ct1, PatientID="P1")
    assert (item.AccessionNumber, item.StudyInstanceUID) == (first.accession_number, first.study_instance_uid)


def test_mesa_101_a_scheduled_exam_of_somebody_unidentified_ends_as_the_known_patients(
    live_world: World, placer: Line, ct1: Scanner, image_manager: Server
) -> None:
    """MESA 101: scheduled by the department for nobody known, examined from the worklist, identified afterwards."""
    unknown = register_temporary(site=live_world.north, by=live_world.clerk)
    number = unknown.identifiers.get().value
    requested = live_world.requested(live_world.order(unknown, priority="STAT"))
    book([requested], slot=Slot(resource=live_world.room(), start=live_world.soon(), minutes=20), by=live_world.clerk)
    (item,) = seen(ct1)
    assert (item.PatientID, str(item.PatientName)) == (number, unknown.person_name)
    examine(ct1, requested)
    store(image_manager, item)
    accepted(placer, "ORU^R01", "OBR|1", f"OBX|1|ST|113014^DICOM Study^DCM||{requested.study_instance_uid}")
    outbox.sweep()
    study = Study.objects.get()
    assert (study.study_instance_uid, study.state) == (requested.study_instance_uid, "matched")
    assert ReadingTask.objects.get().studies().get() == study
    accepted(placer, "ADT^A40", pid("P100"), f"MRG|{number}")
    known = Patient.objects.get(merged_into=None)
    assert (known.person_name, known.identifiers.filter(value="P100").count()) == ("Møller^Åse", 1)
    task = ReadingTask.objects.get()
    assert (task.patient.current, Order.objects.get().patient.current) == (known, known)
    assert Study.objects.get().study_instance_uid == requested.study_instance_uid, "the images keep their UID"


def test_mesa_104_an_alias_of_the_hospital_is_ordered_for_by_the_department_and_merged_after_the_exam(
    live_world: World, placer: Line, ct1: Scanner, hospital: Hospital, signing_key: None
) -> None:
    """MESA 104: ADT has the alias, no placer orders; examined, then A40: lists and results name the known one."""
    alias = pid("P900", "Doe^Jane", born="", sex="F")
    accepted(placer, "ADT^A04", alias)
    accepted(placer, "ADT^A04", pid("P100"))
    doe = Patient.objects.get(identifiers__value="P900")
    details = OrderDetails(priority="STAT", reason="Found in the street")
    for code in ("CTCHEST", "CTABD"):
        made = place_order(
            doe, site=live_world.north, procedures=[live_world.procedure(code)], details=details, by=live_world.clerk
        )
        slot = Slot(resource=live_world.room(), start=live_world.soon(), minutes=20)
        book([live_world.requested(made)], slot=slot, by=live_world.clerk)
    first, second = RequestedProcedure.objects.order_by("pk")
    assert ids(seen(ct1)) == {"P900"}
    hospital.heard()
    examine(ct1, first)
    exam.noted(first)
    accepted(placer, "ADT^A40", pid("P100"), "MRG|P900")
    (item,) = seen(ct1)
    assert (item.PatientID, str(item.PatientName)) == ("P100", "Møller^Åse")
    assert (item.AccessionNumber, item.StudyInstanceUID) == (second.accession_number, second.study_instance_uid)
    exam.sign(exam.draft(live_world, task=ReadingTask.objects.get()), live_world.radiologist)
    heard = hospital.heard()
    before, after = heard[0].first("PID"), heard[-1].first("PID")
    assert (heard[-1].kind, heard[-1].first("OBR").text(18)) == ("ORU^R01", first.accession_number)
    assert (before.text(3), before.text(5)) == ("P900", "Doe")
    assert (after.text(3), after.text(5), after.text(5, 2)) == ("P100", "Møller", "Åse")
