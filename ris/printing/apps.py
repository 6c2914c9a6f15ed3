from __future__ import annotations

from django.apps import AppConfig


class PrintingConfig(AppConfig):
    name = "ris.printing"
    label = "printing"

    def ready(self) -> None:
        from ris.core import panels
        from ris.printing.panels import appointment_papers, day_papers, order_papers

        panels.register("order", "printing", order_papers)
        panels.register("appointment", "printing", appointment_papers)
        panels.register("day", "printing", day_papers)
