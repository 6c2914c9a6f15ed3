"""A domain error is told in words, in the form that was asked for; a refusal is audited, a busy database is no 500."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from ris.core.errors import (
    Collision,
    ConcurrentUpdateError,
    DomainError,
    InvalidInput,
    NotFound,
    NotPermitted,
    TransitionError,
    Unavailable,
)
from ris.core.forms import attempt
from ris.core.hooks import Hook
from ris.core.middleware import DomainErrors, as_response, refused
from ris.patients.forms import PatientForm

STATUS = {
    NotPermitted: 403,
    NotFound: 404,
    TransitionError: 409,
    ConcurrentUpdateError: 409,
    Collision: 409,
    InvalidInput: 422,
    Unavailable: 503,
}


def asked(path: str = "/patients/", **headers: str) -> HttpRequest:
    request = RequestFactory().get(path, headers=headers)
    request.resolver_match = None
    return request


def middleware() -> DomainErrors:
    return DomainErrors(lambda _request: HttpResponse())


@pytest.mark.parametrize(("kind", "status"), STATUS.items())
def test_each_error_has_its_status_and_its_words(kind: type[DomainError], status: int, db: None) -> None:
    response = as_response(asked(), kind("Choose another room."))
    assert response.status_code == status
    assert b"Choose another room." in response.content


@pytest.mark.parametrize("request_of", [
    lambda: asked("/api/v1/x/"), lambda: asked("/hooks/orthanc"), lambda: asked(Accept="application/json"),
])  # fmt: skip
def test_programs_get_json(request_of: Callable[[], HttpRequest]) -> None:
    response = as_response(request_of(), InvalidInput("No.", fields={"day": "Which?"}))
    assert json.loads(response.content) == {"error": "invalid", "message": "No.", "fields": {"day": "Which?"}}


def test_a_part_of_a_page_gets_a_part_of_a_page(db: None) -> None:
    response = as_response(asked(**{"HX-Request": "true"}), NotFound("It is gone."))
    assert b"It is gone." in response.content
    assert b"<html" not in response.content


def test_words_cannot_carry_markup(db: None) -> None:
    response = as_response(asked(), InvalidInput("<script>alert(1)</script>", fields={"x": "<img src=x>"}))
    assert b"<script>alert" not in response.content
    assert b"<img src=x" not in response.content


def test_what_is_not_available_says_when_to_come_again(db: None) -> None:
    assert as_response(asked(), Unavailable("The archive does not answer.")).headers["Retry-After"] == "5"


@pytest.mark.parametrize("words", ["database is locked", "deadlock detected\nDETAIL:  Process 1 waits for ShareLock"])
def test_a_busy_database_is_told_as_such(words: str, db: None) -> None:
    response = middleware().process_exception(asked(), OperationalError(words))
    assert response is not None
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")


@pytest.mark.parametrize(
    "fault",
    [
        OperationalError("database or disk is full"),
        OperationalError('could not extend file "base/5/1": No space left on device'),
        OSError(errno.ENOSPC, "No space left on device"),
    ],
)
def test_a_full_disk_is_told_as_such(fault: Exception, db: None) -> None:
    response = middleware().process_exception(asked(), fault)
    assert response is not None
    assert response.status_code == 503
    assert b"disk is full" in response.content


def test_other_faults_are_left_to_django(db: None) -> None:
    assert middleware().process_exception(asked(), OperationalError("no such table")) is None
    assert middleware().process_exception(asked(), ValueError("a fault of ours")) is None
    assert middleware().process_exception(asked(), OSError(errno.EACCES, "Permission denied")) is None


def test_only_a_refusal_is_told_to_the_audit_trail(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[DomainError] = []
    monkeypatch.setattr(refused, "_listeners", {"test": lambda _request, error: told.append(error)})
    for kind in STATUS:
        middleware().process_exception(asked(), kind("No."))
    assert [type(error) for error in told] == [NotPermitted]


def test_a_listener_of_a_hook_may_refuse() -> None:
    hook: Hook[[int]] = Hook()
    heard: list[int] = []
    hook.register("one", heard.append)

    def refuse(_number: int) -> None:
        raise TransitionError("Not now.")

    hook.register("two", refuse)
    with pytest.raises(TransitionError):
        hook(7)
    assert heard == [7]


def raising(error: DomainError) -> Callable[[], object]:
    def action() -> object:
        raise error

    return action


def test_faults_stand_beside_their_fields() -> None:
    form = PatientForm({"family_name": "A"})
    assert form.is_valid()
    assert attempt(form, raising(InvalidInput("Some fields.", fields={"family_name": "Too short."}))) is None
    assert form.errors == {"family_name": ["Too short."]}


def test_a_fault_of_no_field_stands_above_the_form() -> None:
    form = PatientForm({"family_name": "A"})
    assert form.is_valid()
    assert attempt(form, raising(InvalidInput("Not like this.", fields={"unknown": "x"}))) is None
    assert form.errors == {"__all__": ["Not like this."]}


def test_a_collision_is_told_at_the_field_and_above() -> None:
    form = PatientForm({"family_name": "A"})
    assert form.is_valid()
    attempt(form, raising(Collision("CT 1 is taken.", fields={"family_name": "Taken."})))
    assert form.errors == {"family_name": ["Taken."], "__all__": ["CT 1 is taken."]}


def test_other_errors_are_not_swallowed_by_a_form() -> None:
    form = PatientForm({"family_name": "A"})
    with pytest.raises(NotPermitted):
        attempt(form, raising(NotPermitted("Not you.")))
