from __future__ import annotations

from django.apps import AppConfig


class DowntimeConfig(AppConfig):
    name = "ris.downtime"
    label = "downtime"

    def ready(self) -> None:
        from ris.core import panels
        from ris.core.timers import every
        from ris.downtime.actions.snapshots import make_due
        from ris.downtime.cards import home_cards

        every(30.0, "downtime-snapshots", make_due, apart=True)
        panels.register("home", "downtime", home_cards)
