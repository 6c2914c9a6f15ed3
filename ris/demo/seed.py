"""The demo's people, rooms, patients and a morning's worth of orders. Running it again adds nothing."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone

from reporting.critical.record import EscalationContact
from reporting.signing import dev_certificate
from ris.accounts.models import Site, User
from ris.accounts.permissions import ROLES
from ris.core.errors import InvalidInput
from ris.demo.catalogue import PEOPLE
from ris.demo.desk import furnish_desk
from ris.demo.furnish import furnish
from ris.downtime.actions import set_passphrase
from ris.hl7.incoming.record import Sender
from ris.hl7.outgoing.actions import save_destination
from ris.hl7.outgoing.models import Destination
from ris.orders.actions import OrderDetails, place_order
from ris.orders.models import Procedure
from ris.orders.starter import load_starter_set
from ris.patients.actions import PatientData, register_patient
from ris.patients.models import Patient
from ris.scheduling.actions import Slot, WalkIn, book, walk_in
from ris.scheduling.models import Resource
from ris.scheduling.opening import require_open

PASSWORD = "isocenter-demo"  # noqa: S105  a demo's sign-in, printed for everybody
SIGN_INS = [
    (ROLES[person.roles[0][1]] if person.roles else "Administrator", person.username, PASSWORD)
    for person in PEOPLE
    if person.username != "outsider"
] + [("Radiologist of the other site", "outsider", PASSWORD)]

PATIENTS = (
    PatientData(family_name="Møller", given_name="Åse", birth_date=date(1961, 5, 17), sex="F"),
    PatientData(family_name="O'Connor", given_name="Liam", birth_date=date(1978, 11, 2), sex="M"),
    PatientData(family_name="Yılmaz", given_name="Elif", birth_date=date(1990, 3, 30), sex="F"),
    PatientData(family_name="Schmidt", given_name="Jürgen", birth_date=date(1949, 8, 9), sex="M"),
)
# Who has which exam, in which room, how many minutes from now (None: waits to be scheduled), why, of which side.
EXAMS = (
    ("Møller", "CTCHEST", "CT 1", 5, "ROUTINE", "Cough for six weeks, nodule on a chest radiograph"),
    ("O'Connor", "MRBRAIN", "MR 1", 10, "ROUTINE", "Headache"),
    ("Yılmaz", "USABD", "Ultrasound", 15, "HIGH", "Right upper quadrant pain"),
    ("Schmidt", "DXCHEST", "X-ray", 20, "ROUTINE", "Before an operation"),
    ("Schmidt", "CTCHEST", "CT 1", None, "STAT", "Sudden breathlessness"),
    ("O'Connor", "DXKNEE", "X-ray", 60, "ROUTINE", "Fall on the right knee", "R"),
    ("Møller", "NMBONE", "Gamma camera", None, "ROUTINE", "Bone metastases?"),
)


def seed() -> None:
    """Furnish, and on the first run register patients and book their exams."""
    furnish(PASSWORD)
    load_starter_set()
    make_signing_key()
    if not Patient.objects.exists():
        furnish_desk()
        _name_contacts()
        _tell_the_hospital()
        _hear_the_hospital()
        _patients_and_exams()
        _ready_for_a_downtime()


def make_signing_key() -> None:
    """A development key for the demo; a real installation brings its own PKCS#12 file."""
    path = settings.SIGNING_P12_FILE
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    dev_certificate.create(path, settings.SIGNING_P12_PASSWORD, "Isocenter demo seal", at=timezone.now())


def _name_contacts() -> None:
    """Who is told of a critical finding that nobody was called about in time."""
    for code, username in (("north", "radiologist"), ("south", "outsider")):
        site, user = Site.objects.get(code=code), User.objects.get(username=username)
        EscalationContact.objects.get_or_create(site=site, defaults={"user": user, "reach": "Pager 4711"})


def _tell_the_hospital() -> None:
    """Everything that happens at the first site goes to the demo's receiver (`receive_hl7`) over HL7."""
    hospital = Destination(
        site=Site.objects.get(code="north"),
        name="Hospital",
        host="127.0.0.1",
        port=settings.HL7_RECEIVER_PORT,
        receiving_application="HIS",
        receiving_facility="HOSPITAL",
        pdf=True,
        orders=True,
        appointments=True,
    )
    save_destination(hospital, by=User.objects.get(username="admin"))


def _hear_the_hospital() -> None:
    """The hospital's system may send what it likes to `run_mllp`: people, orders, appointments of the first site."""
    Sender.objects.create(
        site=Site.objects.get(code="north"),
        name="Hospital",
        application="HIS",
        facility="HOSPITAL",
        charset="UNICODE UTF-8",
        registers_from_orders=True,
    )


def _ready_for_a_downtime() -> None:
    """The lists that open without the RIS; in the demo with the password of the demo."""
    for site in Site.objects.all():
        set_passphrase(site, passphrase=PASSWORD, by=User.objects.get(username="admin"))


def _patients_and_exams() -> None:
    clerk, site = User.objects.get(username="clerk"), Site.objects.get(code="north")
    people = {data.family_name: register_patient(data, site=site, by=clerk) for data in PATIENTS}
    for family_name, code, room_name, minutes, priority, reason, *side in EXAMS:
        procedure, room = Procedure.objects.get(code=code), Resource.objects.get(site=site, name=room_name)
        wanted = WalkIn(procedure=procedure, priority=priority, side="".join(side), reason=reason, room=room)
        _exam(people[family_name], wanted, room, minutes)


def _exam(patient: Patient, wanted: WalkIn, room: Resource, minutes: int | None) -> None:
    """Ordered, and booked where the room is open then; else a walk-in: devices have something to do at night, too."""
    clerk = User.objects.get(username="clerk")
    start = timezone.now().replace(second=0, microsecond=0) + timedelta(minutes=minutes or 0)
    slot = Slot(resource=room, start=start, minutes=20)
    if minutes is not None and not _is_open(slot):
        walk_in(patient, site=room.site, wanted=wanted, by=clerk)
        return
    details = OrderDetails(priority=wanted.priority, reason=wanted.reason, referrer_name="Referrer^Frank^^Dr.")
    sides = {wanted.procedure.code: wanted.side} if wanted.side else {}
    order = place_order(patient, site=room.site, procedures=[wanted.procedure], details=details, by=clerk, sides=sides)
    if minutes is not None:
        book(list(order.procedures.all()), slot=slot, by=clerk)


def _is_open(slot: Slot) -> bool:
    try:
        require_open(slot.resource, slot.start, slot.end)
    except InvalidInput:
        return False
    return True
