"""The demo's people, rooms, patients and a morning's worth of orders. Running it again adds nothing."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone

from reporting.signing import dev_certificate
from ris.accounts.models import Site, User
from ris.accounts.permissions import ROLES
from ris.demo.catalogue import PEOPLE
from ris.demo.furnish import furnish
from ris.downtime.actions import set_passphrase
from ris.orders.actions import OrderDetails, place_order
from ris.orders.models import Procedure
from ris.orders.starter import load_starter_set
from ris.patients.actions import PatientData, register_patient
from ris.patients.models import Patient
from ris.scheduling.actions import Slot, book
from ris.scheduling.models import Resource

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
# Who has which exam, in which room, how many minutes from now (None: waits to be scheduled).
EXAMS = (
    ("Møller", "CTCHEST", "CT 1", 5, "ROUTINE", "Cough for six weeks, nodule on a chest radiograph"),
    ("O'Connor", "MRBRAIN", "MR 1", 10, "ROUTINE", "Headache"),
    ("Yılmaz", "USABD", "Ultrasound", 15, "HIGH", "Right upper quadrant pain"),
    ("Schmidt", "DXCHEST", "X-ray", 20, "ROUTINE", "Before an operation"),
    ("Schmidt", "CTCHEST", "CT 1", None, "STAT", "Sudden breathlessness"),
)


def seed() -> None:
    """Furnish, and on the first run register patients and book their exams."""
    furnish(PASSWORD)
    load_starter_set()
    make_signing_key()
    if not Patient.objects.exists():
        _patients_and_exams()
        _ready_for_a_downtime()


def make_signing_key() -> None:
    """A development key for the demo; a real installation brings its own PKCS#12 file."""
    path = settings.SIGNING_P12_FILE
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    dev_certificate.create(path, settings.SIGNING_P12_PASSWORD, "Isocenter demo seal", at=timezone.now())


def _ready_for_a_downtime() -> None:
    """The lists that open without the RIS; in the demo with the password of the demo."""
    for site in Site.objects.all():
        set_passphrase(site, passphrase=PASSWORD, by=User.objects.get(username="admin"))


def _patients_and_exams() -> None:
    clerk, site = User.objects.get(username="clerk"), Site.objects.get(code="north")
    people = {data.family_name: register_patient(data, site=site, by=clerk) for data in PATIENTS}
    for family_name, code, room, minutes, priority, reason in EXAMS:
        details = OrderDetails(priority=priority, reason=reason, referrer_name="Referrer^Frank^^Dr.")
        procedure = Procedure.objects.get(code=code)
        order = place_order(people[family_name], site=site, procedures=[procedure], details=details, by=clerk)
        if minutes is not None:
            start = timezone.now().replace(second=0, microsecond=0) + timedelta(minutes=minutes)
            slot = Slot(resource=Resource.objects.get(site=site, name=room), start=start, minutes=20)
            book(list(order.procedures.all()), slot=slot, by=clerk)
