from __future__ import annotations

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "ris.events"
    label = "events"
    verbose_name = "Events and deliveries"

    def ready(self) -> None:
        from ris.core.timers import every
        from ris.events import checks, forgetting  # noqa: F401  checks register themselves

        every(forgetting.EVERY, "forget-bodies", forgetting.forget_old)
