"""Cases for the viewer's bench, made inside the measured installation: `python manage.py shell` calls `make`."""

from __future__ import annotations

import json
import sys
import uuid

from ris.accounts.models import Site, User
from ris.core.actors import SystemActor
from ris.dicom.archive import get_archive
from ris.orders.actions import OrderDetails, place_order
from ris.orders.models import Procedure, RequestedProcedure
from ris.patients.actions import PatientData, register_patient
from tests.viewer.objects import Place, image
from worklist.actions.studies import note_study
from worklist.models import ReadingTask

SIDE = 512
AT_ONCE = 40


def make(cases: dict[str, int]) -> None:
    """A readable case with so many slices for each family name; prints {name: {"task", "study"}} as JSON."""
    site = Site.objects.order_by("pk")[0]
    clerk = User.objects.get(username="clerk")
    made = {name: _case(name, slices, site, clerk) for name, slices in cases.items()}
    sys.stdout.write(json.dumps(made))


def _case(name: str, slices: int, site: Site, clerk: User) -> dict[str, object]:
    person = PatientData(family_name=name, given_name="Sam", sex="O", birth_date=None)
    patient = register_patient(person, site=site, by=clerk)
    chest = [Procedure.objects.get(code="CTCHEST")]
    order = place_order(patient, site=site, procedures=chest, details=OrderDetails(priority="STAT"), by=clerk)
    requested = RequestedProcedure.objects.get(order=order)
    identifier = patient.identifier_at(site)
    assert identifier is not None
    uid = requested.study_instance_uid
    _store(Place(uid, identifier.value, requested.accession_number, patient.person_name), slices)
    row = get_archive().study(uid)
    assert row is not None
    note_study(row, by=SystemActor("matcher"))
    return {"task": ReadingTask.objects.get(patient=patient).pk, "study": uid}


def _store(place: Place, slices: int) -> None:
    series = f"2.25.{uuid.uuid4().int >> 64}1"
    numbers = range(1, slices + 1)
    for begin in range(0, slices, AT_ONCE):
        some = numbers[begin : begin + AT_ONCE]
        stored = get_archive().store([image(place, series, f"{series}.{at}", at, SIDE) for at in some])
        assert len(stored.stored) == len(some)
