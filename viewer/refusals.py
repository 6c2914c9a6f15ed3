"""The proxy's own words: the same bytes for everything of one status, so that a refusal tells nothing."""

from __future__ import annotations

import json
from typing import TypeVar

from django.http import HttpResponse
from django.http.response import HttpResponseBase

R = TypeVar("R", bound=HttpResponseBase)

WORDS = {
    400: "This request is not understood.",
    401: "Please sign in.",
    403: "This is not permitted.",
    404: "There is no such object here.",
    405: "This method is not allowed here.",
    406: "This form of answer is not offered.",
    409: "This cannot be stored.",
    413: "This is too large.",
    414: "This address is too long.",
    415: "This content is not taken here.",
    429: "Too many requests at once.",
    502: "The archive answered with an error.",
    503: "The archive does not take it now.",
    504: "The archive did not answer in time.",
}
POLICY = "default-src 'none'; frame-ancestors 'self'"
RETRY_SECONDS = "5"
HEADERS = {
    "Cache-Control": "private, no-store",
    "Vary": "Cookie, Authorization",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
}


def refusal(status: int, reason: str = "", **facts: bool) -> HttpResponse:
    """A short JSON answer of this status; `reason` replaces the usual words and carries no PHI."""
    body = json.dumps({"message": reason or WORDS[status], **facts}).encode()
    response = HttpResponse(body, status=status, content_type="application/json")
    if status == 405:
        response.headers["Allow"] = "GET, POST"
    if status in {429, 503}:
        response.headers["Retry-After"] = RETRY_SECONDS
    return guarded(response)


def guarded(response: R) -> R:
    """Headers that every answer of the proxy carries: never cached, never sniffed, never active content."""
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response
