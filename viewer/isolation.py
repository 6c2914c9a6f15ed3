"""Cross-origin isolation (HTML §7.1.3): gives OHIF shared memory for large volumes, and shuts foreign frames out.

Off by default: a portal that shows our viewer in a frame of its own would be shut out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@sync_and_async_middleware
def cross_origin_isolation(
    get_response: Callable[[HttpRequest], Any],
) -> Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]:
    """Every answer carries the three headers when CROSS_ORIGIN_ISOLATION is set: pages, frames, scripts of workers."""
    if iscoroutinefunction(get_response):

        async def answer(request: HttpRequest) -> HttpResponseBase:
            return _isolated(await get_response(request))

        return answer

    def answer_sync(request: HttpRequest) -> HttpResponseBase:
        return _isolated(get_response(request))

    return answer_sync


def _isolated(response: HttpResponseBase) -> HttpResponseBase:
    if settings.CROSS_ORIGIN_ISOLATION:
        for name, value in HEADERS.items():
            response.headers[name] = value
    return response
