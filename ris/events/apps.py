from __future__ import annotations

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "ris.events"
    label = "events"
    verbose_name = "Events and deliveries"
