"""Where this server stands."""

from __future__ import annotations

from django.conf import settings

from ris.fhir.mapping.datatypes import House


def house() -> House:
    """Never from the request: a Host or Forwarded header says nothing about us."""
    return House(f"{settings.PUBLIC_URL.rstrip('/')}/fhir")
