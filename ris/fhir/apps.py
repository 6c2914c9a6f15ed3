from __future__ import annotations

from django.apps import AppConfig


class FhirConfig(AppConfig):
    name = "ris.fhir"
    verbose_name = "FHIR"
