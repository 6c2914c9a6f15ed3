"""Every URL, every role: what the matrix does not know or does not foresee fails here.

Not covered: pages inside the Django admin (its front door is), and what a signed-in person may do to themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from ris.audit.models import AuditEvent
from tests.permissions.addresses import named
from tests.permissions.answers import SIGN_IN
from tests.permissions.matrix import MATRIX
from tests.permissions.ward import NOBODY, ROLES, Ward

pytestmark = pytest.mark.django_db

CALLS = [(name, method) for name, row in MATRIX.items() for method in row.calls]
NOT_THERE = "999999999"
# Whose proof is not a session: a shared secret, a token in the address.
POSTED_BY_PROGRAMS = {"hook-orthanc", "api:nothing-here", "fhir:nothing-here", "patients:decline-messages"}
OF_ONE_OBJECT = [
    (name, method)
    for name, row in MATRIX.items()
    for method, answers in row.calls.items()
    if answers["outsider"] == 404 and any(not value.startswith("=") for value in row.args.values())
]


def address(name: str, ward: Ward, *, absent: bool = False) -> str:
    """The URL with the ward's ids; `absent` puts one that does not exist in place of each."""
    row = MATRIX[name]
    args = {
        key: value[1:].format(**ward.names) if value.startswith("=") else NOT_THERE if absent else ward.names[value]
        for key, value in row.args.items()
    }
    return reverse(name, kwargs=args) + row.query.format(**ward.names)


def status_of(response: Any) -> int | str:
    if response.status_code == 302 and response.headers["Location"].startswith("/accounts/login/"):
        return SIGN_IN
    return int(response.status_code)


def test_every_address_stands_in_the_matrix() -> None:
    missing = {name: route for name, route in named() if name not in MATRIX}
    words = [f'add "{name}": Row(…) to tests/permissions/matrix.py, for the route {missing[name]}' for name in missing]
    assert words == []


def test_the_matrix_names_no_address_that_is_gone() -> None:
    assert set(MATRIX) - {name for name, _route in named()} == set()


@pytest.mark.parametrize("name", MATRIX)
def test_every_role_has_an_answer(name: str) -> None:
    assert MATRIX[name].calls
    assert all(set(answers) == set(ROLES) for answers in MATRIX[name].calls.values())


@pytest.mark.parametrize(("name", "method"), CALLS)
def test_each_role_is_answered_as_the_matrix_says(name: str, method: str, ward: Ward) -> None:
    answered = {}
    for role in ROLES:
        with undone():
            answered[role] = status_of(ward.ask(role, method, address(name, ward), MATRIX[name].body))
    assert answered == MATRIX[name].calls[method]


@contextmanager
def undone() -> Iterator[None]:
    """What one role does, the next one does not find."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize(("name", "method"), OF_ONE_OBJECT)
def test_an_outsider_cannot_tell_what_is_hidden_from_what_is_not_there(name: str, method: str, ward: Ward) -> None:
    body = MATRIX[name].body
    hidden = ward.ask("outsider", method, address(name, ward), body)
    absent = ward.ask("outsider", method, address(name, ward, absent=True), body)
    assert hidden.status_code == absent.status_code == 404
    assert without_tokens(hidden.content) == without_tokens(absent.content)


TOKENS = re.compile(rb'"(?:csrfmiddlewaretoken|csrf-token)" (?:value|content)="[^"]+"')


def without_tokens(page: bytes) -> bytes:
    return TOKENS.sub(b"", page)


OURS = [name for name, row in MATRIX.items() if not name.startswith(("account", "mfa", "user", "admin", "viewer:"))]


@pytest.mark.parametrize("name", OURS)
def test_a_method_that_is_not_foreseen_is_refused_as_such(name: str, ward: Ward) -> None:
    calls = MATRIX[name].calls
    allowed = next(role for answers in calls.values() for role in ROLES[1:] if answers[role] != 403)
    browser = ward.browser(allowed)
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - set(calls):
        response = browser.generic(method, address(name, ward), "{}", content_type="application/json")
        assert response.status_code == (404 if name == "api:nothing-here" else 405), method


@pytest.mark.parametrize("name", [name for name in OURS if MATRIX[name].post and name not in POSTED_BY_PROGRAMS])
def test_a_form_of_another_site_is_refused(name: str, ward: Ward) -> None:
    """No CSRF token came with it."""
    allowed = next(role for role in ROLES[1:] if str(MATRIX[name].post[role])[0] in "235")
    body = ward.fill(MATRIX[name].body)
    form = {} if isinstance(body, bytes) else body
    response = ward.browser(allowed, strict=True).post(address(name, ward), form)
    assert response.status_code == 403


@pytest.mark.parametrize("name", [name for name in OURS if any(403 in a.values() for a in MATRIX[name].calls.values())])
def test_a_refusal_is_written_down(name: str, ward: Ward) -> None:
    method, answers = next(call for call in MATRIX[name].calls.items() if 403 in call[1].values())
    role = next(role for role in ROLES if answers[role] == 403)
    ward.ask(role, method, address(name, ward), MATRIX[name].body)
    row = AuditEvent.objects.order_by("-id")[0]
    assert (row.action, row.outcome, row.event_code) == ("security.refused", "refused", "110113")
    assert row.detail["view"] == name
    assert row.actor_kind == "user"


def test_nobody_is_led_to_the_page_they_wanted_after_the_sign_in(ward: Ward) -> None:
    response = ward.ask(NOBODY, "GET", address("patients:detail", ward), {})
    assert response.headers["Location"] == f"/accounts/login/?next={address('patients:detail', ward)}"


@pytest.mark.parametrize("key", ["0", "9" * 18, "9" * 40])
def test_a_number_of_any_size_is_just_not_there(key: str, ward: Ward) -> None:
    for role, path in {"clerk": "patients", "radiologist": "reports", "technologist": "schedule"}.items():
        assert ward.ask(role, "GET", f"/{path}/{key}/", {}).status_code == 404
