"""What our own pages tell the browser: no foreign or inline code, no frame of strangers, nothing kept.

Not covered here: the viewer's own documents, which have their own policy (tests/viewer, test_proxy_battery.py).
"""

from __future__ import annotations

import os
import subprocess
import sys
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from tests.permissions.accounts import ACCOUNTS
from tests.permissions.conftest import ward
from tests.permissions.matrix import MATRIX, PAGES
from tests.permissions.test_matrix import address
from tests.permissions.ward import NOBODY, ROLES, Ward
from tests.world import PASSWORD

__all__ = ["ward"]

pytestmark = pytest.mark.django_db

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "frame-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
    "manifest-src": "'self'",
}
# Where dictations are heard, and the one where they are recorded.
PLAY, RECORD = {"reporting:dictation", "viewer:reading-room"}, "viewer:reading-room"
SHOWN = [
    (name, role)
    for name, row in (PAGES | ACCOUNTS).items()
    if (role := next((role for role in ROLES if row.get.get(role) == 200), ""))
]
REFUSED = [("patients:detail", "outsider", 404), ("audit:trail", "clerk", 403), ("admin:index", "clerk", 302)]


class Inline(HTMLParser):
    """Collects whatever a strict policy would have to stop."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in given and given.get("type") != "application/json"):
            self.found.append(tag)
        self.found += [name for name in given if name.startswith("on") or name == "style"]
        self.found += [str(value) for value in given.values() if str(value).strip().lower().startswith("javascript:")]
        self.found += [str(given[name]) for name in ("src", "href", "action") if str(given.get(name)).startswith("//")]


def shown(ward: Ward, name: str, role: str) -> Any:
    return ward.ask(role, "GET", address(name, ward), {})


def policy_of(response: Any) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in response.headers["Content-Security-Policy"].split(";"))
    return {name: rest for name, _, rest in parts if name}


def check(response: Any, name: str = "") -> None:
    assert policy_of(response) == POLICY | ({"media-src": "'self'"} if name in PLAY else {})
    microphone = "(self)" if name == RECORD else "()"
    assert response.headers["Permissions-Policy"] == f"camera=(), geolocation=(), microphone={microphone}"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize(("name", "role"), SHOWN)
def test_every_page_has_the_strict_policy_and_nothing_that_needs_a_weaker_one(name: str, role: str, ward: Ward) -> None:
    response = shown(ward, name, role)
    if not response.headers["Content-Type"].startswith("text/html"):
        assert policy_of(response)["default-src"] == "'none'"
        return
    check(response, name)
    inline = Inline()
    inline.feed(response.content.decode())
    assert inline.found == []


@pytest.mark.parametrize(("name", "role", "status"), REFUSED)
def test_a_refusal_has_it_too(name: str, role: str, status: int, ward: Ward) -> None:
    response = shown(ward, name, role)
    assert response.status_code == status
    check(response)


def test_a_page_that_is_not_there_has_it_too(db: None) -> None:
    check(Client().get("/there-is-no-such-page/"))


@pytest.mark.parametrize(("name", "role"), [pair for pair in SHOWN if pair[1] != NOBODY])
def test_nothing_that_a_signed_in_person_saw_is_kept(name: str, role: str, ward: Ward) -> None:
    kept = shown(ward, name, role).headers["Cache-Control"]
    assert "no-store" in kept
    assert "private" in kept


def test_a_redirect_and_a_refusal_are_not_kept_either(ward: Ward) -> None:
    for response in (shown(ward, "patients:detail", "outsider"), shown(ward, "audit:trail", "clerk")):
        assert response.headers["Cache-Control"] == "private, no-store"


def test_the_signed_pdf_is_a_download_that_is_not_guessed_about(ward: Ward) -> None:
    response = shown(ward, "reporting:pdf", "radiologist")
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"].startswith("attachment; ")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.content.startswith(b"%PDF-")


def test_the_session_is_out_of_reach_of_scripts_and_other_sites(ward: Ward) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": "clerk", "password": PASSWORD})
    session = client.cookies["sessionid"]
    assert (session["httponly"], session["samesite"], session["path"]) == (True, "Lax", "/")
    client.get("/")
    assert client.cookies["csrftoken"]["samesite"] == "Lax"


def test_an_address_with_https_keeps_cookies_and_pages_on_https() -> None:
    names = ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS"]
    code = f"from ris import settings; print([bool(getattr(settings, name)) for name in {names}])"
    for url, secure in {"https://ris.example": True, "http://localhost:8000": False}.items():
        env = {**os.environ, "PUBLIC_URL": url, "SECRET_KEY": "k" * 60}
        done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == str([secure] * len(names))


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost@evil.example"])
def test_another_host_name_is_refused(host: str, db: None) -> None:
    assert Client().get("/accounts/login/", headers={"Host": host}).status_code == 400


def test_a_sign_in_leads_nowhere_else(ward: Ward) -> None:
    for target in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        client = Client()
        response = client.post(f"/accounts/login/?next={target}", {"login": "clerk", "password": PASSWORD})
        assert response.status_code == 302
        assert response.headers["Location"] == "/"


def test_the_front_page_of_the_matrix_is_looked_at_here() -> None:
    assert len(SHOWN) > 40
    assert {name for name, _ in SHOWN} <= set(MATRIX)
