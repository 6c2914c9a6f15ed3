"""The page behind the code that is printed on a report: no sign-in, no name."""

from __future__ import annotations

from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from reporting.verifying.asking import standing_of

PAGE = "reporting/verify.html"


@require_GET
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Current, superseded, not released yet, recalled or withdrawn; 404 for a code that was never printed."""
    if not ratelimit.consume(request, app="allauth.account", action="verify_report", limit_get=True):
        return render(request, PAGE, {"busy": True}, status=429)
    found = standing_of(code)
    answer = render(request, PAGE, {"found": found}, status=200 if found else 404)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
