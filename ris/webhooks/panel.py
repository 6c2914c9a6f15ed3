"""The webhooks of one's sites on the deliveries page: who answers, and who does not."""

from __future__ import annotations

from django.db.models import Count

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
    ahead = Delivery.objects.filter(subscriber__in=[f"{PREFIX}{one.pk}" for one in found])
    ahead = ahead.filter(state__in=[*DELIVERY.groups["open"], *DELIVERY.groups["stuck"]]).order_by()
    waiting = dict(ahead.values_list("subscriber").annotate(n=Count("pk")))
    rows = [(one, waiting.get(f"{PREFIX}{one.pk}", 0)) for one in found]
    return [Panel("Webhooks", "webhooks/_panel.html", {"rows": rows})]
