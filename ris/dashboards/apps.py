from __future__ import annotations

from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    name = "ris.dashboards"

    def ready(self) -> None:
        from ris.core.timers import every
        from ris.dashboards import following

        every(30.0, "follow-events-for-dashboards", following.follow, apart=True)
