"""Who comes in: tokens, sessions, and neither."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from ris.accounts.models import ApiToken
from ris.patients.models import Patient
from tests.api.conftest import program_of
from tests.world import World

pytestmark = pytest.mark.db
PATIENTS = "/api/v1/patients/"
PERSON = {"family_name": "Newcomer", "site": "north", "sparse": True}
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
STATIONS = ["patients", "procedures", "orders", "rooms", "steps", "appointments", "studies", "reports", "schema"]


@pytest.mark.parametrize("station", STATIONS)
def test_nobody_in_particular_is_not_let_in(world: World, station: str) -> None:
    answer = APIClient().get(f"/api/v1/{station}/")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")
    assert answer.json()["error"] == "not-authenticated"


@pytest.mark.parametrize("header", ["Token nonsense", "Token", "Token  ", "Token \xff\xfe", "Bearer x", "Basic YTpi"])
def test_an_unknown_token_is_not_let_in(world: World, header: str) -> None:
    answer = APIClient().get(PATIENTS, headers={"authorization": header})
    assert answer.status_code == 401


def test_an_expired_token_is_not_let_in(world: World) -> None:
    program = program_of(world.clerk)
    assert program.get(PATIENTS).status_code == 200
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    answer = program.get(PATIENTS)
    assert (answer.status_code, answer.json()["error"]) == (401, "authentication-failed")


def test_a_token_ends_with_its_owner(world: World) -> None:
    program = program_of(world.clerk)
    world.clerk.is_active = False
    world.clerk.save(update_fields=["is_active"])
    assert program.get(PATIENTS).status_code == 401


def test_a_read_only_token_reads_and_does_not_write(world: World) -> None:
    program = program_of(world.clerk, read_only=True)
    assert program.get(PATIENTS).status_code == 200
    answer = program.post(PATIENTS, PERSON, format="json")
    assert (answer.status_code, answer.json()["error"]) == (403, "permission-denied")
    assert not Patient.objects.exists()


def test_a_session_writes_only_with_its_csrf_value(world: World) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(world.clerk, BACKEND)
    assert browser.get(PATIENTS).status_code == 200
    answer = browser.post(PATIENTS, PERSON, content_type="application/json")
    assert answer.status_code == 403
    assert "CSRF" in answer.json()["message"]
    assert not Patient.objects.exists()
    browser.get("/patients/new/")
    value = browser.cookies["csrftoken"].value
    answer = browser.post(PATIENTS, PERSON, content_type="application/json", headers={"x-csrftoken": value})
    assert answer.status_code == 201, answer.json()


def test_a_role_that_was_taken_away_is_gone_at_once(world: World) -> None:
    program = program_of(world.clerk)
    world.clerk.memberships.all().delete()
    assert program.get(PATIENTS).status_code == 403


def test_no_answer_is_kept_by_a_cache(clerk: APIClient) -> None:
    assert clerk.get(PATIENTS)["Cache-Control"] == "private, no-store"
    assert clerk.get(f"{PATIENTS}4711/")["Cache-Control"] == "private, no-store"
