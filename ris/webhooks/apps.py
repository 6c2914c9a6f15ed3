from __future__ import annotations

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "ris.webhooks"
    verbose_name = "Webhooks"

    def ready(self) -> None:
        from ris.core import panels
        from ris.events.registry import route
        from ris.webhooks import panel, sending

        route(sending.PREFIX, sending.subscribers, sending.send)
        panels.register("deliveries", "webhooks", panel.deliveries_panel)
