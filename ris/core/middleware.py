"""The outermost wrapper: request context, and domain errors told in words."""

from __future__ import annotations

import errno
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.db import DatabaseError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.decorators import sync_and_async_middleware

from ris.core.context import RequestContext, current
from ris.core.errors import DomainError, NotPermitted, NotVisible, Unavailable
from ris.core.hooks import Hook

# What SQLite and PostgreSQL say when another transaction was in the way.
BUSY = ("locked", "deadlock detected")
# What SQLite and PostgreSQL say when there is no room: the transaction is gone, and nothing of it stands.
FULL = ("database or disk is full", "No space left on device")

log = logging.getLogger(__name__)
refused: Hook[[HttpRequest, DomainError]] = Hook()


def _context(request: HttpRequest) -> RequestContext:
    return RequestContext(request_id=uuid.uuid4().hex[:16], source=client_address(request))


def client_address(request: HttpRequest) -> str:
    """Who asks: as the outermost of the trusted proxies saw it, never what a client says of itself."""
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    count = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if 0 < count <= len(hops) and (found := hops[-count].strip()):
        return found[:45]
    return request.META.get("REMOTE_ADDR", "") or ""


@sync_and_async_middleware
def request_context(
    get_response: Callable[[HttpRequest], Any],
) -> Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]:
    """Give each request an id that its audit rows and log lines share."""
    if iscoroutinefunction(get_response):

        async def answer(request: HttpRequest) -> HttpResponseBase:
            token = current.set(_context(request))
            try:
                return await get_response(request)
            finally:
                current.reset(token)

        return answer

    def answer_sync(request: HttpRequest) -> HttpResponseBase:
        token = current.set(_context(request))
        try:
            return get_response(request)
        finally:
            current.reset(token)

    return answer_sync


class DomainErrors:
    """Turns a DomainError into a page (or JSON, or a fragment for htmx) with its status; audits a refusal."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        error = _told(error)
        if not isinstance(error, DomainError):
            return None
        if isinstance(error, NotPermitted | NotVisible):
            _audit(request, error)
        return as_response(request, error)


def _told(error: Exception) -> Exception:
    """A database that is in another's way, or has no room left, in words; everything else as it is."""
    if isinstance(error, OperationalError) and any(word in str(error) for word in BUSY):
        return Unavailable("The database is busy. Nothing was saved: please try again in a moment.")
    no_room = isinstance(error, OperationalError) and any(word in str(error) for word in FULL)
    if no_room or (isinstance(error, OSError) and error.errno == errno.ENOSPC):
        log.error("the disk is full")
        return Unavailable("The server's disk is full. Nothing was saved or signed: call your administrator.")
    return error


def _audit(request: HttpRequest, error: DomainError) -> None:
    """A trail that cannot be written right now does not turn a refusal into a fault of ours."""
    try:
        refused(request, error)
    except DatabaseError as fault:
        log.error("a refusal was not audited (%s)", type(fault).__name__)


def as_response(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The error in the form the client asked for."""
    if request.path.startswith(("/api/", "/hooks/", "/fhir/")) or "json" in request.headers.get("Accept", ""):
        body = {"error": error.code, "message": error.message, "fields": error.fields}
        response: HttpResponse = JsonResponse(body, status=error.status)
    else:
        htmx = request.headers.get("HX-Request") == "true"
        template = "errors/_domain.html" if htmx else "errors/domain.html"
        response = render(request, template, {"error": error}, status=error.status)
    if isinstance(error, Unavailable):
        response.headers["Retry-After"] = str(error.retry_after)
    return response
