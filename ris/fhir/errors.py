"""Every error as an OperationOutcome, with the status that the rest of the house would give."""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response

from ris.accounts.api_errors import answer as answer_of_the_house
from ris.core.errors import DomainError
from ris.fhir.mapping.asking import Misread
from ris.fhir.mapping.bundle import outcome
from ris.fhir.mapping.capability import JSON_TYPE
from ris.fhir.media import FhirRenderer
from ris.fhir.search.values import Wrong


class Misunderstood(DomainError):
    """The request is not what the CapabilityStatement says."""

    code = "wrong"


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler for /fhir/."""
    response = answer_of_the_house(_told(error), context)
    if response is None:
        return None
    context["request"].accepted_renderer = FhirRenderer()
    context["request"].accepted_media_type = JSON_TYPE
    said = response.data
    response.data = outcome(said["error"], said["message"], said["fields"].items())
    return response


def _told(error: Exception) -> Exception:
    if isinstance(error, Wrong):
        return Misunderstood("This search cannot be understood.", fields={error.name: error.words})
    if isinstance(error, Misread):
        return Misunderstood("The resource cannot be used.", fields=error.faults)
    return error
