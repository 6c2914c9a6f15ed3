"""Messages in which each field says what it holds, for the conformance statement: written by the very same map."""

from __future__ import annotations

from datetime import UTC, datetime

from ris.hl7.er7 import Segment
from ris.hl7.outgoing.messages import orders, oru, siu
from ris.hl7.outgoing.messages.parts import Exam, Person, Said, Slot, Visit
from ris.hl7.outgoing.messages.tables import APPOINTMENT_NEWS, ORDER_NEWS

AT = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
PERSON = Person(
    number="patient number",
    issuer="its issuer",
    name="FAMILY^Given^Middle^Prefix^Suffix",
    birth_date="19610517",
    sex="F",
)
SLOT = Slot(moment=AT, minutes=20, room="room")
EXAM = Exam(
    placer_number="placer number",
    filler_number="filler number",
    accession_number="accession number",
    accession_issuer="issuer",
    requested_procedure_id="requested procedure ID",
    step_id="scheduled step ID",
    study_instance_uid="Study Instance UID",
    code=("procedure code", "description with its side", "99ISO"),
    modality="CT",
    placer_issuer="its namespace",
    patient_class="I",
    visit_number="visit number",
    visit_issuer="its issuer",
    reason="reason",
    referrer="REFERRER^Given^^Dr.",
    slot=SLOT,
    observed_at="20261121",
)
SAID = Said(kind="final", signed_at=AT, signer_id="signer's id", signer_name="signer's name")


def samples() -> dict[str, list[Segment]]:
    """By kind of message; OBX has a table of its own."""
    visit = Visit(
        number="appointment number",
        status=APPOINTMENT_NEWS["appointment.booked"].status,
        slot=SLOT,
        exams=[EXAM],
        placer="the receiver's own number",
    )
    started = ORDER_NEWS["step.started"]
    return {
        "ORU^R01": [one for one in oru.report(PERSON, [EXAM], SAID) if one.name != "OBX"],
        "ORM^O01": orders.status("ORM^O01", PERSON, EXAM, started, "20261121143000+0000"),
        "OMG^O19": orders.status("OMG^O19", PERSON, EXAM, started, "20261121143000+0000"),
        "OMI^O23": orders.status("OMI^O23", PERSON, EXAM, started, "20261121143000+0000"),
        "SIU^S12": siu.schedule(PERSON, visit),
    }
