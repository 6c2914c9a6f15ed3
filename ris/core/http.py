"""Typed requests and the one way to load an object for a view."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from django.db import models
from django.http import HttpRequest, HttpResponse

from ris.core.errors import NotFound, NotPermitted, NotVisible

if TYPE_CHECKING:
    from ris.accounts.models import User

M = TypeVar("M", bound=models.Model)


class SignedInRequest(HttpRequest):
    """A request behind the sign-in."""

    user: User  # type: ignore[assignment]


def get_or_404(visible: models.QuerySet[M], pk: object) -> M:
    """The object if it is among those visible; outsiders get the same 404 as for one that does not exist."""
    found = visible.filter(pk=pk).first()
    if found is None:
        known = visible.model._default_manager.filter(pk=pk).exists()
        raise (NotVisible if known else NotFound)("There is no such page, or it is not yours to see.")
    return found


def require_somewhere(user: User, permission: str, words: str) -> None:
    """Raise NotPermitted, saying `words`, for who holds a permission at none of their sites.

    Asked before an object is looked for: insiders without the right get 403 whether or not it exists.
    """
    if not user.may(permission, None):
        raise NotPermitted(words)


def unless_seen(request: HttpRequest, version: str, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """What a live part of a page is told (static/js/poll.js): 204 when it shows this version already."""
    return HttpResponse(status=204) if request.GET.get("seen") == version else answer()


def pdf_answer(body: bytes, name: str, *, shown: bool) -> HttpResponse:
    """A PDF with a person on it: kept in no cache, shown in the browser's own viewer or saved under its name."""
    answer = HttpResponse(body, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'{"inline" if shown else "attachment"}; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    # The viewer of Chromium is an object of the page; the house's own policy has none.
    answer.headers["Content-Security-Policy"] = "default-src 'none'; object-src 'self'; frame-ancestors 'self'"
    return answer
