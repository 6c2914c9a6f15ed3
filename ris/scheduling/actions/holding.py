"""What an act on exams holds until its transaction ends: in one order, so that no two acts wait for each other.

The order of the whole house is in docs/architecture.md. Only this module locks steps and appointments.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from ris.orders.models import Order, RequestedProcedure
from ris.scheduling.models import Appointment, ScheduledProcedureStep


def hold_exams(orders: QuerySet[Order], *, visits: Iterable[int] = ()) -> None:
    """Orders, all their steps, and the appointments of those and `visits`, each by its id.

    Inside the caller's transaction, once and for all that it will touch, before it locks a room, a patient, a
    reservation or a reading task. What was read of them before is old now: read it again.
    """
    wanted = set(orders.values_list("pk", flat=True))
    list(Order.objects.select_for_update().filter(pk__in=wanted).order_by("pk").values_list("pk"))
    requested = RequestedProcedure.objects.filter(order__in=wanted)
    steps = ScheduledProcedureStep.objects.select_for_update().filter(requested_procedure__in=requested)
    booked = set(steps.order_by("pk").values_list("appointment_id", flat=True)) - {None}
    rows = Appointment.objects.select_for_update().filter(pk__in=booked.union(visits))
    list(rows.order_by("pk").values_list("pk"))


def hold_steps(steps: QuerySet[ScheduledProcedureStep]) -> None:
    """The same for the orders of these steps."""
    hold_exams(Order.objects.filter(procedures__steps__in=steps))


def hold_visits(visits: Iterable[int], *, orders: QuerySet[Order] | None = None) -> None:
    """The same for the orders of these appointments, and for further `orders`."""
    pks = list(visits)
    found = Order.objects.filter(procedures__steps__appointment__in=pks)
    hold_exams(found if orders is None else found | orders, visits=pks)
