"""A token of a few areas: what it reaches and what it does not, by REST, by FHIR and by DICOMweb."""

from __future__ import annotations

import pytest
from django.test import Client
from rest_framework.test import APIClient

from ris.accounts.models import ApiToken, User
from ris.accounts.scopes import AREAS, EVERYTHING, WORDS, missing, place, reads
from ris.audit.models import AuditEvent
from tests.permissions.addresses import named
from tests.world import World

WRITES, READS = {"patients:write", "orders:read"}, {"reports:read"}
# What is asked, by whom it is asked, and what a token of these scopes lacks.
TABLE = [
    ("GET", "/api/v1/patients/", WRITES, ""),
    ("POST", "/api/v1/patients/7/merge/", WRITES, ""),
    ("GET", "/api/v1/orders/", WRITES, ""),
    ("POST", "/api/v1/orders/", WRITES, "orders:write"),
    ("POST", "/api/v1/safety-answers/", WRITES, "orders:write"),
    ("GET", "/api/v1/reports/", WRITES, "reports:read"),
    ("GET", "/api/v1/patientsX/", WRITES, EVERYTHING),
    ("GET", "/api/v1/", WRITES, ""),
    ("GET", "/api/v1/schema/", READS, ""),
    ("GET", "/fhir/metadata", READS, ""),
    ("GET", "/fhir/Patient/1", READS, "patients:read"),
    ("GET", "/fhir/DiagnosticReport/1", READS, ""),
    ("GET", "/fhir/Binary/1", READS, ""),
    ("POST", "/fhir/ServiceRequest", {"orders:read"}, "orders:write"),
    ("POST", "/fhir/ServiceRequest/_search", {"orders:read"}, ""),
    ("POST", "/fhir/ServiceRequest/1/_search", {"orders:read"}, "orders:write"),
    ("POST", "/fhir/Appointment", {"schedule:write"}, ""),
    ("GET", "/fhir/AuditEvent", {"audit:read"}, ""),
    ("GET", "/viewer/dicom-web/studies/1/metadata", {"viewer:read"}, ""),
    ("GET", "/viewer/dicom-web/studies/1/metadata", {"viewer:store"}, "viewer:read"),
    ("POST", "/viewer/dicom-web/studies", {"viewer:store"}, ""),
    ("POST", "/viewer/dicom-web/studies", {"viewer:read", "reports:write"}, "viewer:store"),
    ("GET", "/viewer/permit", {"studies:read"}, "viewer:read"),
    ("GET", "//api/v1/patients/", {"orders:read"}, "patients:read"),
    ("POST", "/api/v1/anything/", {EVERYTHING}, ""),
    ("GET", "/api/v1/patients/", set(), "patients:read"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "scopes", "lacking"), TABLE)
def test_what_a_token_lacks_for_an_address(method: str, path: str, scopes: set[str], lacking: str) -> None:
    assert missing(scopes, path, reading=reads(method, path)) == lacking


def test_every_address_of_programs_is_in_one_area_and_every_area_has_its_addresses() -> None:
    routes = {"api": "/api/v1/", "fhir": "/fhir/"}
    asked = {place(f"{routes[name.partition(':')[0]]}{route.lstrip('^')}")
             for name, route in named() if name.partition(":")[0] in routes and "nothing-here" not in name}  # fmt: skip
    known = [address for area in AREAS for address in area.addresses]
    assert asked - set(known) - {"api/v1/", "api/v1/schema", "api/v1/docs", "fhir/metadata"} == set()
    assert set(known) - asked == set()
    assert len(known) == len(set(known))


def test_every_scope_is_told_in_plain_words() -> None:
    assert {area.name for area in AREAS if not area.change} == {"audit", "figures", "billing"}
    assert len(set(WORDS.values())) == len(WORDS) == 2 * len(AREAS) - 3
    assert all(words[0].isupper() and "_" not in words for words in WORDS.values())


def program(user: User, *scopes: str, read_only: bool = False) -> APIClient:
    _token, key = ApiToken.issue(user, "few things", read_only=read_only, scopes=scopes or (EVERYTHING,))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    return client


@pytest.mark.db
def test_a_token_of_two_areas_does_there_what_its_owner_may_and_elsewhere_nothing(world: World) -> None:
    clerk = program(world.clerk, "patients:write", "orders:read")
    somebody = {"family_name": "X", "site": "north", "sparse": True}
    assert clerk.post("/api/v1/patients/", somebody, format="json").status_code == 201
    assert clerk.get("/api/v1/orders/").status_code == 200
    refused = clerk.post("/api/v1/orders/", {}, format="json")
    assert (refused.status_code, refused.json()["message"]) == (403, "This token lacks the scope orders:write.")
    assert clerk.get("/api/v1/rooms/").status_code == 403
    assert clerk.get("/fhir/Appointment").json()["resourceType"] == "OperationOutcome"
    assert clerk.get("/viewer/dicom-web/studies").status_code == 403
    referrer = program(world.referrer, "patients:write")
    assert referrer.post("/api/v1/patients/", somebody, format="json").status_code == 403


@pytest.mark.db
def test_nothing_of_another_area_comes_along_or_is_searched_through(world: World) -> None:
    order = world.order()
    number = order.patient.identifiers.get().value
    narrow, wide = program(world.clerk, "orders:read"), program(world.clerk, "orders:read", "patients:read")
    query = {"_include": "ServiceRequest:patient", "_revinclude": "Appointment:based-on"}

    def kinds(client: APIClient) -> list[str]:
        return [one["resource"]["resourceType"] for one in client.get("/fhir/ServiceRequest", query).json()["entry"]]

    assert kinds(narrow) == ["ServiceRequest"]
    assert kinds(wide) == ["ServiceRequest", "Patient"]
    through = [one.get("/fhir/ServiceRequest", {"patient.identifier": number}) for one in (narrow, wide)]
    assert [one.status_code for one in through] == [403, 200]


@pytest.mark.db
def test_tokens_of_before_reach_what_they_reached(world: World) -> None:
    old = program(world.clerk, read_only=True)
    assert old.get("/api/v1/rooms/").status_code == 200
    assert old.post("/api/v1/patients/", {}, format="json").json()["message"] == "This token may only read."


@pytest.mark.db
def test_the_token_page_gives_a_key_once_for_what_was_chosen(world: World) -> None:
    page = Client()
    page.force_login(world.admin, "allauth.account.auth_backends.AuthenticationBackend")
    form = {"name": "Ward import", "user": world.clerk.pk, "scopes": ["patients:read"], "expires_at_0": "2099-01-01",
            "expires_at_1": "00:00"}  # fmt: skip
    shown = page.post("/admin/accounts/apitoken/add/", form, follow=True).content.decode()
    token = ApiToken.objects.get()
    assert (token.scopes, token.read_only) == (["patients:read"], True)
    key = shown.partition("shown this one time: ")[2].partition("<")[0].strip()
    assert ApiToken.hash_of(key) == token.digest
    assert AuditEvent.objects.get(action="security.token-issued").detail["scopes"] == ["patients:read"]
    again = page.post(f"/admin/accounts/apitoken/{token.pk}/change/", {**form, "scopes": ["orders:write"]}, follow=True)
    assert key not in again.content.decode()
    token.refresh_from_db()
    assert (token.scopes, token.read_only, ApiToken.hash_of(key)) == (["orders:write"], False, token.digest)
    wrong = page.post("/admin/accounts/apitoken/add/", {**form, "scopes": ["*", "orders:read"]})
    assert "Choose everything, or choose areas." in wrong.content.decode()
