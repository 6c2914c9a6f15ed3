"""Whoever tries another site's numbers, and whoever gives rights away, stands in the audit trail."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.test import Client

from ris.accounts.models import ApiToken, User
from ris.audit.models import AuditEvent
from ris.core import middleware
from tests.world import World

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}  # a page carries a CSRF token that differs each time


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def refusals() -> list[tuple[str, str, str]]:
    rows = AuditEvent.objects.filter(outcome="refused").values_list("actor_id", "target_id", "detail__reason")
    return list(rows)


def test_asking_for_another_sites_patient_is_audited_and_answered_like_a_number_that_is_nobodys(world: World) -> None:
    patient = world.patient()
    client = signed_in(world.outsider)
    theirs = client.get(f"/patients/{patient.pk}/", headers=JSON)
    assert refusals() == [(str(world.outsider.pk), str(patient.pk), "not-found")]
    nobodys = client.get("/patients/987654/", headers=JSON)
    assert len(refusals()) == 1
    assert (theirs.status_code, theirs.content) == (nobodys.status_code, nobodys.content)
    assert theirs.status_code == 404


def test_a_programs_question_for_it_is_audited_too(world: World) -> None:
    patient = world.patient()
    _token, key = ApiToken.issue(world.outsider, "tests")
    answer = Client().get(f"/api/v1/patients/{patient.pk}/", headers={"Authorization": f"Token {key}"})
    assert answer.status_code == 404
    assert refusals() == [(str(world.outsider.pk), str(patient.pk), "not-found")]


def test_a_refusal_stays_a_refusal_when_the_trail_cannot_be_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(middleware, "refused", locked)
    assert signed_in(world.clerk).get("/audit/").status_code == 403


def test_a_role_given_in_the_admin_is_audited_by_field_and_never_by_name(world: World) -> None:
    site = {"name": "Westside", "code": "west", "time_zone": "Europe/Berlin", "patient_id_issuer": "WEST",
            "accession_prefix": "W", "address": ""}  # fmt: skip
    client = signed_in(world.admin)
    assert client.post("/admin/accounts/site/add/", site).status_code == 302
    row = AuditEvent.objects.get(action="admin.added")
    assert (row.actor_id, row.target_kind) == (str(world.admin.pk), "accounts.site")
    assert "Westside" not in str(row.detail)


def test_nothing_is_deleted_in_bulk_past_the_trail(world: World) -> None:
    page = signed_in(world.admin).get("/admin/accounts/user/").content.decode()
    assert "delete_selected" not in page
