"""Permissions Policy (W3C): no page of ours, and no frame in it, uses camera, microphone or place unless it says so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

HEADER = "Permissions-Policy"
SHUT = "camera=(), geolocation=(), microphone=()"


@sync_and_async_middleware
def shut_devices(
    get_response: Callable[[HttpRequest], Any],
) -> Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]:
    """Each answer carries the policy; a view that needs a device has set its own."""
    if iscoroutinefunction(get_response):

        async def answer(request: HttpRequest) -> HttpResponseBase:
            return _shut(await get_response(request))

        return answer

    def answer_sync(request: HttpRequest) -> HttpResponseBase:
        return _shut(get_response(request))

    return answer_sync


def _shut(response: HttpResponseBase) -> HttpResponseBase:
    response.headers.setdefault(HEADER, SHUT)
    return response
