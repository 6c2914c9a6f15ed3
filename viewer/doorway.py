"""Who stands at the proxy's door: a session or an API token, and whether a write is really theirs."""

from __future__ import annotations

from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied

from ris.accounts.models import User
from ris.accounts.tokens import require_reach, token_of
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


@dataclass(frozen=True, slots=True)
class Stopped:
    """Somebody who is not let in, and the status that they are told; when they are known, the audit trail hears why."""

    status: int
    user: User | None = None
    session: str = ""
    reason: str = ""


async def visitor(request: HttpRequest) -> Visitor | Stopped:
    """Who asks; Stopped with 401 when unknown or expired, with 403 when misled or read-only."""
    if request.headers.get("Authorization", "")[:6].lower() == "token ":
        return await sync_to_async(_program)(request)
    is_misled = request.headers.get("Sec-Fetch-Site", "") not in OWN_PAGES
    user = await request.auser()
    session = request.session.session_key or ""
    if not isinstance(user, User) or not user.is_active:
        return Stopped(403 if is_misled else 401)
    if is_misled:
        return Stopped(403, user, session, "a request of a foreign page")
    if request.method not in SAFE and not await sync_to_async(is_own_write)(request):
        return Stopped(403, user, session, "a write that is not of a page of this session")
    return Visitor(user, session, passes.key_of_session(session))


def _program(request: HttpRequest) -> Visitor | Stopped:
    try:
        token = token_of(request)
    except AuthenticationFailed:
        return Stopped(401)
    if token is None:
        return Stopped(401)
    session = f"token:{token.pk}"
    try:
        require_reach(token, request)
    except PermissionDenied as error:
        return Stopped(403, token.user, session, f"a token that does not reach here: {error.detail}")
    key = passes.key_of_program(request.headers["Authorization"])
    return Visitor(token.user, session, key, is_program=True)


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
