"""One error shape for the API: {"error", "message", "fields"}.

400: the request is not what the schema says. 422: it is, and what it says cannot be done. 409: not any more.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler

from ris.accounts.subscribers import audit_refusal
from ris.core.errors import DomainError, NotPermitted, NotVisible, Unavailable


class BodyTooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is too large."
    default_code = "too_large"


SOME_FIELDS = "Some fields cannot be used."


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: domain errors with their status, DRF's own in the same shape; always JSON."""
    request: Request = context["request"]
    request.accepted_renderer = JSONRenderer()
    request.accepted_media_type = JSONRenderer.media_type
    if isinstance(error, DomainError):
        if isinstance(error, NotPermitted | NotVisible):
            _audit(request, error)
        headers = {"Retry-After": str(error.retry_after)} if isinstance(error, Unavailable) else None
        body = {"error": error.code, "message": error.message, "fields": error.fields}
        return Response(body, status=error.status, headers=headers)
    if isinstance(error, RequestDataTooBig):
        error = BodyTooLarge()
    response = exception_handler(error, context)
    if response is not None:
        response.data = _reshaped(error, response.data)
        if response.status_code == status.HTTP_403_FORBIDDEN:
            _audit(request, NotPermitted(response.data["message"]))
    return response


def _audit(request: Request, error: DomainError) -> None:
    plain = request._request  # noqa: SLF001  DRF has no other name for the request it wraps
    plain.user = request.user
    audit_refusal(plain, error)


def _reshaped(error: Exception, data: Any) -> dict[str, Any]:
    code = error.default_code if isinstance(error, APIException) else "not-found"
    if isinstance(data, dict) and "detail" in data:
        return {"error": code.replace("_", "-"), "message": str(data["detail"]), "fields": {}}
    named = data if isinstance(data, dict) else {"body": data}
    fields = {"body" if name == "non_field_errors" else str(name): _in_words(fault) for name, fault in named.items()}
    return {"error": code.replace("_", "-"), "message": SOME_FIELDS, "fields": fields}


def _in_words(fault: Any) -> str:
    """Faults of a field, of the fields inside it, or of the items of a list, as one text."""
    if isinstance(fault, dict):
        return " ".join(f"{name}: {_in_words(inner)}" for name, inner in fault.items())
    return " ".join(map(_in_words, fault)) if isinstance(fault, list) else str(fault)
