"""What a test writes on a form."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from ris.accounts.models import User
from ris.downtime.actions import Entry, enter_form, make_forms
from ris.downtime.models import DowntimeForm
from ris.orders.actions import OrderDetails
from ris.orders.models import RequestedProcedure
from tests.world import World


def paper(world: World) -> DowntimeForm:
    """A new form of the north site."""
    return make_forms(world.north, count=1, by=world.clerk)[0][0]


def written(world: World, **changes: Any) -> Entry:
    """A chest CT done an hour ago, on a known patient unless told otherwise."""
    values: dict[str, Any] = {
        "procedure": world.procedure(),
        "details": OrderDetails(reason="Cough"),
        "performed_at": timezone.now() - timedelta(hours=1),
        "room": world.room(),
    }
    values |= changes
    if "patient" not in values and "newcomer" not in values:
        values["patient"] = world.patient()
    return Entry(**values)


def entered(world: World, form: DowntimeForm, by: User | None = None, **changes: Any) -> RequestedProcedure:
    order = enter_form(form, written(world, **changes), by=by or world.technologist)
    return order.procedures.select_related("order__patient", "order__site").get()
