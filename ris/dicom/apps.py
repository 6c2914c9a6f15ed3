from __future__ import annotations

from django.apps import AppConfig


class DicomConfig(AppConfig):
    name = "ris.dicom"
    label = "dicom"
    verbose_name = "DICOM nodes"

    def ready(self) -> None:
        from ris.dicom import checks  # noqa: F401  registers itself
