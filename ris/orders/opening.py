"""A paper as the page and the API hand it out."""

from __future__ import annotations

from django.http import HttpResponse

from ris import audit
from ris.accounts.models import User
from ris.orders import files
from ris.orders.models import Attachment


def opened(paper: Attachment, *, by: User) -> HttpResponse:
    """The file, to be saved: never shown inside our pages, never run. That it was opened is recorded."""
    body = files.read(paper.sha256)
    audit.record("order.paper-opened", paper.order, by=by, paper=paper.pk)
    ending = "pdf" if paper.content_type == files.PDF else "jpg"
    response = HttpResponse(body, content_type=paper.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="paper-{paper.pk}.{ending}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
