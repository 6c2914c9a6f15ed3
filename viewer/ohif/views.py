"""/viewer/ohif/…: the prepared files, the document for every route of the viewer, and its configuration."""

from __future__ import annotations

import mimetypes
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils.html import escape
from django.views.decorators.http import require_safe

from ris.accounts.models import User
from ris.core.errors import NotFound, Unavailable
from viewer.hanging import choice
from viewer.ohif.config import Values, render
from viewer.ohif.library import WORKER_POLICY, Library, library
from viewer.retrieval import ROOT

IMMUTABLE = "public, max-age=31536000, immutable"
BRIEF = "public, max-age=300"
TYPES = {".js": "text/javascript", ".wasm": "application/wasm", ".woff2": "font/woff2", ".webapp": "application/json"}
TITLE = b"<title>OHIF Viewer</title>"


@require_safe
def files(request: HttpRequest, name: str) -> HttpResponse:
    """A file of the prepared viewer, or its document for a path without extension (its own routes)."""
    shelf = library(Path(settings.OHIF_DIR))
    if shelf is None:
        raise Unavailable("The viewer is not installed: an administrator runs `manage.py fetch_ohif`.")
    if "." not in name.rpartition("/")[2] or name == "index.html":
        return _document(request, shelf)
    if name not in shelf.files:
        raise NotFound("The viewer has no such file.")
    return _file(request, shelf, name)


@require_safe
def app_config(request: HttpRequest) -> HttpResponse:
    """The configuration of this session's viewer."""
    user = request.user
    values = Values(dicomweb=ROOT, csrfCookie=settings.CSRF_COOKIE_NAME, brand=settings.VIEWER_BRAND)
    if isinstance(user, User):
        values = replace(values, csrf=get_token(request), observer=user.observer_name, opener=str(user.pk))
        values = replace(values, protocols=choice.protocols(user), presets=choice.presets(user))
    response = HttpResponse(
        render(values), content_type="text/javascript", status=200 if isinstance(user, User) else 401
    )
    if isinstance(user, User):
        response.headers["X-Isocenter-User"] = str(user.pk)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _document(request: HttpRequest, shelf: Library) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    brand = f"<title>{escape(settings.VIEWER_BRAND)}</title>".encode()
    response = HttpResponse(shelf.read("index.html").replace(TITLE, brand), content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = shelf.document_policy
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _file(request: HttpRequest, shelf: Library, name: str) -> HttpResponse:
    one = shelf.files[name]
    encoding = _encoding(request, one.encodings)
    tag = f'"{one.sha256[:32]}{encoding}"'
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        suffix = Path(name).suffix
        kind = TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        response = HttpResponse(shelf.read(name, encoding), content_type=kind)
        if encoding:
            response.headers["Content-Encoding"] = encoding
    response.headers["ETag"] = tag
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = IMMUTABLE if one.immutable else BRIEF
    response.headers["Content-Security-Policy"] = WORKER_POLICY if name.endswith(".js") else "default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _encoding(request: HttpRequest, offered: tuple[str, ...]) -> str:
    """The best encoding that both sides know; a client that says q=0 does not want it."""
    asked = request.headers.get("Accept-Encoding", "").lower().replace(" ", "")
    names = {item.split(";")[0] for item in asked.split(",") if not item.endswith(";q=0")}
    return next((encoding for encoding in offered if encoding in names), "")
