"""A page that one person opened writes nothing in the name of another.

Whose session has ended may have left a page behind, with typed text in it; somebody else signs in, in another tab, and
the page would save by itself as that person. So each write of a page says who opened it (static/js/fresh-token.js).
What no page sends, as a script, says nothing and is asked nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.decorators import sync_and_async_middleware

from ris.accounts.models import User
from ris.core.errors import AnothersPage
from ris.core.middleware import as_response, refused

HEADER: Final = "X-Opened-By"
FIELD: Final = "opened_by"
READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def require_opener(user: User | AnonymousUser, opener: str) -> None:
    """Raise AnothersPage when somebody else opened the page of a write; `opener`: their key, "" when not said."""
    if isinstance(user, User) and opener and opener != str(user.pk):
        raise AnothersPage(
            f"Not saved: {user.display} is signed in here now, and somebody else opened this page. What stands in it "
            "stays there. Sign in again as who opened it, in another tab."
        )


@sync_and_async_middleware
def only_its_opener(
    get_response: Callable[[HttpRequest], Any],
) -> Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]:
    """Refuse a write whose page was opened by another than who is signed in; it costs nothing else a query."""
    if iscoroutinefunction(get_response):

        async def answer(request: HttpRequest) -> HttpResponseBase:
            if is_write(request) and (error := fault_of(request, await request.auser())):
                return await sync_to_async(_told)(request, error)
            return await get_response(request)

        return answer

    def answer_sync(request: HttpRequest) -> HttpResponseBase:
        if is_write(request) and (error := fault_of(request, request.user)):
            return _told(request, error)
        return get_response(request)

    return answer_sync


def is_write(request: HttpRequest) -> bool:
    return HEADER in request.headers and request.method not in READS


def fault_of(request: HttpRequest, user: Any) -> AnothersPage | None:
    try:
        require_opener(user, request.headers[HEADER])
    except AnothersPage as error:
        return error
    return None


def _told(request: HttpRequest, error: AnothersPage) -> HttpResponse:
    """Written down once: a page that tries again by itself says so."""
    if "X-Poll" not in request.headers:
        with suppress(Resolver404):
            request.resolver_match = resolve(request.path_info)
        refused(request, error)
    return as_response(request, error)
