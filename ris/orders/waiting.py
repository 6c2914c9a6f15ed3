"""What waits for somebody: protocols to decide, and those that came back to the desk."""

from __future__ import annotations

from django.db.models import Case, IntegerField, QuerySet, Value, When

from ris.accounts.models import User
from ris.orders.lifecycle import PROTOCOL
from ris.orders.models import PRIORITY_RANK, Protocol

ORDER = "requested_procedure__order"
URGENCY = Case(
    *(When(**{f"{ORDER}__priority": name}, then=Value(rank)) for name, rank in PRIORITY_RANK.items()),
    output_field=IntegerField(),
)


def to_protocol(user: User) -> QuerySet[Protocol]:
    """Open protocols of the sites where the user decides, most urgent and oldest first."""
    rows = Protocol.objects.of_open_orders().filter(
        state__in=PROTOCOL.groups["waiting"], requested_procedure__order__site__in=user.sites_where("order.protocol")
    )
    related = ("requested_procedure__procedure", f"{ORDER}__patient__merged_into", f"{ORDER}__site")
    return rows.select_related(*related).order_by(URGENCY, f"{ORDER}__placed_at", "pk")


def sent_back(user: User) -> QuerySet[Protocol]:
    """Protocols that a radiologist sent back to the desks of the user."""
    return Protocol.objects.of_open_orders().filter(
        state__in=PROTOCOL.groups["returned"], requested_procedure__order__site__in=user.sites_where("order.place")
    )
