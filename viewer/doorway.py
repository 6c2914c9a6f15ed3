"""Who stands at the proxy's door: a session or an API token, and whether a write is really theirs."""

from __future__ import annotations

from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from rest_framework.exceptions import APIException

from ris.accounts.models import User
from ris.accounts.tokens import TokenAuthentication
from viewer import passes

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
OWN_PAGES = frozenset({"same-origin", "none", ""})


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody known. `session` keys what is remembered of them; a program has no browser to be misled.

    `key` is the same for the short way of frames (viewer/passes.py).
    """

    user: User
    session: str
    key: str = ""
    is_program: bool = False


async def visitor(request: HttpRequest) -> Visitor | int:
    """Who asks, or the status of the refusal: 401 unknown or expired, 403 misled or read-only."""
    if request.headers.get("Authorization", "")[:6].lower() == "token ":
        return await sync_to_async(_program)(request)
    if request.headers.get("Sec-Fetch-Site", "") not in OWN_PAGES:
        return 403
    user = await request.auser()
    if not isinstance(user, User) or not user.is_active:
        return 401
    if request.method not in SAFE and not await sync_to_async(is_own_write)(request):
        return 403
    session = request.session.session_key or ""
    return Visitor(user, session, passes.key_of_session(session))


def _program(request: HttpRequest) -> Visitor | int:
    try:
        found = TokenAuthentication().authenticate(request)  # type: ignore[arg-type]  # it reads META and method
    except APIException as error:
        return error.status_code
    if found is None:
        return 401
    user, token = found
    key = passes.key_of_program(request.headers["Authorization"])
    return Visitor(user, f"token:{token.pk}", key, is_program=True)


def is_own_write(request: HttpRequest) -> bool:
    """Whether the bearer value is this session's CSRF value, of a document of who is signed in, and the origin ours.

    OHIF can send only an Authorization header with a STOW, so the CSRF value travels there; Django's own middleware
    judges it, with the origin, as if it had come in its usual header. Behind it stands who opened the document: its SRs
    name them as the observer, whoever has signed in since.
    """
    word, _, value = request.headers.get("Authorization", "").partition(" ")
    if word.lower() != "bearer":
        return False
    token, _, opener = value.strip().partition("~")
    if opener and opener != str(request.user.pk):
        return False
    request.META["HTTP_X_CSRFTOKEN"] = token
    refusal = CsrfViewMiddleware(_nowhere).process_view(request, _nowhere, (), {})
    return refusal is None


def _nowhere(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=404)
