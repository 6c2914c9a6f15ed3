from __future__ import annotations

from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "reporting"

    def ready(self) -> None:
        from reporting import subscribers
        from reporting.panels import patient_reports
        from ris.core import panels
        from ris.events import subscribe

        subscribe("object.stored", "reporting.read_objects", subscribers.read_objects)
        for kind in ("study.linked", "study.unlinked", "study.blocked"):
            subscribe(kind, "reporting.follow-study", subscribers.follow_study)
        panels.register("patient", "reporting", patient_reports)
        subscribe("report.signed", "reporting.archive", subscribers.archive_version)
