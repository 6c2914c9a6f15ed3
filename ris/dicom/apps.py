from __future__ import annotations

from django.apps import AppConfig


class DicomConfig(AppConfig):
    name = "ris.dicom"
    label = "dicom"
    verbose_name = "DICOM nodes"

    def ready(self) -> None:
        from ris.core import panels
        from ris.core.timers import every
        from ris.dicom import checks, subscribers, watch  # noqa: F401  checks register themselves
        from ris.events import subscribe

        subscribe("device.changed", "dicom.modalities", subscribers.tell_archive)
        every(60.0, "devices-at-archive", subscribers.complete)
        every(watch.EVERY, "archive-health", watch.look)
        panels.register("home", "dicom", watch.home_cards)
        panels.register("deliveries", "dicom", watch.deliveries_panel)
