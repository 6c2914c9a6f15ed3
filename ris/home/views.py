"""The home page, and the pages that tell what went wrong before a view was reached."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.views.decorators.http import require_GET, require_POST, require_safe

from ris.core import panels
from ris.core.http import SignedInRequest, unless_seen
from ris.core.panels import Card
from ris.home.starts import starts_for


@login_required
@require_GET
def home(request: SignedInRequest) -> HttpResponse:
    """What waits for this person, and what they can begin."""
    cards = panels.collect("home", request.user)
    context = {"cards": cards, "version": version_of(cards), "starts": starts_for(request.user)}
    return render(request, "home/home.html", context)


@login_required
@require_GET
def cards(request: SignedInRequest) -> HttpResponse:
    """The counts again: 204 when the page already shows them."""
    found = panels.collect("home", request.user)
    context = {"cards": found, "version": version_of(found)}
    return unless_seen(request, version_of(found), lambda: render(request, "home/_cards.html", context))


@login_required
@require_POST
def alive(request: SignedInRequest) -> HttpResponse:
    """Somebody has a hand on the machine: that it was asked is noted on the way here (ris.accounts.idle)."""
    return HttpResponse(status=204)


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask here for pages that name no picture, such as a PDF in its own window."""
    return redirect(static("img/logo.svg"), permanent=True)


def version_of(found: Sequence[Card]) -> str:
    """A short name for what the cards show at the moment."""
    shown = "\n".join(f"{card.title}|{card.count}|{card.urgent}|{card.hint}" for card in found)
    return hashlib.sha256(shown.encode()).hexdigest()[:16]


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/403.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Needs neither the session nor the database: either may be what broke."""
    return HttpResponse(render_to_string("errors/500.html", {"demo": settings.DEMO}), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long, or that came from another site."""
    return render(request, "errors/csrf.html", status=403)
