"""The webhooks of one's sites on the deliveries page: who answers, and who does not."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Min, Q

from ris.accounts.models import User
from ris.core.panels import Panel
from ris.events.lifecycle import DELIVERY
from ris.events.models import Delivery
from ris.webhooks.models import Webhook
from ris.webhooks.sending import PREFIX


def deliveries_panel(user: User) -> list[Panel]:
    found = list(Webhook.objects.visible_to(user).select_related("site"))
    if not found:
        return []
    ahead = Delivery.objects.filter(subscriber__in=[f"{PREFIX}{one.pk}" for one in found]).order_by()
    ahead = ahead.filter(state__in=[*DELIVERY.groups["open"], *DELIVERY.groups["stuck"]])
    open_, stuck = Q(state__in=DELIVERY.groups["open"]), Q(state__in=DELIVERY.groups["stuck"])
    counted = ahead.values("subscriber").annotate(
        waiting=Count("pk", filter=open_), parked=Count("pk", filter=stuck), oldest=Min("event__at", filter=open_)
    )
    standing: dict[str, dict[str, Any]] = {row["subscriber"]: dict(row) for row in counted}
    rows = [(one, f"{PREFIX}{one.pk}", standing.get(f"{PREFIX}{one.pk}", {})) for one in found]
    return [Panel("Webhooks", "webhooks/_panel.html", {"rows": rows})]
