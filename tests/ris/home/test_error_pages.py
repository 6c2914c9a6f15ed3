from __future__ import annotations

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from ris.core.errors import DomainError, InvalidInput, NotFound, NotPermitted, TransitionError, Unavailable
from ris.core.middleware import as_response
from ris.home.views import server_error

ERRORS = [NotPermitted, NotFound, TransitionError, InvalidInput, Unavailable]


@pytest.fixture
def request_of_nobody(rf: RequestFactory) -> HttpRequest:
    from django.contrib.auth.models import AnonymousUser

    request = rf.get("/somewhere/")
    request.user = AnonymousUser()
    return request


def test_an_unknown_address_answers_404_in_words(client: Client) -> None:
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()


@pytest.mark.parametrize("kind", ERRORS)
def test_a_domain_error_is_a_page_with_its_status_and_its_words(
    kind: type[DomainError], request_of_nobody: HttpRequest
) -> None:
    response = as_response(request_of_nobody, kind("The slot is taken. Choose another."))
    assert response.status_code == kind.status
    assert "The slot is taken. Choose another." in response.content.decode()


def test_faults_of_fields_are_listed(request_of_nobody: HttpRequest) -> None:
    response = as_response(request_of_nobody, InvalidInput("Not saved.", fields={"birth": "It lies in the future."}))
    assert "<li>It lies in the future.</li>" in response.content.decode()


def test_htmx_gets_the_message_alone(rf: RequestFactory) -> None:
    response = as_response(rf.get("/", headers={"HX-Request": "true"}), TransitionError("Already signed."))
    assert response.status_code == 409
    assert "<html" not in response.content.decode()
    assert "data-error-message>Already signed." in response.content.decode()


def test_a_fault_of_ours_needs_no_database(rf: RequestFactory) -> None:
    # Without the db mark any query here would fail the test.
    response = server_error(rf.get("/"))
    assert response.status_code == 500
    assert "A fault of ours" in response.content.decode()


def test_a_form_without_its_token_is_refused_with_advice(db: None) -> None:
    response = Client(enforce_csrf_checks=True).post(reverse("account_login"), {"login": "a", "password": "b"})
    assert response.status_code == 403
    assert "The form has expired" in response.content.decode()
