"""JSON alone: application/fhir+json, and application/json for those who call it so."""

from __future__ import annotations

from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from ris.accounts.api_parsing import StrictJSONParser
from ris.core.errors import DomainError
from ris.fhir.mapping.capability import JSON_TYPE

FORMATS = frozenset({"json", "application/json", JSON_TYPE, "application/fhir json"})


class NotOffered(DomainError):
    """The client asks for XML, or for what we do not have."""

    status = 406
    code = "not-acceptable"


class FhirRenderer(JSONRenderer):
    media_type = JSON_TYPE
    format = "json"
    charset = None


class PlainJson(JSONRenderer):
    """The same under the name that browsers and simple clients ask for."""


class FhirParser(StrictJSONParser):
    media_type = JSON_TYPE


class Negotiation(DefaultContentNegotiation):
    """`_format` wins over Accept (R4 §3.1.0.1.11)."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> tuple[Any, str]:
        asked = request.query_params.get("_format")
        if asked is None:
            return super().select_renderer(request, renderers, format_suffix)
        if asked not in FORMATS:
            raise NotOffered("Only JSON is spoken here: application/fhir+json.")
        return next((one, JSON_TYPE) for one in renderers if isinstance(one, FhirRenderer))
