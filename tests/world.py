"""The world of the tests: two sites, one person per role, and always an outsider."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from ris.accounts.models import Site, User
from ris.demo.furnish import furnish
from ris.dicom.models import Node
from ris.orders.actions import OrderDetails, place_order
from ris.orders.models import Order, Procedure, RequestedProcedure
from ris.patients.actions import PatientData, register_patient
from ris.patients.models import Patient
from ris.scheduling.actions import Slot, book
from ris.scheduling.models import Appointment, Resource, ScheduledProcedureStep

PASSWORD = "correct horse battery staple"


@dataclass
class World:
    """Names for what `furnish` made, and the steps of an exam as one-liners."""

    north: Site
    south: Site
    people: dict[str, User]
    booked: int = field(default=0)

    def __getattr__(self, name: str) -> User:
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None

    def room(self, name: str = "CT 1") -> Resource:
        return Resource.objects.select_related("site", "node").get(name=name)

    def node(self, ae_title: str = "CT1") -> Node:
        return Node.objects.get(ae_title=ae_title)

    def procedure(self, code: str = "CTCHEST") -> Procedure:
        return Procedure.objects.get(code=code)

    def patient(self, family_name: str = "Møller", given_name: str = "Åse", **data: Any) -> Patient:
        values: dict[str, Any] = {"birth_date": date(1961, 5, 17), "sex": "F"} | data
        return register_patient(
            PatientData(family_name=family_name, given_name=given_name, **values), site=self.north, by=self.clerk
        )

    def order(self, patient: Patient | None = None, *, code: str = "CTCHEST", priority: str = "ROUTINE") -> Order:
        details = OrderDetails(priority=priority, reason="Cough", referrer_name="REFERRER^Frank")
        person = patient or self.patient()
        return place_order(person, site=self.north, procedures=[self.procedure(code)], details=details, by=self.clerk)

    def requested(self, order: Order | None = None) -> RequestedProcedure:
        return (order or self.order()).procedures.select_related("procedure", "order__patient", "order__site").get()

    def soon(self) -> datetime:
        """A free quarter of an hour, later for each booking of this world."""
        self.booked += 1
        return timezone.now().replace(second=0, microsecond=0) + timedelta(minutes=40 * self.booked)

    def booking(self, order: Order | None = None, *, room: str = "CT 1", start: datetime | None = None) -> Appointment:
        slot = Slot(resource=self.room(room), start=start or self.soon(), minutes=20)
        return book([self.requested(order)], slot=slot, by=self.clerk)

    def step(self, appointment: Appointment | None = None) -> ScheduledProcedureStep:
        return (appointment or self.booking()).steps.select_related("requested_procedure__order", "node").get()


def build_world() -> World:
    furnish(PASSWORD)
    people = {user.username: user for user in User.objects.all()}
    return World(Site.objects.get(code="north"), Site.objects.get(code="south"), people)


Build = Callable[[], World]
