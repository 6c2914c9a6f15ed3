"""Signing out whom nobody has seen for a while (HIPAA 164.312(a)(2)(iii), automatic logoff).

What a page asks by itself keeps nobody signed in: live parts, the viewer's images. What a person does is: opening,
sending, typing (autosave), and moving or pressing anything, which static/js/idle.js tells once a minute, also from
inside the viewer's frame. So reading for an hour with OHIF open is activity, and an abandoned reading room is not.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.contrib.auth import SESSION_KEY, alogout, logout
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.decorators import sync_and_async_middleware

FOUND = HTTPStatus.FOUND
SEEN, BEGUN = "seen_at", "begun_at"
# Activity is told by the page, and written down, once in so many seconds: the limit is kept to within two of them.
NOTE_EVERY = 60
BY_ITSELF = ("/viewer/dicom-web/", "/viewer/ohif/", "/viewer/permit")


def begin(request: HttpRequest) -> None:
    """Somebody signs in now."""
    request.session.update(noted(None))


def is_activity(request: HttpRequest) -> bool:
    """Whether a person did something, rather than a page by itself (static/js/poll.js, the viewer)."""
    polled = "X-Poll" in request.headers or (request.method == "GET" and "seen" in request.GET)
    return not polled and not request.path.startswith(BY_ITSELF)


def is_over(seen: float | None, begun: float | None) -> bool:
    """Nobody there for IDLE_SECONDS (0: for ever), or signed in longer than a session lasts."""
    now = time.time()
    idle = bool(settings.IDLE_SECONDS) and now - (seen or now) > settings.IDLE_SECONDS + 2 * NOTE_EVERY
    return idle or now - (begun or now) > settings.SESSION_COOKIE_AGE


@sync_and_async_middleware
def automatic_logoff(
    get_response: Callable[[HttpRequest], Any],
) -> Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]:
    """End a session that is over, before the view; note when its person was there last."""
    if iscoroutinefunction(get_response):

        async def answer(request: HttpRequest) -> HttpResponseBase:
            if has_session(request):
                await _alook(request)
            return led_back(request, await get_response(request))

        return answer

    def answer_sync(request: HttpRequest) -> HttpResponseBase:
        if has_session(request):
            _look(request)
        return led_back(request, get_response(request))

    return answer_sync


def led_back(request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
    """A form that was sent too late: the sign-in leads to the page where it stood, not to an address for forms only."""
    if request.method != "POST" or answer.status_code != FOUND:
        return answer
    sign_in, page = resolve_url(settings.LOGIN_URL), urlsplit(request.headers.get("Referer", ""))
    if answer.headers["Location"].startswith(f"{sign_in}?") and page.netloc == request.get_host():
        back = f"{page.path}?{page.query}" if page.query else page.path
        answer.headers["Location"] = f"{sign_in}?{urlencode({'next': back})}"
    return answer


def _look(request: HttpRequest) -> None:
    who, seen, begun = (request.session.get(name) for name in (SESSION_KEY, SEEN, BEGUN))
    if who and is_over(seen, begun):
        logout(request)
    elif who and is_to_be_noted(request, seen):
        request.session.update(noted(begun))


async def _alook(request: HttpRequest) -> None:
    who, seen, begun = [await request.session.aget(name) for name in (SESSION_KEY, SEEN, BEGUN)]
    if who and is_over(seen, begun):
        await alogout(request)
    elif who and is_to_be_noted(request, seen):
        await request.session.aupdate(noted(begun))


def has_session(request: HttpRequest) -> bool:
    """Asked first: whoever has no cookie costs no query."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def is_to_be_noted(request: HttpRequest, seen: float | None) -> bool:
    return seen is None or (time.time() - seen > NOTE_EVERY and is_activity(request))


def noted(begun: float | None) -> dict[str, float]:
    return {SEEN: time.time(), BEGUN: begun or time.time()}
