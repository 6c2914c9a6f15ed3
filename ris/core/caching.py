"""What a signed-in person was shown is kept by nobody: no proxy, and no browser of a shared workstation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

PRIVATE = "private, no-store"


@sync_and_async_middleware
def private_pages(
    get_response: Callable[[HttpRequest], Any],
) -> Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]:
    """Mark each answer to a session, unless its view said how long it may be kept."""
    if iscoroutinefunction(get_response):

        async def answer(request: HttpRequest) -> HttpResponseBase:
            return _marked(request, await get_response(request))

        return answer

    def answer_sync(request: HttpRequest) -> HttpResponseBase:
        return _marked(request, get_response(request))

    return answer_sync


def _marked(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """By the cookie alone: whoever has none was shown nothing of anybody."""
    if settings.SESSION_COOKIE_NAME in request.COOKIES and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = PRIVATE
    return response
